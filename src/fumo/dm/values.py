"""From an element to the value of a shape: readers made from the schema. Pure.

Any order of children, any namespace, blanks around words, and elements that we do not know are
read; what cannot be a value is a DecodeError whose `where` is the path of the element.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar
from xml.etree.ElementTree import Element

from msgspec import NODEFAULT
from msgspec.structs import fields as struct_fields

from fumo.dm import embedded, schema
from fumo.dm.bounds import DEPTH_MAX, DIGITS_MAX, ID_CHARACTERS_MAX
from fumo.dm.message import Id, Location, Meta
from fumo.dm.schema import Field, Kind, Shape
from fumo.dm.shown import shown
from fumo.errors import DecodeError

T = TypeVar("T")
Read: TypeAlias = Callable[[Element], object]
BLANKS = " \t\r\n"
NAMESPACES = ("", "{SYNCML:SYNCML1.2}", "{SYNCML:SYNCML1.1}", "{syncml:metinf}")
"""Namespaces looked up without a detour; any other is cut off first."""
PATH_MAX = 100
"""Characters of the path in an error: what matters is its beginning."""
TOO_DEEP = f"elements more than {DEPTH_MAX} deep"

WORD, EXACT, NUMBER, ONE, MANY, INSTEAD, PASSED_BY = range(7)
"""What is done with a child: its text is taken here, as most are, with or without blanks around,
or as a number; or its reader is called, for one, or for each of many, or for one that holds the
whole value; or it is not read."""
WAYS = {Kind.TEXT: WORD, Kind.EXACT: EXACT, Kind.DATA: EXACT} | dict.fromkeys(
    (Kind.NUMBER, Kind.ID), NUMBER
)
USUAL_NUMBERS = {str(number): number for number in (*range(600), *range(1100, 1230))}
"""Status and alert codes, and what commands are counted with: sooner looked up than converted."""
Place: TypeAlias = tuple[int, int, Read]
"""Of a field: its index among the struct's fields, what is done with it, and its reader."""


class ByTag(dict[str, T]):
    """What is known of elements, by their tags in any namespace."""

    def __init__(self, known: dict[str, T], other: T) -> None:
        """By local names; `other` is for all other elements."""
        super().__init__({space + name: of for name, of in known.items() for space in NAMESPACES})
        self.other = other

    def __missing__(self, tag: str) -> T:
        """Of an element in an unusual namespace, or one that we do not know."""
        return self.get(tag.rpartition("}")[2], self.other)


def _places(shape: Shape) -> dict[str, Place]:
    order = shape.struct.__struct_fields__
    return {
        field.element: (order.index(field.name), _way_of(field), reader_of(field.holds))
        for field in shape.fields
    }


def _way_of(field: Field) -> int:
    if field.many:
        return MANY
    return WAYS.get(field.holds, ONE) if isinstance(field.holds, Kind) else ONE


def _reader(shape: Shape) -> Read:
    """The function that reads one kind of value."""
    known = _places(shape)
    other = (0, PASSED_BY, _leave if shape.holds_commands else _skip)
    read = _reader_by(shape, ByTag(known, other))
    if shape is schema.LOCATION:
        return _short_cut(read)
    if shape is not schema.META:
        return read
    # Meta's children may stand in a MetInf of their own, as the DTD also allows.
    return _reader_by(shape, ByTag({**known, "MetInf": (0, INSTEAD, read)}, other))


def _reader_by(shape: Shape, places: ByTag[Place]) -> Read:
    """Make a reader, with all look-ups done beforehand: it costs as much as all the rest."""
    struct, blank = shape.struct, blank_of(shape)
    several = [places[field.element][0] for field in shape.fields if field.many]

    def read(element: Element) -> object:
        values = blank.copy()
        child = element
        try:
            for child in element:
                place, way, read_child = places[child.tag]
                text = child.text
                if way <= EXACT and text and not len(child):
                    values[place] = text if way else text.strip(BLANKS)
                elif way == NUMBER and text in USUAL_NUMBERS and not len(child):
                    values[place] = USUAL_NUMBERS[text]
                elif way <= ONE:
                    values[place] = read_child(child)
                elif way == MANY:
                    add_to(values, place, read_child(child))
                elif way == INSTEAD:
                    return read_child(child)
                else:
                    read_child(child)
        except DecodeError as fault:
            raise inside(local(child), fault) from None
        for place in several:
            values[place] = tuple(values[place])
        return struct(*values)

    return read


def _short_cut(read: Read) -> Read:
    """The most frequent value of all, a Location of a LocURI alone, for half of the price."""
    is_uri = ByTag({"LocURI": True}, other=False)

    def read_location(element: Element) -> object:
        if len(element) == 1:
            child = element[0]
            if (text := child.text) and is_uri[child.tag] and not len(child):
                return Location(text.strip(BLANKS))
        return read(element)

    return read_location


def add_to(values: list[Any], place: int, value: object) -> None:
    """One more of what comes many times; a blank shares its emptiness with all others."""
    if values[place]:
        values[place].append(value)
    else:
        values[place] = [value]


def blank_of(shape: Shape) -> list[Any]:
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
    return 0 if field.holds in (Kind.NUMBER, Kind.ID) else ""


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


# --- leaves -----------------------------------------------------------------------------------


def _data(element: Element) -> object:
    """Text, or the bytes of an opaque: whose they are is settled when the command is whole."""
    if len(element):
        return embedded.text_of(element)
    return "" if element.text is None else element.text


def _exact(element: Element) -> str:
    if len(element):
        raise DecodeError(f"an element ({name_of(element[0])}) where text belongs")
    return element.text or ""


def _text(element: Element) -> str:
    text = element.text
    if text and not len(element):
        return text.strip(BLANKS)
    return _exact(element).strip(BLANKS)


def _number(element: Element) -> int:
    text = element.text
    if not text or not text.isdigit() or len(element):
        text = _text(element)
    if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX:
        return int(text)
    raise DecodeError(f"'{shown(text)}' is not a number")


def _id(element: Element) -> Id:
    text = _text(element)
    if not text:
        return 0  # as if it were not there: so one maker answers a command that had no CmdID
    if len(text) <= ID_CHARACTERS_MAX and not text.isdigit():
        return text
    return _number(element)


def _flag(element: Element) -> bool:
    return True


LEAVES: dict[Kind, Read] = {
    Kind.TEXT: _text,
    Kind.EXACT: _exact,
    Kind.NUMBER: _number,
    Kind.ID: _id,
    Kind.FLAG: _flag,
    Kind.DATA: _data,
}
READERS: dict[Shape, Read] = {}
"""A reader for every shape of the schema."""


def reader_of(holds: Kind | Shape) -> Read:
    """The function that reads what a field holds."""
    if isinstance(holds, Kind):
        return LEAVES[holds]
    return READERS.get(holds) or READERS.setdefault(holds, _reader(holds))


# --- names --------------------------------------------------------------------------------


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def name_of(element: Element) -> str:
    """Its name in an error."""
    return shown(local(element))


def inside(name: str, fault: DecodeError) -> DecodeError:
    """The same fault, one element further out."""
    path = f"{shown(name)}/{fault.where}" if fault.where else shown(name)
    return DecodeError(fault.what, path if len(path) <= PATH_MAX else f"{path[:PATH_MAX]}...")
