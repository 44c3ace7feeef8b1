"""What a power cut may leave of a recorded disk. Pure.

Durable is what a file was at its last sync; of what was written since, all, nothing, or any
sectors of 512 bytes may have arrived, in any order. A new name is durable with its file's first
sync, a deletion and a new name for a file at once (who renames syncs the folder).
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

from fumo.testing.disk import SECTOR, Damage
from tests.power.events import Change, Deleted, Event, Renamed, Synced, Truncated, Written

Image: TypeAlias = dict[str, bytes]


class Loss(StrEnum):
    """More that may become of what was not synced, besides `Damage`."""

    TORN = "torn"  # the newest write arrived in part
    REVERSED = "reversed"  # the newer half arrived, the older did not
    ONE_FILE = "one file"  # one file's bytes arrived, the others' did not


class Platter:
    """The disk after some events: what is durable, and what is still on its way."""

    def __init__(self, image: Mapping[str, bytes] | None = None) -> None:
        """`image` is durable already."""
        self._durable: Image = dict(image or {})
        self._pending: list[Change] = []

    def take(self, event: Event) -> None:
        match event:
            case Written() | Truncated():
                self._pending.append(event)
            case Synced(name):
                self._harden(name)
            case Deleted(name):
                self._durable.pop(name, None)
                self._pending = [one for one in self._pending if one.file != name]
            case Renamed(name, new):
                self._rename(name, new)

    def is_settled(self) -> bool:
        """Nothing is on its way: every damage leaves the same."""
        return not self._pending

    def left(self, damage: Damage | Loss, dice: random.Random) -> Image:
        """The files after a cut now."""
        image, changed = dict(self._durable), {}
        for change in ARRIVED[damage](self._pending, dice):
            if change.file not in changed:
                changed[change.file] = bytearray(image.get(change.file, b""))
            _apply(changed[change.file], change)
        return image | {name: bytes(content) for name, content in changed.items()}

    def _harden(self, name: str) -> None:
        content = bytearray(self._durable.get(name, b""))
        for change in self._pending:
            if change.file == name:
                _apply(content, change)
        self._durable[name] = bytes(content)
        self._pending = [one for one in self._pending if one.file != name]

    def _rename(self, name: str, new: str) -> None:
        """The name is durable, bytes that were not synced are not."""
        self._durable[new] = self._durable.pop(name, b"")
        pending = (one for one in self._pending if one.file != new)
        self._pending = [_under(new, one) if one.file == name else one for one in pending]


def _under(name: str, change: Change) -> Change:
    if isinstance(change, Written):
        return Written(name, change.offset, change.data)
    return Truncated(name, change.length)


def _kept(pending: list[Change], dice: random.Random) -> Iterable[Change]:
    return pending


def _dropped(pending: list[Change], dice: random.Random) -> Iterable[Change]:
    return ()


def _scattered(pending: list[Change], dice: random.Random) -> Iterator[Change]:
    for change in pending:
        if isinstance(change, Written):
            yield from (piece for piece in _sectors(change) if dice.random() < 0.5)
        elif dice.random() < 0.5:
            yield change


def _torn(pending: list[Change], dice: random.Random) -> Iterator[Change]:
    """At any byte: harsher than disks, which write a sector whole or not."""
    yield from pending[:-1]
    if pending and isinstance(last := pending[-1], Written):
        yield Written(last.file, last.offset, last.data[: dice.randint(0, len(last.data))])


def _reversed(pending: list[Change], dice: random.Random) -> Iterable[Change]:
    return pending[(len(pending) + 1) // 2 :]


def _one_file(pending: list[Change], dice: random.Random) -> Iterable[Change]:
    names = sorted({one.file for one in pending})
    chosen = dice.choice(names) if names else None
    return [one for one in pending if one.file == chosen]


ARRIVED: dict[Damage | Loss, Callable[[list[Change], random.Random], Iterable[Change]]] = {
    Damage.NONE: _kept,
    Damage.ALL: _dropped,
    Damage.RANDOM: _scattered,
    Loss.TORN: _torn,
    Loss.REVERSED: _reversed,
    Loss.ONE_FILE: _one_file,
}


def _sectors(change: Written) -> Iterator[Written]:
    """The write, cut where the disk's sectors end."""
    start, end = change.offset, change.offset + len(change.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        data = change.data[start - change.offset : stop - change.offset]
        yield Written(change.file, start, data)
        start = stop


def _apply(content: bytearray, change: Change) -> None:
    length = len(content)
    if isinstance(change, Truncated):
        del content[change.length :]
        content.extend(bytes(change.length - len(content)))
        return
    content.extend(bytes(max(0, change.offset - length)))
    content[change.offset : change.offset + len(change.data)] = change.data
