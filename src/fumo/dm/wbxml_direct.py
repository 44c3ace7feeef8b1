"""SyncML as WBXML, read straight into values: the way of nearly every message. Pure.

A tree of elements, made only to be walked and thrown away, costs more than the values themselves.
So a plain message is read without one. Plain is: a usual header, names that we know where they
belong, text inline, opaque bytes in Data only, no container in a container. Anything else, and
whatever is wrong, is left to the careful way (`wbxml.parse`, then `reading`), which reads the same
bytes from their beginning and says what it finds.
Promise: `read` gives the message that the careful way would give, or None. It refuses nothing.
"""

from functools import cache
from typing import Any, TypeAlias

from msgspec import Struct

from fumo.dm import schema
from fumo.dm.bounds import DIGITS_MAX, PLAIN_BYTES_MAX
from fumo.dm.message import Command, Header, Message
from fumo.dm.reading import settled
from fumo.dm.schema import SYNCML_PAGE, Field, Kind, Shape
from fumo.dm.values import BLANKS, add_to, blank_of
from fumo.dm.wbxml_tables import END, HAS_CONTENT, OPAQUE, STR_I, SWITCH_PAGE, TOKENS

FPI = b"-//SYNCML//DTD SyncML 1.2//EN"
ROOT = bytes((TOKENS[SYNCML_PAGE]["SyncML"] | HAS_CONTENT,))
BEGINNINGS = tuple(
    bytes.fromhex(header) + ROOT
    for header in ("02 A4 01 6A 00", "03 A4 01 6A 00", f"02 00 00 6A 1D {FPI.hex()}")
)
"""The headers of nearly all peers, with no strings but a public identifier; and the root."""

WORD, WORDS, NUMBER, EXACT, DATA, FLAG, ONE, MANY = range(8)
"""What a token begins: a leaf with its kind of text; a flag, which has no content; or an element
with elements in it, alone or with others like it."""
LEAVES = {
    Kind.FLAG: FLAG,
    Kind.NUMBER: NUMBER,
    Kind.ID: NUMBER,  # a word is left to the careful way
    Kind.TEXT: WORD,
    Kind.EXACT: EXACT,
    Kind.DATA: DATA,
}


class Body(Struct):
    """What a SyncBody holds."""

    commands: tuple[Command, ...]
    final: bool = False


class Document(Struct):
    """What a SyncML holds: one header and at most one body, or the message is not plain."""

    headers: tuple[Header, ...]
    bodies: tuple[Body, ...]


def _holding(shape: Shape, name: str, shapes: dict[str, Shape]) -> Shape:
    """The shape of something that also holds any number of these."""
    fields = (Field(element, name, inner, many=True) for element, inner in shapes.items())
    return Shape(shape.struct, (*shape.fields, *fields))


FLAT = {name: shape for name, shape in schema.COMMANDS.items() if not shape.holds_commands}
COMMANDS = {
    name: _holding(shape, "commands", FLAT) if shape.holds_commands else shape
    for name, shape in schema.COMMANDS.items()
}
BODY = _holding(Shape(Body, (Field("Final", "final", Kind.FLAG),)), "commands", COMMANDS)
DOCUMENT = _holding(
    _holding(Shape(Document, ()), "headers", {"SyncHdr": schema.HEADER}),
    "bodies",
    {"SyncBody": BODY},
)


class Frame:
    """How the inside of one kind of element is read."""

    def __init__(self, shape: Shape) -> None:
        """The frame of a shape, and of all that is inside."""
        self.struct = shape.struct
        self.blank = blank_of(shape)
        self.several = {self.index(field) for field in shape.fields if field.many}
        self.settles = shape in FLAT.values()
        """Whether opaque data becomes text here, where the Meta of the command is known."""
        self.places: tuple[list[Place | None], ...] = ([None] * 128, [None] * 128)
        """By code page and token; tokens of elements with attributes are beyond."""
        for field in shape.fields:
            begins, inner = _begun_by(field)
            token = TOKENS[shape.page][field.element] | (0 if begins == FLAG else HAS_CONTENT)
            self.places[shape.page][token] = (self.index(field), begins, inner)

    def value(self, values: list[Any], has_opaque: bool) -> Any:
        """The value whose fields have these values."""
        for index in self.several:
            values[index] = tuple(values[index])
        value: Any = self.struct(*values)
        return settled(value) if has_opaque and self.settles else value

    def index(self, field: Field) -> int:
        """The place of a field's value among those of the struct."""
        return self.struct.__struct_fields__.index(field.name)


