"""What fits into one message, and what waits for the next (DM Protocol §7.1, §7.2). Pure.

Promises: no message is larger than the peer takes; what waits keeps its order; a value is cut only
if a whole message could not hold it; each message takes something, or it is a PeerError: a peer
whose messages hold not even one Status cannot be spoken to.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from fumo.dm.codec import encode
from fumo.dm.kept import items_of, with_items
from fumo.dm.message import WBXML, XML, Command, Message, Meta, Results, Status, name_of
from fumo.dm.xml_form import XmlForm
from fumo.errors import PeerError

Made: TypeAlias = Callable[[int], Command]

RESERVE_BYTES = {XML: 256, WBXML: 64}
"""What the answer to a 1222 takes of the next message, before a value that waits for it."""


class Unsent(Struct, frozen=True):
    """A command to be sent. `purpose` is its caller's word, None for an answer of ours.

    `begun`: chunks of its value were sent already. `chunk`: it is one itself, and more follow.
    `waited`: one message had no room for it, so that it would wait for ever if it waited again.
    """

    command: Command
    purpose: str | None = None
    begun: bool = False
    chunk: bool = False
    waited: bool = False


class Packed(Struct, frozen=True):
    """`sent` have their numbers; `left` wait."""

    sent: tuple[Unsent, ...]
    left: tuple[Unsent, ...] = ()


def pack(
    frame: Message,
    queue: Sequence[Unsent],
    size_max: int | None,
    media_type: str,
    *,
    may_cut: bool = True,
) -> Packed:
    """As much of the queue as fits beside what is in the frame; `may_cut`: values in chunks."""
    first = len(frame.commands) + 1
    numbered = tuple(_numbered(one, number) for number, one in enumerate(queue, first))
    whole = replace(frame, commands=(*frame.commands, *(one.command for one in numbered)))
    if size_max is None or len(encode(whole, media_type)) <= size_max:
        return Packed(numbered)
    return _Packer(frame, size_max, media_type, may_cut).pack(numbered)


def carried_as(command: Command, media_type: str) -> Command:
    """A command with its values as they travel: XML has no raw bytes."""
    if media_type != XML:
        return command
    form = XmlForm()
    items = items_of(command)
    return with_items(
        command, tuple(form.item(i) if isinstance(i.data, bytes) else i for i in items)
    )


class _Packer:
    """One message being filled."""

    def __init__(self, frame: Message, size_max: int, media_type: str, may_cut: bool) -> None:
        self._media_type, self._may_cut = media_type, may_cut
        self._bare = replace(frame, commands=(), final=False)
        self._empty = len(encode(self._bare, media_type))
        self._room = size_max - len(encode(replace(frame, final=True), media_type))
        self._roomy = self._room - RESERVE_BYTES[media_type]

    def pack(self, queue: Sequence[Unsent]) -> Packed:
        """Fill it in order; the first that does not fit ends it."""
        if self._room < 0:
            raise PeerError("it takes no message that could hold our header")
        place = next((n for n, one in enumerate(queue) if not self._takes(one)), len(queue) - 1)
        sent, one, later = tuple(queue[:place]), queue[place], queue[place + 1 :]
        if _must_be_first(one, sent):
            return Packed(sent, (one, *later))
        part, rest = self._split(one)
        if part is not None:
            return Packed((*sent, part), (*rest, *later))
        if one.waited or not sent:
            raise PeerError(f"it takes no message that could hold a {name_of(one.command)}")
        return Packed(sent, (replace(rest[0], waited=True), *rest[1:], *later))

    def _takes(self, one: Unsent) -> bool:
        size = self._size(one.command)
        if size > self._room:
            return False
        self._room -= size
        return True

    def _size(self, command: Command) -> int:
        """What a command adds to a message: commands do not touch each other in either form."""
        return len(encode(replace(self._bare, commands=(command,)), self._media_type)) - self._empty

    def _split(self, one: Unsent) -> tuple[Unsent | None, list[Unsent]]:
        """What of a command goes into the room that is left, and the rest of it."""
        command = carried_as(one.command, self._media_type)
        if isinstance(command, Results) and len(command.items) > 1:
            return self._some_items(replace(one, command=command), command)
        waits = not (one.begun or one.waited)
        if waits and self._size(command) <= self._roomy:
            return None, [one]
        if isinstance(command, Status):
            bare = replace(one, command=replace(command, items=()))  # its code matters most
            return (bare, []) if self._takes(bare) else (None, [one])
        return self._cut(replace(one, command=command), command)

    def _some_items(self, one: Unsent, command: Results) -> tuple[Unsent | None, list[Unsent]]:
        """Results are the one command whose Items may be parted among messages."""
        count = self._largest(range(1, len(command.items)), lambda n: _first(command, n))
        if count:
            part = replace(one, command=_first(command, count))
            return part, [replace(one, command=replace(command, items=command.items[count:]))]
        first = replace(one, command=_first(command, 1))
        rest = replace(one, command=replace(command, items=command.items[1:]))
        part_of_it, left = self._split(first)
        return part_of_it, [*left, rest]

    def _cut(self, one: Unsent, command: Command) -> tuple[Unsent | None, list[Unsent]]:
        """The first chunk says the Size of the whole, and all but the last that more comes."""
        items = items_of(command)
        data = items[0].data if len(items) == 1 else None
        if not data or not self._may_cut:
            return None, [one]
        total = None if one.begun else len(data.encode() if isinstance(data, str) else data)
        count = self._largest(range(1, len(data)), lambda n: _chunk(command, n, total))
        if not count:
            return None, [one]
        tail = with_items(command, (replace(items[0], data=data[count:]),))
        chunk = replace(one, command=_chunk(command, count, total), chunk=True)
        return chunk, [replace(one, command=tail, begun=True)]

    def _largest(self, counts: range, made: Made) -> int:
        """The largest count whose command fits, by halving; 0 if none does."""
        low, high = 0, len(counts)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._size(made(counts[middle - 1])) <= self._room
            low, high = (middle, high) if fits else (low, middle - 1)
        return counts[low - 1] if low else 0


def _must_be_first(one: Unsent, sent: Sequence[Unsent]) -> bool:
    """A value is cut before anything else is asked: else the answer could be in chunks, too, and
    each side would wait for the other's end.
    """
    asked = any(before.purpose is not None for before in sent)
    return asked and one.purpose is not None and not (one.begun or one.waited)


def _numbered(one: Unsent, number: int) -> Unsent:
    return replace(one, command=replace(one.command, cmd_id=number))


def _first(results: Results, count: int) -> Results:
    return replace(results, items=results.items[:count])


def _chunk(command: Command, count: int, total: int | None) -> Command:
    """The first part of a command's value; `total` is said with the first chunk only."""
    [item] = items_of(command)
    assert item.data is not None
    meta = item.meta if total is None else replace(item.meta or Meta(), size=total)
    part = replace(item, meta=meta, data=item.data[:count], more_data=True)
    return with_items(command, (part,))
