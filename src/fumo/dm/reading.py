"""From a tree of elements to a Message: one walk, whichever form the tree was read from. Pure.

Forgiving where the field is careless and nothing is lost by it: order of children, namespaces,
blanks, missing numbers, elements we do not know. Strict where guessing would be dangerous: every
refusal is a DecodeError whose `where` is the path of the element.
Elements are known by their local names, since peers write wrong namespaces, or none, and the
SyncML family gives no two meanings to one name in one place.
"""

from collections.abc import Callable
from typing import TypeAlias, cast
from xml.etree.ElementTree import Element

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields as struct_fields
from msgspec.structs import replace

from fumo.dm import schema
from fumo.dm.bounds import DEPTH_MAX, DIGITS_MAX
from fumo.dm.message import (
    Add,
    Alert,
    Atomic,
    Command,
    Copy,
    Delete,
    Exec,
    Get,
    Header,
    Item,
    Location,
    Message,
    Meta,
    Replace,
    Results,
    Sequence,
    Status,
    Unknown,
)
from fumo.dm.schema import Field, Kind, Shape
from fumo.dm.shown import shown
from fumo.errors import DecodeError

Read: TypeAlias = Callable[[Element], object]
OnItems: TypeAlias = Status | Results | Alert | Add | Replace | Copy | Delete | Get | Exec
CONTAINERS = (Atomic, Sequence)
BLANKS = " \t\r\n"
NAMESPACES = ("", "{SYNCML:SYNCML1.2}", "{SYNCML:SYNCML1.1}", "{syncml:metinf}")
"""Namespaces looked up without a detour; any other is cut off first."""
BINARY = "bin"
PATH_MAX = 100
"""Characters of the path in an error: what matters is its beginning."""
TOO_DEEP = f"elements more than {DEPTH_MAX} deep"


def read_message(root: Element) -> Message:
    """The message under a `SyncML` element."""
    if local(root) != "SyncML":
        raise DecodeError(f"the root element is {_name(root)}, not SyncML")
    parts = _parts(root)
    if "SyncHdr" not in parts:
        raise DecodeError("no SyncHdr", "SyncML")
    header = _header(parts["SyncHdr"])
    body = parts.get("SyncBody")
    if body is None:
        return Message(header)
    try:
        return Message(header, _commands_in(body, 0), _is_final(body))
    except DecodeError as fault:
        raise _inside("SyncBody", fault) from None


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def _name(element: Element) -> str:
    return shown(local(element))


def _parts(root: Element) -> dict[str, Element]:
    """Header and body. Two of one would let two readers see two messages in the same bytes."""
    parts: dict[str, Element] = {}
    for child in root:
        if parts.setdefault(local(child), child) is not child:
            raise DecodeError(f"two {_name(child)}", "SyncML")
    return parts


def _header(element: Element) -> Header:
    try:
        header = _read_header(element)
    except DecodeError as fault:
        raise _inside("SyncHdr", fault) from None
    if not header.session_id or not header.msg_id:
        missing = "MsgID" if header.session_id else "SessionID"
        raise DecodeError(f"no {missing}", "SyncHdr")
    return header


def _is_final(body: Element) -> bool:
    return any(local(child) == "Final" for child in body)


# --- commands ---------------------------------------------------------------------------------


def _commands_in(parent: Element, depth: int) -> tuple[Command, ...]:
    """The commands in a body, an Atomic or a Sequence."""
    if depth > DEPTH_MAX:
        raise DecodeError(TOO_DEEP)
    commands: list[Command] = []
    for child in parent:
        if (name := local(child)) in schema.NO_COMMANDS:
            continue
        try:
            commands.append(_command(child, name, depth + 1))
        except DecodeError as fault:
            raise _inside(f"{name}[{len(commands) + 1}]", fault) from None
    return tuple(commands)


def _command(element: Element, name: str, depth: int) -> Command:
    command = COMMAND_READERS.get(name, _unknown)(element)
    if isinstance(command, CONTAINERS):
        return replace(command, commands=_commands_in(element, depth))
    if isinstance(command, Unknown):
        return replace(command, name=name)
    for item in command.items:
        if isinstance(item.data, bytes):
            return _settled(command)
    return command


def _settled(command: OnItems) -> OnItems:
    inherited: Meta | None = getattr(command, "meta", None)
    return replace(command, items=tuple(_settle(item, inherited) for item in command.items))


def _settle(item: Item, inherited: Meta | None) -> Item:
    """Opaque data is text when it can be and nothing says that it is not.

    A much used encoder writes *every* Data of an Add or Replace as opaque.
    """
    own = item.meta.format if item.meta else None
    format_name = own or (inherited.format if inherited else None)
    if not isinstance(item.data, bytes) or format_name == BINARY:
        return item
    try:
        return replace(item, data=item.data.decode())
    except UnicodeDecodeError:
        return item


