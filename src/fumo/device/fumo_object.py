"""The FUMO object in the tree: a view of the target and of what servers wrote (FUMO §5). Pure.

    ./FwUpdate/<name>     its Type, not its place, says what it is
        PkgName  PkgVersion  Download/PkgURL  Update/PkgData  DownloadAndUpdate/PkgURL  State  Ext

Written leaves are kept by their address: the standard ones as plain text; the nodes below Ext,
which servers make as they like, with format and type. PkgData is not kept here: it is the package.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind, ManagementObject
from fumo.tree.node import Change, Node, Verb
from fumo.tree.objects import interior, leaf
from fumo.tree.uri import is_below
from fumo.tree.write import DYNAMIC
from fumo.update.operation import Target
from fumo.update.view import locked, state

HOME = "./FwUpdate"
WRITE = frozenset({Verb.GET, Verb.REPLACE})
HIDDEN_WRITE = frozenset({Verb.REPLACE})
ORDERED = frozenset({Verb.GET, Verb.EXEC})
GROWS = frozenset({Verb.GET, Verb.ADD})
EXTENSIONS_MAX = 64  # nodes below Ext: a server may not fill the journal


class Kept(Struct, frozen=True, omit_defaults=True):
    """A node below Ext as it is kept; `octets` is base64."""

    format: str
    type: str
    text: str = ""
    octets: str | None = None


def address(name: str) -> str:
    """Where the object of this name stands."""
    return f"{HOME}/{name}"


def pkg_data(uri: str) -> str:
    """The node that takes a package over DM."""
    return f"{uri}/{Kind.UPDATE}/PkgData"


def pkg_url(uri: str, kind: Kind) -> str | None:
    """The node whose URL an Exec of this kind fetches; an Update fetches nothing."""
    return None if kind is Kind.UPDATE else f"{uri}/{kind}/PkgURL"


def kind_of(uri: str, executed: str) -> Kind | None:
    """Which operation an Exec of this node orders."""
    kinds = {f"{uri}/{kind}": kind for kind in Kind}
    return kinds.get(executed)


def nodes(uri: str, target: Target, leaves: Mapping[str, str]) -> dict[str, Node]:
    """The object as a server sees it now."""
    built = {
        HOME: interior(),
        uri: interior(ManagementObject.FUMO),
        f"{uri}/PkgName": leaf("", access=WRITE),
        f"{uri}/PkgVersion": leaf("", access=WRITE),
        f"{uri}/State": leaf(str(int(state(target))), "int"),
        f"{uri}/Ext": replace(interior(), access=GROWS),
        pkg_data(uri): Node("bin", b"", "application/octet-stream", HIDDEN_WRITE),
    }
    for kind in Kind:
        built[f"{uri}/{kind}"] = replace(interior(), access=ORDERED)
        if (url := pkg_url(uri, kind)) is not None:
            built[url] = leaf("", access=WRITE)
    in_use = locked(target)
    built = {where: _written(node, leaves.get(where), in_use) for where, node in built.items()}
    return built | dict(_extensions(uri, leaves))


def kept(uri: str, change: Change) -> str | None:
    """What to keep of a changed node; None when it is gone."""
    node = change.node
    if node is None:
        return None
    if not is_below(change.uri, f"{uri}/Ext"):
        return str(node.value)
    value = node.value
    if isinstance(value, bytes):
        octets = b64encode(value).decode()
        return msgspec.json.encode(Kept(node.format, node.type, octets=octets)).decode()
    return msgspec.json.encode(Kept(node.format, node.type, value)).decode()


def has_room(uri: str, leaves: Mapping[str, str], changes: tuple[Change, ...]) -> bool:
    """May Ext grow by these?"""
    ext = f"{uri}/Ext"
    there = {where for where in leaves if is_below(where, ext)}
    new = {c.uri for c in changes if c.node is not None and is_below(c.uri, ext)}
    return len(there | new) <= EXTENSIONS_MAX


def _written(node: Node, value: str | None, in_use: bool) -> Node:
    """With what a server wrote; what it may write is locked while an operation is open (403)."""
    if value is not None:
        node = replace(node, value=value)
    return replace(node, locked=in_use) if Verb.REPLACE in node.access else node


def _extensions(uri: str, leaves: Mapping[str, str]) -> Iterator[tuple[str, Node]]:
    for where, text in leaves.items():
        if is_below(where, f"{uri}/Ext"):
            one = msgspec.json.decode(text, type=Kept)
            value = one.text if one.octets is None else b64decode(one.octets)
            yield where, Node(one.format, value, one.type, DYNAMIC, permanent=False)
