"""From a tree of elements to a Message: one walk, whichever form the tree was read from. Pure.

Forgiving where the field is careless and nothing is lost by it: order of children, namespaces,
blanks, missing numbers, elements we do not know. Strict where guessing would be dangerous: every
refusal is a DecodeError whose `where` is the path of the element.
Elements are known by their local names, since peers write wrong namespaces, or none, and the
SyncML family gives no two meanings to one name in one place.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, cast
from xml.etree.ElementTree import Element

from msgspec.structs import replace

from fumo.dm import embedded, schema
from fumo.dm.bounds import DEPTH_MAX
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
    Message,
    Meta,
    Replace,
    Results,
    Sequence,
    Status,
    Unknown,
)
from fumo.dm.schema import Shape
from fumo.dm.values import TOO_DEEP, ByTag, Read, inside, local, name_of, reader_of
from fumo.errors import DecodeError

Container: TypeAlias = Atomic | Sequence
OnItems: TypeAlias = Status | Results | Alert | Add | Replace | Copy | Delete | Get | Exec
Finish: TypeAlias = Callable[[Any, Element, int], Command]
BINARY = "bin"


def read_message(root: Element) -> Message:
    """The message under a `SyncML` element."""
    if local(root) != "SyncML":
        raise DecodeError(f"the root element is {name_of(root)}, not SyncML")
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
        raise inside("SyncBody", fault) from None


def _parts(root: Element) -> dict[str, Element]:
    """Header and body. Two of one would let two readers see two messages in the same bytes."""
    parts: dict[str, Element] = {}
    for child in root:
        if parts.setdefault(local(child), child) is not child:
            raise DecodeError(f"two {name_of(child)}", "SyncML")
    return parts


def _header(element: Element) -> Header:
    try:
        header = _read_header(element)
    except DecodeError as fault:
        raise inside("SyncHdr", fault) from None
    if not header.session_id or not header.msg_id:
        missing = "MsgID" if header.session_id else "SessionID"
        raise DecodeError(f"no {missing}", "SyncHdr")
    return header


def _is_final(body: Element) -> bool:
    """Whether Final is there: at the end, as it should be, or before."""
    last_is = len(body) > 0 and local(body[-1]) == "Final"
    return last_is or any(local(child) == "Final" for child in body)


def _commands_in(parent: Element, depth: int) -> tuple[Command, ...]:
    """The commands in a body, an Atomic or a Sequence."""
    if depth > DEPTH_MAX:
        raise DecodeError(TOO_DEEP)
    commands: list[Command] = []
    for child in parent:
        found = COMMAND_READERS[child.tag]
        if found is None:
            continue
        read, finished = found
        try:
            commands.append(finished(read(child), child, depth + 1))
        except DecodeError as fault:
            raise inside(f"{local(child)}[{len(commands) + 1}]", fault) from None
    return tuple(commands)


def _with_commands(command: Container, element: Element, depth: int) -> Command:
    return replace(command, commands=_commands_in(element, depth))


def _with_name(command: Unknown, element: Element, depth: int) -> Command:
    return replace(command, name=local(element))


def _with_its_data(command: OnItems, element: Element, depth: int) -> Command:
    for item in command.items:
        if isinstance(item.data, bytes):
            return settled(command)
    return command


def settled(command: OnItems) -> OnItems:
    """The command with the opaque data of its items as text wherever it is text."""
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
    if embedded.stays_bytes(item.data, item.meta, inherited):
        return item
    try:
        return replace(item, data=item.data.decode())
    except UnicodeDecodeError:
        return item


_read_header = cast(Callable[[Element], Header], reader_of(schema.HEADER))


def _command_reader(shape: Shape) -> tuple[Read, Finish]:
    return reader_of(shape), _with_commands if shape.holds_commands else _with_its_data


COMMAND_READERS: ByTag[tuple[Read, Finish] | None] = ByTag(
    dict.fromkeys(schema.NO_COMMANDS)
    | {name: _command_reader(shape) for name, shape in schema.COMMANDS.items()},
    other=(reader_of(schema.UNKNOWN), _with_name),
)
"""How a command is read from its own elements, and how it is finished with what these do not say;
None where an element is no command."""
