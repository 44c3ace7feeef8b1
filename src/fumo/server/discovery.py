"""Finding a device's FUMO objects, wherever they stand: by type, never by address (S01). Pure.

First the whole structure in one Get (`.?list=Struct`). A device that cannot list is walked, node
by node, by plain Get and `?prop=Type`. The walk is bounded in nodes and depth, and never enters
the objects that every device has and that hold no firmware.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.dm.message import Get, Item, Location
from fumo.dm.session import Answered, Request
from fumo.server.matching import address
from fumo.server.rows import FumoObject, Walk

LIST, NODE, TYPE = "list", "node:", "type:"
NODES_MAX = 160
"""Nodes looked at in one search: a tree of the field has its FUMO objects near the root."""
DEPTH_MAX = 5
"""Segments below the root that are still entered."""
BATCH = 8
"""Nodes asked for in one message, two Gets each."""
WITHOUT = frozenset({"./DevInfo", "./DevDetail", "./DMAcc", "./Inbox", "./Bootstrap"})

_TYPES = re.compile(
    r"(urn:)?oma:mo:oma-fumo:\d+(\.\d+)*"
    r"|org\.openmobilealliance/\d+(\.\d+)*/firmwareupdatemanagementobject",
    re.IGNORECASE,
)

Children: TypeAlias = dict[str, tuple[str, ...]]


def is_fumo(type_: str) -> bool:
    """Is this the Type of a FUMO object, as devices of the field write it?"""
    return bool(_TYPES.fullmatch(type_.strip()))


def begin() -> tuple[Walk, list[Request]]:
    """A new search and its first question."""
    return Walk(), [_get(LIST, ".?list=Struct")]


def go_on(walk: Walk, answers: Iterable[Answered]) -> Walk:
    """What the answers add to the search."""
    for answered in answers:
        if answered.purpose == LIST:
            walk = _listed(walk, answered)
        elif answered.purpose.startswith(NODE):
            walk = _looked_at(walk, answered.purpose.removeprefix(NODE), answered)
        elif answered.purpose.startswith(TYPE):
            walk = _typed(walk, answered.purpose.removeprefix(TYPE), answered)
    return walk


def questions(walk: Walk) -> tuple[Walk, list[Request]]:
    """The next questions; none: the search is over."""
    room = max(0, min(BATCH, NODES_MAX - walk.visited))
    types, nodes = walk.typed[:room], walk.todo[: max(0, room - len(walk.typed))]
    asked = [_get(TYPE + uri, f"{uri}?prop=Type") for uri in (*types, *nodes) if uri != "."]
    asked += [_get(NODE + uri, uri) for uri in nodes]
    visited = walk.visited + len(types) + len(nodes)
    left, untyped = walk.todo[len(nodes) :], walk.typed[len(types) :]
    return replace(walk, typed=untyped, todo=left, visited=visited), asked


def belongs(purpose: str) -> bool:
    """Was this question a search's?"""
    return purpose == LIST or purpose.startswith((NODE, TYPE))


def choose(objects: Sequence[FumoObject], kind: Kind) -> FumoObject | None:
    """The first object that offers this kind; one that told nothing of its kinds may."""
    return next((o for o in objects if not o.kinds or kind in o.kinds), None)


def _get(purpose: str, uri: str) -> Request:
    return Request(purpose, Get((Item(target=Location(uri)),)))


def _listed(walk: Walk, answered: Answered) -> Walk:
    """The structure in one piece, or the start of a walk where there is none."""
    items = [item for item in answered.results if item.source]
    if answered.code != 200 or not items:
        return replace(walk, todo=(".",))
    children = _children(items)
    roots = [_where(item) for item in items if is_fumo(_type(item))]
    found = tuple(FumoObject(uri, _kinds(children.get(uri, ()))) for uri in roots)
    if found:
        return replace(walk, found=found)
    # the list may lack types: then nodes with the shape of one are asked for theirs
    shaped = tuple(u for u, names in children.items() if "State" in names and _kinds(names))
    return replace(walk, typed=shaped, children={uri: children[uri] for uri in shaped})


def _children(items: Iterable[Item]) -> Children:
    """Names right below each node of a list."""
    below: dict[str, list[str]] = {}
    for item in items:
        parent, _, name = _where(item).rpartition("/")
        below.setdefault(parent or ".", []).append(name)
    return {uri: tuple(names) for uri, names in below.items()}


def _looked_at(walk: Walk, uri: str, answered: Answered) -> Walk:
    """An interior node tells its children; those are looked at later."""
    item = next(iter(answered.results), None)
    if answered.code != 200 or item is None or not isinstance(item.data, str):
        return walk
    if not _interior(item, uri):
        return walk
    names = tuple(name for name in item.data.split("/") if name)
    found = tuple(replace(o, kinds=_kinds(names)) if o.uri == uri else o for o in walk.found)
    inside = any(o.uri == uri for o in found) or uri.count("/") >= DEPTH_MAX
    more = () if inside else tuple(_enter(uri, names))
    todo = (*walk.todo, *more)[:NODES_MAX]
    return replace(walk, found=found, todo=todo)


def _enter(uri: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if f"{uri}/{name}" not in WITHOUT:
            yield f"{uri}/{name}"


def _typed(walk: Walk, uri: str, answered: Answered) -> Walk:
    item = next(iter(answered.results), None)
    if answered.code != 200 or item is None or not is_fumo(_text(item)):
        return walk
    if any(known.uri == uri for known in walk.found):
        return walk
    one = FumoObject(uri, _kinds(walk.children.get(uri, ())))
    return replace(walk, found=(*walk.found, one))


def _interior(item: Item, uri: str) -> bool:
    return uri == "." or bool(item.meta and item.meta.format == "node")


def _kinds(names: Iterable[str]) -> tuple[Kind, ...]:
    there = set(names)
    return tuple(kind for kind in Kind if kind.value in there)


def _where(item: Item) -> str:
    assert item.source is not None
    return address(item.source.uri) or "."


def _type(item: Item) -> str:
    return (item.meta and item.meta.type) or ""


def _text(item: Item) -> str:
    return item.data if isinstance(item.data, str) else ""
