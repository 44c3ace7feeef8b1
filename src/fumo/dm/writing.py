"""From a Message to bytes: one walk over the schema, whichever form it is written in. Pure.

Elements come in the strict order of the schema (DM RepPro §6), since the field's parsers insist on
it. A form (XML, WBXML) says how tags, text and raw bytes look; everything else is here.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

from fumo.dm import schema
from fumo.dm.embedded import concerns
from fumo.dm.message import Atomic, Command, Item, Message, Sequence, Unknown
from fumo.dm.schema import Field, Kind, Shape

T = TypeVar("T", str, bytes)
Write: TypeAlias = Callable[[list[T], Any], None]


class Form(ABC, Generic[T]):
    """The two forms differ in this, and in nothing else."""

    @abstractmethod
    def opening(self, name: str, parent: Shape | None) -> T:
        """The start of an element that holds something."""

    @abstractmethod
    def closing(self, name: str, holds: Kind | Shape | None) -> T:
        """The end of such an element."""

    @abstractmethod
    def flag(self, name: str) -> T:
        """An element that holds nothing."""

    @abstractmethod
    def text(self, text: str) -> T:
        """Text in an element."""

    @abstractmethod
    def raw(self, data: bytes) -> T:
        """Raw bytes in an element."""

    @abstractmethod
    def item(self, item: Item) -> Item:
        """An item with raw bytes or a document, as this form can carry it."""

    @abstractmethod
    def whole(self, parts: list[T]) -> bytes:
        """The body made of all parts."""


class Writer(Generic[T]):
    """Writes messages in one form. Made once; every tag it will need is ready beforehand."""

    def __init__(self, form: Form[T]) -> None:
        """A writer for this form."""
        self.form: Form[T] = form
        self._writers: dict[Shape, Write[T]] = {}
        self._commands: dict[type, tuple[T, Write[T], T]] = {
            shape.struct: (form.opening(name, None), self._of(shape), form.closing(name, shape))
            for name, shape in schema.COMMANDS.items()
        }
        self._header: Write[T] = self._of(schema.HEADER)
        self._cmd_id: Write[T] = self._of(schema.UNKNOWN)

    def write(self, message: Message) -> bytes:
        """The body of a message."""
        form = self.form
        parts = [form.opening("SyncML", None), form.opening("SyncHdr", None)]
        self._header(parts, message.header)
        parts += (form.closing("SyncHdr", schema.HEADER), form.opening("SyncBody", None))
        for command in message.commands:
            self._command(parts, command)
        if message.final:
            parts.append(form.flag("Final"))
        parts += (form.closing("SyncBody", None), form.closing("SyncML", None))
        return form.whole(parts)

    def _command(self, parts: list[T], command: Command) -> None:
        if isinstance(command, Unknown):
            return self._unknown(parts, command)
        opening, write, closing = self._commands[type(command)]
        parts.append(opening)
        write(parts, command)
        if isinstance(command, Atomic | Sequence):
            for child in command.commands:
                self._command(parts, child)
        parts.append(closing)
        return None

    def _unknown(self, parts: list[T], command: Unknown) -> None:
        parts.append(self.form.opening(command.name, None))
        self._cmd_id(parts, command)
        parts.append(self.form.closing(command.name, schema.UNKNOWN))

    # --- values of a shape ---

    def _of(self, shape: Shape) -> Write[T]:
        return self._writers.get(shape) or self._writers.setdefault(shape, self._writer(shape))

    def _writer(self, shape: Shape) -> Write[T]:
        """Make the function that writes one kind of value."""
        steps = [
            (field.name, field.unsaid, self._many(field, shape) if field.many else one)
            for field in shape.fields
            for one in (self._element(field, shape),)
        ]

        def write(parts: list[T], value: object) -> None:
            for name, unsaid, write_field in steps:
                held = getattr(value, name)
                if held != unsaid:
                    write_field(parts, held)

        return self._item(write) if shape is schema.ITEM else write

    def _item(self, write: Write[T]) -> Write[T]:
        def write_item(parts: list[T], item: object) -> None:
            assert isinstance(item, Item)
            write(parts, self.form.item(item) if concerns(item) else item)

        return write_item

    def _many(self, field: Field, parent: Shape) -> Write[T]:
        write_one = self._element(field, parent)

        def write(parts: list[T], values: object) -> None:
            assert isinstance(values, tuple)
            for value in values:
                write_one(parts, value)

        return write

    def _element(self, field: Field, parent: Shape) -> Write[T]:
        """Make the function that writes one element with what it holds."""
        form = self.form
        opening = form.opening(field.element, parent)
        closing = form.closing(field.element, field.holds)
        if field.holds is Kind.FLAG:
            return lambda parts, value: parts.append(form.flag(field.element))
        inner = self._of(field.holds) if isinstance(field.holds, Shape) else self._leaf(field.holds)

        def write(parts: list[T], value: object) -> None:
            parts.append(opening)
            inner(parts, value)
            parts.append(closing)

        return write

    def _leaf(self, kind: Kind) -> Write[T]:
        text, raw = self.form.text, self.form.raw

        def write_number(parts: list[T], value: object) -> None:
            parts.append(text(str(value)))

        def write_text(parts: list[T], value: object) -> None:
            parts.append(raw(value) if isinstance(value, bytes) else text(str(value)))

        return write_number if kind is Kind.NUMBER else write_text