Place: TypeAlias = tuple[int, int, Frame | None]
"""Of a token: the index of its field, what it begins, the frame of what is inside."""
frame_of = cache(Frame)


def _begun_by(field: Field) -> tuple[int, Frame | None]:
    if isinstance(field.holds, Shape):
        return MANY if field.many else ONE, frame_of(field.holds)
    return WORDS if field.many else LEAVES[field.holds], None


WHOLE = frame_of(DOCUMENT)


def read(body: bytes) -> Message | None:
    """The message in a plain body."""
    if len(body) > PLAIN_BYTES_MAX or not body.startswith(BEGINNINGS):
        return None
    start = next(len(each) for each in BEGINNINGS if body.startswith(each))
    try:
        document = _document(body, start)
    except (IndexError, ValueError):  # cut off, or not UTF-8
        return None
    return None if document is None else _message(document)


def _message(document: Document) -> Message | None:
    if len(document.headers) != 1 or len(document.bodies) != 1:
        return None
    [header], [body] = document.headers, document.bodies
    if not header.session_id or not header.msg_id:
        return None
    return Message(header, body.commands, body.final)


def _document(body: bytes, at: int) -> Document | None:
    """What the root holds. Long, since a call for every token would cost as much as all the rest.

    Bounded by the body: every byte is read once, and nothing nests but what the schema nests.
    """
    page, frame, values = SYNCML_PAGE, WHOLE, WHOLE.blank.copy()
    places, find, has_opaque = frame.places[page], body.index, False
    outer: list[tuple[Frame, list[Any], int, int]] = []
    while True:
        if (found := places[body[at]]) is not None:
            index, begins, inner = found
            at += 1
            if inner is not None:
                outer.append((frame, values, index, begins))
                frame, values, places = inner, inner.blank.copy(), inner.places[page]
                continue
            if begins == FLAG:
                values[index] = True
                continue
            text: Any = ""
            if body[at] == STR_I:
                end = find(0, at)
                text, at = body[at + 1 : end].decode(), end + 1
            elif body[at] == OPAQUE and begins == DATA:
                (text, at), has_opaque = _opaque(body, at + 1), True
            if body[at] != END:
                return None
            at += 1
            if begins == WORD:
                values[index] = text.strip(BLANKS)
            elif begins == WORDS:
                add_to(values, index, text.strip(BLANKS))
            else:
                values[index] = _number(text) if begins == NUMBER else text
        elif body[at] == END:
            value = frame.value(values, has_opaque)
            if not outer:
                return value  # type: ignore[no-any-return]  # the outermost is the document
            has_opaque = has_opaque and not frame.settles
            frame, values, index, begins = outer.pop()
            if begins == ONE:
                values[index] = value
            else:
                add_to(values, index, value)
            places, at = frame.places[page], at + 1
        elif body[at] == SWITCH_PAGE:
            page = body[at + 1]
            places, at = frame.places[page], at + 2
        else:
            return None


def _number(text: str) -> int:
    if text.isdigit() and text.isascii() and len(text) <= DIGITS_MAX:
        return int(text)
    raise ValueError(text)


def _opaque(body: bytes, at: int) -> tuple[bytes, int]:
    """Opaque data and what follows it, by its length, which here has two bytes at most."""
    first, second = body[at : at + 2]
    if first < 0x80:
        start, length = at + 1, first
    elif second < 0x80:
        start, length = at + 2, (first & 0x7F) << 7 | second
    else:
        raise ValueError(first)
    return body[start : start + length], start + length
