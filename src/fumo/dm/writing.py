"""From a Message to bytes: one walk over the schema, whichever form it is written in. Pure.

Elements come in the strict order of the schema (DM RepPro §6), since the field's parsers insist on
it. A form (XML, WBXML) says how tags, text and raw bytes look; everything else is here.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from fumo.dm import schema
from fumo.dm.embedded import concerns
from fumo.dm.message import Atomic, Item, Message, Sequence, Unknown
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
    def leaf(self, opening: T, closing: T) -> Write[T]:
        """The function that writes an element of text, of a number, or of raw bytes."""

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
        self._commands: dict[type, Write[T]] = {
            shape.struct: self._element(name, shape, None, self._after(shape))
            for name, shape in schema.COMMANDS.items()
        }
        self._header: Write[T] = self._element("SyncHdr", schema.HEADER, None)
        self._commands[Unknown] = self._unknown

    def write(self, message: Message) -> bytes:
        """The body of a message."""
        form = self.form
        parts = [form.opening("SyncML", None)]
        self._header(parts, message.header)
        parts.append(form.opening("SyncBody", None))
        for command in message.commands:
            self._commands[type(command)](parts, command)
        if message.final:
            parts.append(form.flag("Final"))
        parts += (form.closing("SyncBody", None), form.closing("SyncML", None))
        return form.whole(parts)

    def _after(self, shape: Shape) -> Write[T] | None:
        return self._inner if shape.holds_commands else None

    def _inner(self, parts: list[T], container: Atomic | Sequence) -> None:
        for command in container.commands:
            self._commands[type(command)](parts, command)

    def _unknown(self, parts: list[T], command: Unknown) -> None:
        self._element(command.name, schema.UNKNOWN, None)(parts, command)

    # --- elements ---

    def _element(
        self, name: str, shape: Shape, parent: Shape | None, after: Write[T] | None = None
    ) -> Write[T]:
        """Make the function that writes an element with a value of a shape in it."""
        opening, closing = self.form.opening(name, parent), self.form.closing(name, shape)
        order = shape.struct.__struct_fields__
        steps = [
            (order.index(field.name), field.unsaid, self._field(field, shape))
            for field in shape.fields
        ]

        def write(parts: list[T], value: Struct) -> None:
            parts.append(opening)
            fields = astuple(value)
            for index, unsaid, write_field in steps:
                held = fields[index]
                if held is not unsaid:  # None, False, 0 and () are one object each
                    write_field(parts, held)
            if after is not None:
                after(parts, value)
            parts.append(closing)

        return self._item(write) if shape is schema.ITEM else write

    def _item(self, write: Write[T]) -> Write[T]:
        def write_item(parts: list[T], item: Item) -> None:
            write(parts, self.form.item(item) if concerns(item) else item)

        return write_item

    def _field(self, field: Field, parent: Shape) -> Write[T]:
        """Make the function that writes a field, each time it comes."""
        write_one = self._one(field, parent)
        if not field.many:
            return write_one

        def write_many(parts: list[T], values: tuple[object, ...]) -> None:
            for value in values:
                write_one(parts, value)

        return write_many

    def _one(self, field: Field, parent: Shape) -> Write[T]:
        if isinstance(field.holds, Shape):
            return self._element(field.element, field.holds, parent)
        form = self.form
        if field.holds is Kind.FLAG:
            return lambda parts, value: parts.append(form.flag(field.element))
        opening = form.opening(field.element, parent)
        return form.leaf(opening, form.closing(field.element, field.holds))
