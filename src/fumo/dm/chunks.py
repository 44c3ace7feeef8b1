"""Large objects, heard: one value that comes in many messages, joined again (DM Protocol §7.2).

The first chunk says the Size of the whole, all but the last say MoreData, and nothing comes
between. Promises: what `join` gives is whole: a command with a value of just the Size it announced,
or with no chunk at all. Not more than one value is held, and not more of it than `size_max` bytes.
After a fault the rest of the same object is swallowed, so that its tail is not taken for a value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Status as Code
from fumo.dm.kept import Kept, again, items_of, keep, with_items
from fumo.dm.message import (
    Alert,
    Atomic,
    Command,
    Id,
    Item,
    Message,
    Meta,
    Sequence,
    Status,
    name_of,
)

RAW = "bin"


class Unfinished(Struct, frozen=True):
    """A value of which more is to come. `refusal`: the rest of it is swallowed with this Status."""

    name: str
    uri: str
    of_source: bool = False
    head: Kept | None = None
    size: int = 0
    held: int = 0
    text: bool = True
    pieces: tuple[bytes, ...] = ()
    refusal: int = 0


class Due(Struct, frozen=True):
    """A Status that the session itself owes for a command of the peer."""

    msg_id: int
    cmd_id: Id
    name: str
    code: int


class Broken(Struct, frozen=True):
    """A value that was broken off: an Alert 1225 names it by its target or source."""

    uri: str
    of_source: bool


@dataclass
class Joined:
    """What a message says when all values are whole, and what it leaves open."""

    unfinished: Unfinished | None
    commands: list[Command] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    broken: Broken | None = None


def join(unfinished: Unfinished | None, message: Message, size_max: int) -> Joined:
    """Hear a message's commands, one value being unfinished before and perhaps after it."""
    joiner = _Joiner(Joined(unfinished), message.header.msg_id, size_max)
    for command in message.commands:
        joiner.take(command)
    joiner.end(message.final)
    return joiner.joined


def carried(data: str | bytes | None) -> bytes:
    """A value as it is counted: Size is the length as carried in the messages."""
    return data.encode() if isinstance(data, str) else data or b""


