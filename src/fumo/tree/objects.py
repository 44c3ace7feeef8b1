"""DevInfo, DevDetail and DMAcc as nodes, built from a device's `Description` (DM StdObj §5). Pure.

Secrets and nonces are nodes without Get: a server may find that they exist, never what they are.
"""

from collections.abc import Iterable

from msgspec import Struct

from fumo.codes import ManagementObject
from fumo.dm.auth import BASIC, MAC
from fumo.tree import acl
from fumo.tree.node import Node, Verb
from fumo.tree.uri import Limits

READ = frozenset({Verb.GET})
HIDDEN: frozenset[Verb] = frozenset()
ACCOUNT = "./DMAcc/Server"


class Description(Struct, frozen=True):
    """What a device tells of itself. `server_id` and the rest are its one DM account."""

    device_id: str
    man: str = "Fumo"
    mod: str = "fumo-device"
    lang: str = "en"
    dev_typ: str = "device"
    oem: str = "Fumo"
    fw_v: str = "0"
    sw_v: str = "0"
    hw_v: str = "1"
    server_id: str = ""
    server_url: str = ""
    user: str = ""
    scheme: str = ""
    limits: Limits = Limits()


def root() -> dict[str, Node]:
    """The node all others hang from: Get only, since nothing may be added at the top.

    Its list says what any server may do where no other list does (DM TND §7.7.1.2).
    """
    return {".": interior().with_list(acl.ROOT_LIST)}


def inbox() -> dict[str, Node]:
    """The door for whole management objects; nothing in it can be read (DM StdObj §5.6)."""
    return {"./Inbox": Node("node", "", ManagementObject.INBOX, HIDDEN)}


def granted(server_id: str, verbs: Iterable[Verb], everybody: Iterable[Verb] = ()) -> str:
    """A list for one server, and for everybody; none for a server that no list can name."""
    if not acl.is_identity(server_id):
        return ""
    own = {verb: frozenset({server_id}) for verb in verbs}
    return acl.written({**own, **{verb: frozenset({acl.EVERYBODY}) for verb in everybody}})


def interior(type_: str = "") -> Node:
    """A permanent interior node; `type_` names the management object that begins here."""
    return Node("node", "", type_, READ)


def leaf(value: str, format_: str = "chr", access: frozenset[Verb] = READ) -> Node:
    """A permanent leaf."""
    return Node(format_, value, "text/plain", access)


def dev_info(device: Description) -> dict[str, Node]:
    """The five nodes that package 1 must carry, in its order."""
    values = {
        "DevId": device.device_id,
        "Man": device.man,
        "Mod": device.mod,
        "DmV": "1.2",
        "Lang": device.lang,
    }
    nodes = {"./DevInfo": interior(ManagementObject.DEV_INFO)}
    return nodes | {f"./DevInfo/{name}": leaf(value) for name, value in values.items()}


def dev_detail(device: Description) -> dict[str, Node]:
    """Versions, limits of addresses, and that large objects are not spoken."""
    limits = device.limits
    values = {
        "URI/MaxDepth": str(limits.depth_max),
        "URI/MaxTotLen": str(limits.length_max),
        "URI/MaxSegLen": str(limits.segment_max),
        "DevTyp": device.dev_typ,
        "OEM": device.oem,
        "FwV": device.fw_v,
        "SwV": device.sw_v,
        "HwV": device.hw_v,
    }
    nodes = {
        "./DevDetail": interior(ManagementObject.DEV_DETAIL),
        "./DevDetail/URI": interior(),
        "./DevDetail/LrgObj": leaf("true", "bool"),
    }
    return nodes | {f"./DevDetail/{name}": leaf(value) for name, value in values.items()}


def dm_acc(device: Description) -> dict[str, Node]:
    """The account with the server; its credentials of both directions are hidden."""
    values = {
        "AppID": "w7",
        "ServerID": device.server_id,
        "AppAddr/Address/Addr": device.server_url,
        "AppAddr/Address/AddrType": "URI",
        "AAuthPref": _auth_type(device.scheme),
    }
    owner = granted(device.server_id, (Verb.DELETE, Verb.GET, Verb.REPLACE))
    account = interior(ManagementObject.DM_ACC).with_list(owner)
    nodes = {"./DMAcc": interior(), ACCOUNT: account}
    for name in ("AppAddr", "AppAddr/Address", "AppAuth"):
        nodes[f"{ACCOUNT}/{name}"] = interior()
    nodes |= {f"{ACCOUNT}/{name}": leaf(value) for name, value in values.items()}
    own = _auth("Client", "CLCRED", device.scheme, device.user)
    return nodes | own | _auth("Server", "SRVCRED", device.scheme, device.server_id)


def _auth(name: str, level: str, scheme: str, user: str) -> dict[str, Node]:
    where = f"{ACCOUNT}/AppAuth/{name}"
    return {
        where: interior(),
        f"{where}/AAuthLevel": leaf(level),
        f"{where}/AAuthType": leaf(_auth_type(scheme)),
        f"{where}/AAuthName": leaf(user),
        f"{where}/AAuthSecret": leaf("", access=HIDDEN),
        f"{where}/AAuthData": leaf("", "bin", HIDDEN),
    }


def _auth_type(scheme: str) -> str:
    return {BASIC: "BASIC", MAC: "HMAC"}.get(scheme, "DIGEST")
