"""Nodes of the management tree and what a command does to them, as values. Pure (DM TND §7).

A tree is a mapping from the node's address (`./A/B`, the root is `.`) to its `Node`. It is built
anew from what the device knows whenever a command arrives: the tree is a view, never a store.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Status
from fumo.dm.message import Item
from fumo.tree.uri import Limits


class Verb(StrEnum):
    """What AccessType may allow."""

    ADD = "Add"
    DELETE = "Delete"
    EXEC = "Exec"
    GET = "Get"
    REPLACE = "Replace"


class Node(Struct, frozen=True):
    """One node. `format` "node" is interior; then `type` is its management object's id or "".

    `locked`: in use, so that Replace and Delete are forbidden for now (403). `acl` "": inherited.
    """

    format: str = "chr"
    value: str | bytes = ""
    type: str = "text/plain"
    access: frozenset[Verb] = frozenset({Verb.GET})
    permanent: bool = True
    locked: bool = False
    title: str = ""
    acl: str = ""

    @property
    def interior(self) -> bool:
        """Has children rather than a value."""
        return self.format == "node"

    def with_list(self, acl: str) -> "Node":
        """The same node with another access control list."""
        return replace(self, acl=acl)

    def with_value(self, value: str | bytes, format_: str = "", type_: str = "") -> "Node":
        """The same node with another value, and another format or type where one is given."""
        format_, type_ = format_ or self.format, type_ or self.type
        return replace(self, value=value, format=format_, type=type_)


Tree: TypeAlias = Mapping[str, Node]


class Caller(Struct, frozen=True):
    """Who asks: the ServerID that the session has proven; and how long an address may be."""

    server: str
    limits: Limits = Limits()


class Change(Struct, frozen=True):
    """What a command does to one node: its new value, or None when it is removed."""

    uri: str
    node: Node | None


class Executed(Struct, frozen=True):
    """An Exec on a node that allows it: whoever owns the node decides its Status."""

    uri: str
    data: str | bytes | None
    correlator: str | None


class Outcome(Struct, frozen=True):
    """What one Item of a command gave. `executed` set: the Status is the owner's to decide."""

    code: Status
    target: str
    items: tuple[Item, ...] = ()
    results: tuple[Item, ...] = ()
    changes: tuple[Change, ...] = ()
    executed: Executed | None = None