@dataclass
class _Joiner:
    joined: Joined
    msg_id: int
    size_max: int
    touched: bool = False

    def take(self, command: Command) -> None:
        """One command, in the order of the message."""
        open_ = self.joined.unfinished
        if open_ is not None and _continues(open_, command):
            self.touched = True
            self._go_on(open_, command)
        elif isinstance(command, Status) or (isinstance(command, Alert) and not _parted(command)):
            self.joined.commands.append(command)  # answers and alerts are no objects
        elif open_ is not None and not open_.refusal:
            self._intrudes(open_, command)
        else:
            self._begin(command)

    def end(self, final: bool) -> None:
        """A package that ends without the rest of a value has broken it off."""
        open_ = self.joined.unfinished
        if open_ is not None and final and not self.touched:
            self._drop(open_)

    def _begin(self, command: Command) -> None:
        """A whole command, or the first chunk of a value."""
        self.joined.unfinished = None
        if not _parted(command):
            self.joined.commands.append(command)
            return
        self.touched = True
        items = items_of(command)
        if not items or not items[-1].more_data or any(item.more_data for item in items[:-1]):
            return self._due(command, Code.BAD_REQUEST)  # DM Protocol §7.2: nothing follows it
        name, last = name_of(command), items[-1]
        size, piece = _size(command, last), carried(last.data)
        bare = with_items(command, (*items[:-1], replace(last, data=None, more_data=False)))
        first = Unfinished(name, *_place(last), keep(bare), size or 0)
        code = self._fault(size, sum(len(carried(item.data)) for item in items[:-1]))
        return self._swallow(first, command, code) if code else self._add(first, command, piece)

    def _fault(self, size: int | None, held: int) -> Code | None:
        if size is None:
            return Code.INCOMPLETE
        return Code.TOO_LARGE if size + held > self.size_max else None

    def _go_on(self, open_: Unfinished, command: Command) -> None:
        """One chunk more; Size is said once (DM Protocol §7.2)."""
        item, *others = items_of(command)
        again_said = _size(command, item) is not None
        if open_.refusal and again_said and item.more_data:
            return self._begin(command)  # sent anew, from its beginning
        if open_.refusal:
            return self._swallow(open_, command, Code(open_.refusal))
        if again_said or (others and item.more_data):
            return self._swallow(open_, command, Code.BAD_REQUEST)
        return self._add(open_, command, carried(item.data))

    def _add(self, open_: Unfinished, command: Command, piece: bytes) -> None:
        item = items_of(command)[-1 if open_.pieces == () else 0]
        text = open_.text and not isinstance(item.data, bytes)
        held = open_.held + len(piece)
        grown = replace(open_, held=held, text=text, pieces=(*open_.pieces, piece))
        if held > open_.size or (held == open_.size) is item.more_data:
            return self._swallow(open_, command, Code.SIZE_MISMATCH)
        if not item.more_data:
            return self._begin(_whole(grown, command))
        self.joined.unfinished = grown
        return self._due(command, Code.CHUNK_ACCEPTED)

    def _swallow(self, open_: Unfinished, command: Command, code: Code) -> None:
        """Refuse it, and what is still to come of it."""
        more = items_of(command)[0].more_data or items_of(command)[-1].more_data
        sink = Unfinished(open_.name, open_.uri, open_.of_source, refusal=code)
        self.joined.unfinished = sink if more else None
        self._due(command, code)

    def _intrudes(self, open_: Unfinished, command: Command) -> None:
        """Something else before the value's end. It may be a tail of who knows what: refused."""
        self._drop(open_)
        items = items_of(command)
        if items and items[-1].more_data and _size(command, items[-1]) is not None:
            return self._begin(command)
        return self._due(command, Code.INCOMPLETE)

    def _drop(self, open_: Unfinished) -> None:
        self.joined.unfinished = None
        if not open_.refusal:
            self.joined.broken = Broken(open_.uri, open_.of_source)

    def _due(self, command: Command, code: Code) -> None:
        self.joined.dues.append(Due(self.msg_id, command.cmd_id, name_of(command), code))


def _continues(open_: Unfinished, command: Command) -> bool:
    items = items_of(command)
    if not items or name_of(command) != open_.name or isinstance(command, Status):
        return False
    return _place(items[0]) == (open_.uri, open_.of_source) or not _place(items[0])[0]


def _place(item: Item) -> tuple[str, bool]:
    """What an Item is about, and whether its Source says so."""
    if item.target is not None or item.source is None:
        return (item.target.uri if item.target else ""), False
    return item.source.uri, True


def _parted(command: Command) -> bool:
    """Does any Item in it say that more is to come?"""
    if isinstance(command, Atomic | Sequence):
        return any(_parted(inner) for inner in command.commands)
    return any(item.more_data for item in items_of(command))


def _size(command: Command, item: Item) -> int | None:
    metas: Iterable[Meta | None] = (item.meta, getattr(command, "meta", None))
    return next((meta.size for meta in metas if meta and meta.size is not None), None)


def _whole(full: Unfinished, command: Command) -> Command:
    """The first chunk's command with its value whole, under the last chunk's number."""
    assert full.head is not None
    first = again(full.head)
    *before, item = items_of(first)
    item = replace(item, data=_value(full, item.meta or getattr(first, "meta", None)))
    items = (*before, item, *items_of(command)[1:])
    return replace(with_items(first, items), cmd_id=command.cmd_id)


def _value(full: Unfinished, meta: Meta | None) -> str | bytes:
    """Text when it can be and nothing says that it is not, as for a value in one piece."""
    data = b"".join(full.pieces)
    if not full.text and meta is not None and meta.format == RAW:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
