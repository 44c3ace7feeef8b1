"""Documents as values, each with its origin; their bytes are in `tests/documents/`."""

from msgspec import Struct

from fumo.dm.ddf import Ddf, DdfNode
from fumo.dm.prov import Characteristic, Parm, Provisioning
from fumo.dm.tnds import TndsNode, TndsTree

GET_ALL = ("Add", "Delete", "Get", "Replace")


class Golden(Struct, frozen=True):
    """One document, and why it is as it is."""

    origin: str
    value: TndsTree | Ddf | Provisioning


def leaf(name: str, value: str, type_: str = "text/plain") -> TndsNode:
    """A leaf of text."""
    return TndsNode(name, format="chr", type=type_, value=value)


MAIL = TndsTree(
    (
        TndsNode(
            "E-Mail",
            acl="Get=*&Replace=mgmt",
            format="node",
            type="com.operatorX.dm/1.0/EMail",
            children=(
                TndsNode(
                    "POP3",
                    format="node",
                    type="",
                    children=(
                        leaf("POPServer", "mail.example & <co>"),
                        TndsNode("Key", format="bin", value=bytes(range(0, 256, 17)), verno=65535),
                        TndsNode("Port", format="int", tstamp="20010711T163817Z", value="110"),
                    ),
                ),
            ),
        ),
        TndsNode("Name", "E-Mail/POP3", title="as of \u201817", format="chr", value=""),
    ),
    man="Example & Söhne",
    mod="Meter <3>",
)
ACCOUNT = TndsTree(
    (
        TndsNode(
            "",
            format="node",
            type="urn:oma:mo:oma-dm-dmacc:1.0",
            children=(leaf("AppID", "w7"), leaf("ServerID", "mgmt")),
        ),
    )
)
GOLDEN = {
    "tree-mail": Golden(
        "DM TNDS 6.1.3: a mail object, nested and by Path, with all it can say", MAIL
    ),
    "tree-account": Golden(
        "DM Bootstrap 5.3: an account for the Inbox, named by the device", ACCOUNT
    ),
    "description": Golden(
        "DM TND 9: an update object; its node is named by the server",
        Ddf(
            (
                DdfNode(
                    "",
                    "./FUMO",
                    access=("Get",),
                    format="node",
                    occurrence="ZeroOrN",
                    most=4,
                    scope="Permanent",
                    ddf_name="urn:oma:mo:oma-fumo:1.0",
                    children=(
                        DdfNode(
                            "PkgURL",
                            access=("Get", "Replace"),
                            default="",
                            description="where the package is fetched",
                            format="chr",
                            title="Package URL",
                            types=("text/plain",),
                            case_sense="CS",
                        ),
                        DdfNode("State", access=("Get",), format="int", types=("text/plain",)),
                    ),
                ),
            ),
            man="Example",
        ),
    ),
    "w7": Golden(
        "DM Bootstrap 5.2.1: a DM account by the CP profile, with both sides' credentials",
        Provisioning(
            (
                Characteristic(
                    "APPLICATION",
                    (
                        Parm("APPID", "w7"),
                        Parm("PROVIDER-ID", "mgmt"),
                        Parm("NAME", 'A & "B"'),
                        Parm("INIT"),
                    ),
                    (
                        Characteristic(
                            "APPADDR",
                            (Parm("ADDR", "http://dm.example/dm"), Parm("ADDRTYPE", "ALPHA")),
                            (Characteristic("PORT", (Parm("PORTNBR", "8080"),)),),
                        ),
                        Characteristic(
                            "APPAUTH",
                            (
                                Parm("AAUTHLEVEL", "APPSRV"),
                                Parm("AAUTHTYPE", "DIGEST"),
                                Parm("AAUTHNAME", "Bruce2"),
                                Parm("AAUTHSECRET", "OhBehave"),
                                Parm("AAUTHDATA", "Tm9uY2U="),
                            ),
                        ),
                        Characteristic(
                            "APPAUTH",
                            (Parm("AAUTHLEVEL", "CLIENT"), Parm("AAUTHSECRET", "secret")),
                        ),
                    ),
                ),
            )
        ),
    ),
}
