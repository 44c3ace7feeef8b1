"""Access control lists: which server may do what to a node (DM TND §7.7.1). Pure.

    Add=*&Get=alpha+beta        a verb, then who may; "*" is everybody

A node without a list has the whole list of the nearest node above that has one; the root always
has one. Nothing is put together out of two lists, and what no list grants is not granted.
Who asks is the ServerID that the session has proven; a name in a message counts for nothing.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from fumo.tree.node import Node, Tree, Verb
from fumo.tree.uri import ROOT, parent_of

Acl: TypeAlias = Mapping[Verb, frozenset[str]]

EVERYBODY = "*"
RESERVED = frozenset("=&*+ ")
LIST_BYTES_MAX = 4096
ROOT_LIST = "Add=*&Get=*"
MADE = (Verb.ADD, Verb.DELETE, Verb.REPLACE)
VERBS = frozenset(verb.value for verb in Verb)


@lru_cache(maxsize=256)
def parse(text: str) -> Acl | None:
    """The list that `text` writes; an empty one inherits. None: it is no list."""
    acl: dict[Verb, frozenset[str]] = {}
    for part in text.split("&") if text else ():
        verb, _, names = part.partition("=")
        who = frozenset(names.split("+"))
        if verb not in VERBS or Verb(verb) in acl or not _is_who(who):
            return None
        acl[Verb(verb)] = who
    return MappingProxyType(acl)


def written(acl: Acl) -> str:
    """The one way we write a list: verbs and names by the alphabet, no verb without a name."""
    parts = ((verb, acl.get(verb)) for verb in Verb)
    return "&".join(f"{verb}={'+'.join(sorted(who))}" for verb, who in parts if who)


def is_identity(name: str) -> bool:
    """Can a list name this server?"""
    return bool(name) and name.isprintable() and not RESERVED & set(name)


def effective(tree: Tree, uri: str) -> Acl:
    """The list that holds for a node, or would hold for one made there."""
    while uri != ROOT:
        if uri in tree and (own := _own(tree[uri])):
            return own
        uri = parent_of(uri)
    root = _own(tree[ROOT]) if ROOT in tree else None
    return root or parse(ROOT_LIST) or {}


def allows(tree: Tree, uri: str, verb: Verb, server: str) -> bool:
    """May this server do this to the node?"""
    who = effective(tree, uri).get(verb, frozenset())
    return EVERYBODY in who or server in who


def may_change_list(tree: Tree, uri: str, server: str) -> bool:
    """An interior node's list guards itself; the node above can always take control.

    A leaf's own list is no key to it (DM TND §7.7.1.3).
    """
    own = tree[uri].interior and allows(tree, uri, Verb.REPLACE, server)
    return own or allows(tree, parent_of(uri), Verb.REPLACE, server)


def of_new_interior(tree: Tree, above: str, server: str) -> str:
    """The list of an interior node that a server makes below `above` (DM TND §7.7.1.3).

    None, as a rule. Who may not change `above` gets what it needs to manage its own node; all
    others keep what they would have inherited, or the list would shut them out.
    """
    if allows(tree, above, Verb.REPLACE, server) or not is_identity(server):
        return ""
    inherited = effective(tree, above)
    return written({**inherited, **{verb: _with(inherited, verb, server) for verb in MADE}})


def stripped(tree: Tree, server: str) -> dict[str, Node]:
    """The nodes whose lists name a server, without it (DM TND §7.7.1.4)."""
    lists = ((uri, node, _own(node)) for uri, node in tree.items())
    named = ((uri, node, acl) for uri, node, acl in lists if acl and _names(acl, server))
    return {uri: _stripped(uri, node, acl, server) for uri, node, acl in named}


def _stripped(uri: str, node: Node, acl: Acl, server: str) -> Node:
    """A verb nobody is left for goes; at the root it becomes everybody's."""
    left = {verb: who - {server} for verb, who in acl.items()}
    if uri == ROOT:
        left = {verb: who or frozenset({EVERYBODY}) for verb, who in left.items()}
    return node.with_list(written(left))


def _own(node: Node) -> Acl | None:
    return parse(node.acl) if node.acl else None


def _is_who(who: frozenset[str]) -> bool:
    return who == {EVERYBODY} or all(map(is_identity, who))


def _with(acl: Acl, verb: Verb, server: str) -> frozenset[str]:
    who = acl.get(verb, frozenset())
    return who if EVERYBODY in who else who | {server}


def _names(acl: Acl, server: str) -> bool:
    return any(server in who for who in acl.values())