# --- values of a shape ------------------------------------------------------------------------


def _reader(shape: Shape) -> Read:
    """Make the function that reads one kind of value, with all look-ups done beforehand."""
    struct, blank, places = shape.struct, _blank(shape), _places(shape)
    pass_by = _leave if shape.holds_commands else _skip

    def read(element: Element) -> Struct:
        values = blank.copy()
        several: dict[int, list[object]] | None = None
        child = element
        try:
            for child in element:
                found = places.get(child.tag) or places.get(local(child))
                if found is None:
                    pass_by(child)
                    continue
                place, read_child, is_many = found
                if not is_many:
                    values[place] = read_child(child)
                    continue
                several = several or {}
                several.setdefault(place, []).append(read_child(child))
        except DecodeError as fault:
            raise _inside(local(child), fault) from None
        if several:
            for place, held in several.items():
                values[place] = tuple(held)
        return struct(*values)

    return _unwrapping(read) if shape is schema.META else read


def _places(shape: Shape) -> dict[str, tuple[int, Read, bool]]:
    """By tag: the place among the struct's fields, how to read it, whether it comes many times."""
    order = shape.struct.__struct_fields__
    return {
        namespace + field.element: (order.index(field.name), _read_of(field.holds), field.many)
        for field in shape.fields
        for namespace in NAMESPACES
    }


def _blank(shape: Shape) -> list[object]:
    """The values of a shape nothing was said about: an empty command can still be answered."""
    held = {field.name: field for field in shape.fields}
    return [
        _nothing(held.get(field.name)) if field.default is NODEFAULT else field.default
        for field in struct_fields(shape.struct)
    ]


def _nothing(field: Field | None) -> object:
    if field is None or field.many:
        return ()
    if isinstance(field.holds, Shape):
        return Location() if field.holds is schema.LOCATION else Meta()
    return 0 if field.holds is Kind.NUMBER else ""


def _unwrapping(read: Read) -> Read:
    """Meta whose children stand in a MetInf element of their own, as the DTD also allows."""

    def read_meta(element: Element) -> object:
        wrapped = len(element) == 1 and local(element[0]) == "MetInf"
        return read(element[0] if wrapped else element)

    return read_meta


def _skip(element: Element) -> None:
    """An element we do not know says nothing to us, unless it is deeper than we may read."""
    level: list[Element] = list(element)
    depth = 0
    while level:
        depth += 1
        if depth > DEPTH_MAX:
            raise DecodeError(TOO_DEEP)
        level = [child for parent in level for child in parent]


def _leave(element: Element) -> None:
    """A command in a command is read, and its depth counted, with its siblings."""


def _inside(name: str, fault: DecodeError) -> DecodeError:
    """The same fault, one element further out."""
    path = f"{shown(name)}/{fault.where}" if fault.where else shown(name)
    return DecodeError(fault.what, path if len(path) <= PATH_MAX else f"{path[:PATH_MAX]}...")


# --- leaves -----------------------------------------------------------------------------------


def _data(element: Element) -> object:
    """Text, or the bytes of an opaque: whose they are is settled when the command is whole."""
    if len(element):
        raise _embedded(element)
    return "" if element.text is None else element.text


def _embedded(element: Element) -> DecodeError:
    return DecodeError(f"an embedded document ({_name(element[0])}), which is not supported yet")


def _exact(element: Element) -> str:
    if len(element):
        raise DecodeError(f"an element ({_name(element[0])}) where text belongs")
    return element.text or ""


def _text(element: Element) -> str:
    text = element.text
    if text and not len(element):
        return text.strip(BLANKS)
    return _exact(element).strip(BLANKS)


def _number(element: Element) -> int:
    text = _text(element)
    if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX:
        return int(text)
    raise DecodeError(f"'{shown(text)}' is not a number")


def _flag(element: Element) -> bool:
    return True


LEAVES: dict[Kind, Read] = {
    Kind.TEXT: _text,
    Kind.EXACT: _exact,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.DATA: _data,
}
READERS: dict[Shape, Read] = {}
"""A reader for every shape of the schema."""


def _read_of(holds: Kind | Shape) -> Read:
    if isinstance(holds, Kind):
        return LEAVES[holds]
    return READERS.get(holds) or READERS.setdefault(holds, _reader(holds))


_read_header = cast(Callable[[Element], Header], _read_of(schema.HEADER))
_unknown = cast(Callable[[Element], Command], _read_of(schema.UNKNOWN))
COMMAND_READERS = {
    name: cast(Callable[[Element], Command], _read_of(shape))
    for name, shape in schema.COMMANDS.items()
}
