"""An account as a DM message brings it: a tree added to ./Inbox (DM Bootstrap §5.3). Pure.

The tree holds a DMAcc object (DM StdObj §5.3), known by its type; other objects in it are not
ours. Commands of the message that do anything else are not done: a bootstrap gives an account, and
nothing more.
"""

from collections.abc import Iterator

from fumo.dm.account import APP_ID, WORDS, Proof, Provisioned, settle
from fumo.dm.codec import decode, encode
from fumo.dm.message import WBXML, Add, Header, Item, Location, Message, Meta
from fumo.dm.tnds import TndsNode, TndsTree, decode_tnds, encode_tnds
from fumo.errors import DecodeError

INBOX = "./Inbox"
DM_ACC = "urn:oma:mo:oma-dm-dmacc:"
VERSIONS = (f"{DM_ACC}1.1", f"{DM_ACC}1.0")
"""Types of the object that we know, the newest first."""
DM_ACC_1_0 = VERSIONS[-1]
TNDS = "application/vnd.syncml.dmtnds+wbxml"
OWN, SERVER = "CLCRED", "SRVCRED"
GRANTED = "Delete={0}&Get={0}&Replace={0}"


def read(body: bytes) -> Provisioned:
    """The one DM account that a message adds."""
    trees = [_tree(item) for item in _added(decode(body, WBXML))]
    found = _newest([node for tree in trees for node in _objects(tree.nodes)])
    if len(found) != 1:
        raise DecodeError(f"{len(found)} accounts for DM, not one")
    return _account(dict(_leaves(found[0])))


def written(account: Provisioned) -> bytes:
    """The message for an account, in WBXML."""
    data = encode_tnds(TndsTree((_object(account),)), TNDS)
    item = Item(target=Location(INBOX), meta=Meta(format="xml", type=TNDS), data=data)
    header = Header("1", 1, Location("device"), Location(account.url))
    return encode(Message(header, (Add((item,), cmd_id=1),), final=True), WBXML)


def _added(message: Message) -> Iterator[Item]:
    for command in message.commands:
        if isinstance(command, Add):
            for item in command.items:
                uri = item.target.uri if item.target else ""
                if uri.strip() in (INBOX, INBOX[2:]) or uri.startswith(f"{INBOX}/"):
                    yield item


def _tree(item: Item) -> TndsTree:
    if not item.data:
        raise DecodeError("an empty tree for the Inbox")
    return decode_tnds(item.data)


def _newest(objects: list[TndsNode]) -> list[TndsNode]:
    """Of several versions of an object the newest that we know (DM Bootstrap §5.3)."""
    newest = min((VERSIONS.index(one.type or "") for one in objects), default=0)
    return [one for one in objects if one.type == VERSIONS[newest]]


def _objects(nodes: tuple[TndsNode, ...]) -> Iterator[TndsNode]:
    """Every DMAcc in the trees, of any version that we know."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node.interior and node.type in VERSIONS:
            yield node
        else:
            waiting += node.children


def _leaves(top: TndsNode) -> Iterator[tuple[tuple[str, ...], str | bytes]]:
    """Every leaf beneath a node by its names; a Path before a name counts, too."""
    waiting: list[tuple[tuple[str, ...], TndsNode]] = [((), node) for node in top.children]
    while waiting:
        above, node = waiting.pop()
        path = (*above, *(part for part in (node.path or "").split("/") if part), node.name or "")
        if node.value is not None:
            yield path, node.value
        waiting += [(path, child) for child in node.children]


def _account(leaves: dict[tuple[str, ...], str | bytes]) -> Provisioned:
    if _text(leaves.get(("AppID",))) not in (APP_ID, None):
        raise DecodeError("an account that is not for DM")
    addresses = sorted(p for p in leaves if len(p) == 3 and (p[0], p[2]) == ("AppAddr", "Addr"))
    url = _text(leaves[addresses[0]]) if addresses else None
    if addresses and (_text(leaves.get((*addresses[0][:2], "AddrType"))) or "URI") != "URI":
        raise DecodeError("an address that is no URI")
    own, server = _proof(leaves, OWN), _proof(leaves, SERVER)
    who, name = _text(leaves.get(("ServerID",))), _text(leaves.get(("Name",)))
    return settle(who, name, url, own, server)


def _proof(leaves: dict[tuple[str, ...], str | bytes], level: str) -> Proof:
    groups = sorted(
        path[:2]
        for path, value in leaves.items()
        if len(path) == 3 and (path[0], path[2], value) == ("AppAuth", "AAuthLevel", level)
    )
    if not groups:
        return Proof(None, None)
    told = {path[2]: value for path, value in leaves.items() if path[:2] == groups[0]}
    name, secret = _text(told.get("AAuthName")), _text(told.get("AAuthSecret"))
    return Proof(name, secret, _text(told.get("AAuthType")), told.get("AAuthData"))


def _text(value: str | bytes | None) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _object(account: Provisioned) -> TndsNode:
    """DMAcc with the rights that its server must have (DM Bootstrap §5.2.2)."""
    address = _interior("1", _leaf("Addr", account.url), _leaf("AddrType", "URI"))
    own = (account.own.name, account.own.secret, account.own_nonce)
    server = (account.server.name, account.server.secret, account.server_nonce)
    auth = (_auth("1", OWN, account.scheme, *own), _auth("2", SERVER, account.scheme, *server))
    name = (_leaf("Name", account.name),) if account.name else ()
    children = (
        _leaf("AppID", APP_ID),
        _leaf("ServerID", account.server_id),
        *name,
        _interior("AppAddr", address),
        _interior("AppAuth", *auth),
    )
    acl = GRANTED.format(account.server_id)
    return TndsNode("Account", acl=acl, format="node", type=DM_ACC_1_0, children=children)


def _auth(
    key: str, level: str, scheme: str, name: str, secret: str, nonce: bytes | None
) -> TndsNode:
    data = (TndsNode("AAuthData", format="bin", value=nonce),) if nonce else ()
    words = {"AAuthLevel": level, "AAuthType": WORDS[scheme], "AAuthName": name}
    leaves = (_leaf(*pair) for pair in {**words, "AAuthSecret": secret}.items())
    return _interior(key, *leaves, *data)


def _interior(name: str, *children: TndsNode) -> TndsNode:
    return TndsNode(name, format="node", children=children)


def _leaf(name: str, value: str) -> TndsNode:
    return TndsNode(name, format="chr", type="text/plain", value=value)
