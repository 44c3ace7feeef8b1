"""A tree's description (DDF): what its nodes are and what may be done to them, out and in. Pure.

Out, of a device's own tree; in, of anybody's: what it says of an address, and the tree of a device
that has nothing but what the description names (DM TND 9). A node without a name in a description
stands for any node there.
"""

from collections.abc import Iterator

from fumo.dm.ddf import VERBS, Ddf, DdfNode
from fumo.tree.node import Node, Tree, Verb
from fumo.tree.uri import ROOT, name_of, parent_of
from fumo.tree.values import PLAIN_TYPE

PERMANENT, DYNAMIC = "Permanent", "Dynamic"
INTERIOR = "node"


def ddf_of(tree: Tree, man: str | None = None, mod: str | None = None) -> Ddf:
    """The description of a tree, whatever its values are."""
    inner: dict[str, list[DdfNode]] = {}
    # Innermost first, so that each node finds the ones in it.
    for uri in sorted(tree, key=lambda one: -one.count("/")):
        if uri != ROOT:
            described = _described(uri, tree[uri], inner.pop(uri, []))
            inner.setdefault(parent_of(uri), []).append(described)
    return Ddf(tuple(inner.get(ROOT, ())), man, mod)


def _described(uri: str, node: Node, inner: list[DdfNode]) -> DdfNode:
    return DdfNode(
        name_of(uri),
        path=ROOT if parent_of(uri) == ROOT else None,
        access=tuple(verb for verb in VERBS if verb in node.access),
        format=node.format,
        occurrence="One" if node.permanent else "ZeroOrOne",
        scope=PERMANENT if node.permanent else DYNAMIC,
        types=() if node.interior else (node.type,),
        ddf_name=node.type if node.interior else "",
        case_sense="CS",
        children=tuple(inner),
    )


def kind_of(ddf: Ddf, uri: str) -> DdfNode | None:
    """What a description says of an address: a node of that name, else one that has none."""
    names, among = uri.split("/")[1:], _placed(ddf)
    found: list[DdfNode] = []
    for depth, name in enumerate(names):
        here = [node for path, node in among if path == names[:depth]]
        found = [node for node in here if node.name == name]
        found += [node for node in here if not node.name]
        inside = names[: depth + 1]
        among += [([*inside, *_path(inner)], inner) for one in found for inner in one.children]
    return found[0] if found else None


def access_of(node: DdfNode) -> frozenset[Verb]:
    """What AccessType allows; Copy is no right of its own here, but Get and Replace or Add."""
    return frozenset(Verb(verb) for verb in node.access if verb in set(Verb))


def tree_of(ddf: Ddf) -> dict[str, Node]:
    """The nodes that a description names, with their default values."""
    tree = {ROOT: Node(INTERIOR, "", "")}
    waiting = [("/".join([ROOT, *path]), node) for path, node in _placed(ddf)]
    for above, node in waiting:  # grows while it is read
        if node.name:
            uri = f"{above}/{node.name}"
            tree[uri] = _node(node)
            waiting += (("/".join([uri, *_path(inner)]), inner) for inner in node.children)
    return tree


def _node(node: DdfNode) -> Node:
    format_ = node.format or (INTERIOR if node.children else "chr")
    type_ = node.ddf_name if format_ == INTERIOR else next(iter(node.types), PLAIN_TYPE)
    value = node.default if node.value is None else node.value
    permanent = node.scope == PERMANENT
    return Node(format_, value or "", type_, access_of(node), permanent)


def _placed(ddf: Ddf) -> list[tuple[list[str], DdfNode]]:
    """The topmost nodes, each with the names that lead to it."""
    return [(list(_path(node)), node) for node in ddf.nodes]


def _path(node: DdfNode) -> Iterator[str]:
    return (name for name in (node.path or "").split("/") if name not in ("", ROOT))
