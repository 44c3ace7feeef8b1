"""A folder in memory whose power can be cut: the `Files` port with a durable layer below.

What is written is volatile until it is synced. `cut` keeps, drops or tears the rest, 512-byte
sector by sector, as a disk may. Every operation is counted, so a test can run a story once, learn
that it takes N operations, and then cut the power before, half-way through and after each.
Disk faults (full, EIO once or for ever) are chosen per operation in the same way.
"""

import errno
import random
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

SECTOR = 512

Image: TypeAlias = dict[str, bytes]


class PowerCut(BaseException):
    """The machine is dead: no handler in the code under test may go on after it."""


class Moment(StrEnum):
    """When the power goes, as seen from one operation."""

    BEFORE = "before"
    HALF_DONE = "half done"
    AFTER = "after"


class Damage(StrEnum):
    """What becomes of writes that were never synced."""

    NONE = "none"  # all of them reached the disk
    ALL = "all"  # none of them did
    RANDOM = "random"  # some sectors of some of them did


class Cut(Struct, frozen=True):
    """Cut the power at the n-th operation, counted from 1."""

    operation: int
    moment: Moment = Moment.BEFORE


class Fault(Struct, frozen=True):
    """The n-th operation that could fail does; `for_ever`: and all after it."""

    operation: int
    code: int = errno.EIO
    for_ever: bool = False


class MemoryFiles:
    """Implements `Files`. `volatile` is what the program sees, `durable` what a cut leaves."""

    def __init__(
        self, capacity: int | None = None, cut: Cut | None = None, fault: Fault | None = None
    ) -> None:
        """`capacity` in bytes, None for endless."""
        self.volatile: dict[str, bytearray] = {}
        self.durable: Image = {}
        self.capacity = capacity
        self.planned_cut = cut
        self.fault = fault
        self.operations = 0
        self.log: list[tuple[str, str]] = []
        """Every operation that changes something: (verb, name)."""

    def exists(self, name: str) -> bool:
        """Is there such a file?"""
        return name in self.volatile

    def size(self, name: str) -> int:
        """Length in bytes; 0 for a missing file."""
        return len(self.volatile.get(name, b""))

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Up to `length` bytes; b"" at the end or for a missing file."""
        return bytes(self.volatile.get(name, b"")[offset : offset + length])

    def write(self, name: str, offset: int, data: bytes | memoryview) -> None:
        """Write in place; half done: the first half of the bytes."""
        half = data[: len(data) // 2]
        self._do(
            "write",
            name,
            lambda: self._put(name, offset, data),
            lambda: self._put(name, offset, half),
        )

    def truncate(self, name: str, length: int) -> None:
        """Cut or extend to `length`."""
        self._do("truncate", name, lambda: self._resize(name, length))

    def sync(self, name: str) -> None:
        """All written to it becomes durable; half done: as much as random damage leaves."""
        self._do(
            "sync", name, lambda: self._harden(name), lambda: self._tear(name, random.Random(name))
        )

    def replace(self, name: str, data: bytes) -> None:
        """Old or new, whole and durable."""
        self._do("replace", name, lambda: self._set(name, data))

    def rename(self, name: str, new: str) -> None:
        """Atomic and durable; replaces `new`."""
        self._do("rename", name, lambda: self._move(name, new))

    def delete(self, name: str) -> None:
        """Gone durably; a missing file is fine."""
        self._do("delete", name, lambda: self._remove(name))

    def free(self) -> int:
        """Bytes that can still be written."""
        used = sum(map(len, self.volatile.values()))
        return max(0, self.capacity - used) if self.capacity is not None else 1 << 50

    def cut(self, damage: Damage = Damage.ALL, seed: int = 0) -> None:
        """The power went and came back: what is seen now is what the disk kept."""
        dice = random.Random(seed)
        if damage is Damage.NONE:
            for name in list(self.volatile):
                self._harden(name)
        elif damage is Damage.RANDOM:
            for name in sorted(self.volatile):
                self._tear(name, dice)
        self.volatile = {name: bytearray(data) for name, data in self.durable.items()}
        self.planned_cut = None

    def _do(
        self, verb: str, name: str, deed: Callable[[], None], half: Callable[[], None] | None = None
    ) -> None:
        """One operation that changes something, with the cut or the fault that was planned."""
        self.operations += 1
        self.log.append((verb, name))
        moment = self._moment()
        if moment is Moment.BEFORE:
            raise PowerCut(f"before {verb} {name}")
        if moment is Moment.HALF_DONE:
            if half is not None:
                half()
            raise PowerCut(f"half-way through {verb} {name}")
        self._fail_as_planned(verb, name)
        deed()
        if moment is Moment.AFTER:
            raise PowerCut(f"after {verb} {name}")

    def _moment(self) -> Moment | None:
        plan = self.planned_cut
        return plan.moment if plan is not None and plan.operation == self.operations else None

    def _fail_as_planned(self, verb: str, name: str) -> None:
        fault = self.fault
        if fault is None or self.operations < fault.operation:
            return
        if self.operations == fault.operation or fault.for_ever:
            raise OSError(fault.code, f"{verb} {name}")

    def _put(self, name: str, offset: int, data: bytes | memoryview) -> None:
        grown = offset + len(data) - self.size(name)
        if self.capacity is not None and grown > self.free():
            raise OSError(errno.ENOSPC, f"write {name}")
        file = self.volatile.setdefault(name, bytearray())
        file.extend(bytes(max(0, offset - len(file))))
        file[offset : offset + len(data)] = data

    def _resize(self, name: str, length: int) -> None:
        file = self.volatile.setdefault(name, bytearray())
        del file[length:]
        file.extend(bytes(length - len(file)))

    def _harden(self, name: str) -> None:
        self._put(name, 0, b"")
        self.durable[name] = bytes(self.volatile[name])

    def _set(self, name: str, data: bytes) -> None:
        old = self.volatile.pop(name, None)
        try:
            self._put(name, 0, data)
        except OSError:
            if old is not None:
                self.volatile[name] = old
            raise
        self._harden(name)

    def _move(self, name: str, new: str) -> None:
        if name not in self.volatile:
            raise FileNotFoundError(errno.ENOENT, name)
        self.volatile[new] = self.volatile.pop(name)
        self.durable[new] = self.durable.pop(name, b"")  # the name is durable, unsynced bytes not

    def _remove(self, name: str) -> None:
        self.volatile.pop(name, None)
        self.durable.pop(name, None)

    def _tear(self, name: str, dice: random.Random) -> None:
        """Of what was not synced, some sectors arrive; the length is the old or the new one."""
        if name not in self.volatile:
            return
        old, new = self.durable.get(name), self.volatile[name]
        if old is None and dice.random() < 0.5:
            return  # the name itself never arrived
        old = old or b""
        length = dice.choice((len(old), len(new)))
        torn = bytearray(old.ljust(length, b"\0")[:length])
        for start in range(0, length, SECTOR):
            if dice.random() < 0.5:
                piece = new[start : min(start + SECTOR, length)]
                torn[start : start + len(piece)] = piece
        self.durable[name] = bytes(torn)
