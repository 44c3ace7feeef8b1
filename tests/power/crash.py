"""What a power cut may leave of a recorded disk. Pure.

Durable is what a file was at its last sync; of what was written since, all, nothing, or any
sectors of 512 bytes may have arrived, in any order. A new name is durable with its file's first
sync, a deletion at once.
"""

import random
from collections.abc import Iterable, Iterator

from fumo.testing.disk import SECTOR, Damage
from tests.power.vfs import Deleted, Event, Synced, Truncated, Written

Image = dict[str, bytes]


class Platter:
    """The disk after some events: what is durable, and what is still on its way."""

    def __init__(self) -> None:
        self._durable: dict[str, bytearray] = {}
        self._pending: dict[str, list[Written | Truncated]] = {}

    def take(self, event: Event) -> None:
        match event:
            case Deleted(name):
                self._durable.pop(name, None)
                self._pending.pop(name, None)
            case Synced(name):
                content = self._durable.setdefault(name, bytearray())
                for change in self._pending.pop(name, ()):
                    _apply(content, change)
            case Written(name) | Truncated(name):
                self._pending.setdefault(name, []).append(event)

    def is_settled(self) -> bool:
        """Nothing is on its way: every damage leaves the same."""
        return not any(self._pending.values())

    def left(self, damage: Damage, dice: random.Random) -> Image:
        """The files after a cut now."""
        image = {}
        for name in sorted(self._durable.keys() | self._pending.keys()):
            pending = self._pending.get(name, ())
            arrived = list(_arrived(pending, damage, dice))
            if name in self._durable or arrived:
                content = bytearray(self._durable.get(name, b""))
                for change in arrived:
                    _apply(content, change)
                image[name] = bytes(content)
        return image


def _arrived(
    pending: Iterable[Written | Truncated], damage: Damage, dice: random.Random
) -> Iterator[Written | Truncated]:
    if damage is Damage.NONE:
        yield from pending
    if damage is not Damage.RANDOM:
        return
    for change in pending:
        if isinstance(change, Written):
            yield from (piece for piece in _sectors(change) if dice.random() < 0.5)
        elif dice.random() < 0.5:
            yield change


def _sectors(change: Written) -> Iterator[Written]:
    """The write, cut where the disk's sectors end."""
    start, end = change.offset, change.offset + len(change.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        data = change.data[start - change.offset : stop - change.offset]
        yield Written(change.file, start, data)
        start = stop


def _apply(content: bytearray, change: Written | Truncated) -> None:
    length = len(content)
    if isinstance(change, Truncated):
        del content[change.length :]
        content.extend(bytes(change.length - len(content)))
        return
    content.extend(bytes(max(0, change.offset - length)))
    content[change.offset : change.offset + len(change.data)] = change.data
