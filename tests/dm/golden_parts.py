"""What golden messages are made of: the two ends of a session, and what they often say."""

from msgspec import Struct

from fumo.dm.message import (
    Alert,
    Chal,
    Command,
    Cred,
    Header,
    Item,
    Location,
    Message,
    Meta,
    Replace,
    Status,
)

SERVER = Location("http://dm.example:8080/dm")
DEVICE = Location("IMEI:493005100592800")
DEVICE_WITH_USER = Location("IMEI:493005100592800", "Bruce2")
SERVER_WITH_NAME = Location("http://dm.example:8080/dm", "mgmt")
MD5 = Meta("b64", "syncml:auth-md5")
FUMO = "./FUMO/Phone"
DOWNLOAD_AND_UPDATE = "org.openmobilealliance.dm.firmwareupdate.downloadandupdate"


class Golden(Struct, frozen=True):
    """One message, and why it is as it is."""

    origin: str
    message: Message
    in_xml: bool = True
    """Raw bytes have no XML that reads as the same value."""
    nests: bool = False
    """Whether it has a container in a container, or a command that DM does not have."""


def from_device(number: int, *commands: Command, cred: Cred | None = None, final: bool = True):
    """A message of the device in the session."""
    source = DEVICE_WITH_USER if cred else DEVICE
    meta = Meta(max_msg_size=16384, max_obj_size=262144) if number == 1 else None
    header = Header("5F", number, SERVER, source, cred=cred, meta=meta)
    return Message(header, commands, final)


def from_server(number: int, *commands: Command, cred: Cred | None = None, final: bool = True):
    """A message of the server in the session."""
    source = SERVER_WITH_NAME if cred else SERVER
    resp_uri = "http://dm.example:8080/dm?s=Zx9"
    header = Header("5F", number, DEVICE, source, resp_uri=resp_uri, cred=cred)
    return Message(header, commands, final)


def dev_info() -> Replace:
    """The five nodes every session begins with."""
    nodes = {
        "DevId": "IMEI:493005100592800",
        "Man": "Example & Söhne",
        "Mod": "Meter <3>",
        "DmV": "1.2",
        "Lang": "de-AT",
    }
    items = (Item(source=Location(f"./DevInfo/{name}"), data=data) for name, data in nodes.items())
    return Replace(tuple(items), 2)


def header_status(number: int, ref: int, code: int, chal: Chal | None = None) -> Status:
    """The answer to a header."""
    return Status(ref, 0, "SyncHdr", code, number, (DEVICE.uri,), (SERVER.uri,), chal=chal)


def result_alert(number: int, code: str, mark: str | None) -> Alert:
    """The Generic Alert of an operation."""
    meta = Meta("chr", DOWNLOAD_AND_UPDATE, mark)
    return Alert(1226, number, "op-7f3a", (Item(source=Location(FUMO), meta=meta, data=code),))


def at(uri: str, data: str | bytes | None = None, meta: Meta | None = None) -> Item:
    """An item for a node of the device."""
    return Item(target=Location(uri), meta=meta, data=data)


def of(uri: str, data: str | bytes | None = None, meta: Meta | None = None) -> Item:
    """An item from a node of the device."""
    return Item(source=Location(uri), meta=meta, data=data)


def ok(ref: int, cmd_ref: int, cmd: str, number: int, code: int = 200, target: str = "") -> Status:
    """The answer to a command."""
    return Status(ref, cmd_ref, cmd, code, number, (target,) if target else ())
