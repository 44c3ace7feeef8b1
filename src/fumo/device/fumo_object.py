"""The FUMO object in the tree: a view of the target and of what servers wrote (FUMO §5). Pure.

    ./FwUpdate/<name>     its Type, not its place, says what it is
        PkgName  PkgVersion  Download/PkgURL  Update/PkgData  DownloadAndUpdate/PkgURL  State  Ext

Its list of rights names the account's server: to other servers it can only be read. PkgData is
not kept as a leaf: it is the package. What servers wrote comes over these nodes (`nodes.py`).
"""

from collections.abc import Iterable

from msgspec.structs import replace

from fumo.codes import Kind, ManagementObject
from fumo.tree.node import Node, Verb
from fumo.tree.objects import granted, interior, leaf
from fumo.update.operation import Target
from fumo.update.view import locked, state

HOME = "./FwUpdate"
WRITE = frozenset({Verb.GET, Verb.REPLACE})
HIDDEN_WRITE = frozenset({Verb.REPLACE})
ORDERED = frozenset({Verb.GET, Verb.EXEC})
GROWS = frozenset({Verb.GET, Verb.ADD})
PACKAGE = b"a package is held here, and nobody can read it as a value"
"""The value of PkgData while there is one: so a Replace with nothing is seen to take it away."""
DATA = Node("bin", b"", "application/octet-stream", HIDDEN_WRITE)
OWNED = (Verb.ADD, Verb.DELETE, Verb.EXEC, Verb.REPLACE)


def address(name: str) -> str:
    """Where the object of this name stands."""
    return f"{HOME}/{name}"


def pkg_data(uri: str) -> str:
    """The node that takes a package over DM."""
    return f"{uri}/{Kind.UPDATE}/PkgData"


def pkg_url(uri: str, kind: Kind) -> str | None:
    """The node whose URL an Exec of this kind fetches; an Update fetches nothing."""
    return None if kind is Kind.UPDATE else f"{uri}/{kind}/PkgURL"


def ordered(objects: Iterable[str], executed: str) -> tuple[str, Kind] | None:
    """Which operation of which object an Exec of this node orders."""
    orders = {f"{uri}/{kind}": (uri, kind) for uri in objects for kind in Kind}
    return orders.get(executed)


def nodes(uri: str, target: Target, server_id: str) -> dict[str, Node]:
    """The object as it is now, before what servers wrote; open operations lock it (403)."""
    owned = granted(server_id, OWNED, everybody=(Verb.GET,))
    built = {
        HOME: interior(),
        uri: interior(ManagementObject.FUMO).with_list(owned),
        f"{uri}/PkgName": leaf("", access=WRITE),
        f"{uri}/PkgVersion": leaf("", access=WRITE),
        f"{uri}/State": leaf(str(int(state(target))), "int"),
        f"{uri}/Ext": replace(interior(), access=GROWS),
        pkg_data(uri): replace(DATA, value=PACKAGE if target.held else b""),
    }
    for kind in Kind:
        built[f"{uri}/{kind}"] = replace(interior(), access=ORDERED)
        if (url := pkg_url(uri, kind)) is not None:
            built[url] = leaf("", access=WRITE)
    in_use = locked(target)
    return {where: _locked(node, in_use) for where, node in built.items()}


def _locked(node: Node, in_use: bool) -> Node:
    """What servers may write is locked while an operation is open."""
    return replace(node, locked=in_use) if Verb.REPLACE in node.access else node
