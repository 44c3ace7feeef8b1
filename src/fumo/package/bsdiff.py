"""Patches in the format of bsdiff 4.x, applied as a stream. Pure.

    b"BSDIFF40" | three lengths | control | diff | extra

The lengths are of control, of diff and of the new file; the blocks are bzip2 streams. Control
holds triples: add so many bytes of the old file to bytes of diff, copy so many of extra, then move
in the old file. Numbers are 8 bytes, little-endian, the highest bit a sign.

Promise: `apply` gives exactly `length` bytes or raises DecodeError; memory stays below some
megabytes whatever the files are, for nothing is held but a piece of each.
"""

import bz2
from collections.abc import Callable, Iterator
from typing import TypeAlias

from fumo.errors import DecodeError

MAGIC = b"BSDIFF40"
HEAD_LENGTH = 32
PIECE = 256 * 1024
EMPTY_STEPS_MAX = 1024  # steps that give no byte: makers need a few, a bomb needs many

Reader: TypeAlias = Callable[[int, int], bytes]


def apply(read_old: Reader, old_length: int, read_patch: Reader, length: int) -> Iterator[bytes]:
    """The new file, in pieces. Both readers take (offset, length) and give b"" at the end."""
    buffer = bytearray()
    for some in _steps(read_old, old_length, read_patch, length):
        buffer += some
        if len(buffer) >= PIECE:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _steps(read_old: Reader, old_length: int, read_patch: Reader, length: int) -> Iterator[bytes]:
    control, diff, extra = _blocks(read_patch, length)
    at, done, empty = 0, 0, 0
    while done < length:
        add, copy, move = (_number(control.take(8)) for _ in range(3))
        if add < 0 or copy < 0 or done + add + copy > length:
            raise DecodeError("the patch would write outside the new file", f"byte {done}")
        for size in _sizes(add):
            yield _sum(_old(read_old, old_length, at, size), diff.take(size))
            at += size
        for size in _sizes(copy):
            yield extra.take(size)
        at, done, empty = at + move, done + add + copy, empty + (add + copy == 0)
        if empty > EMPTY_STEPS_MAX:
            raise DecodeError("the patch goes on without an end", f"byte {done}")


def _blocks(read: Reader, length: int) -> tuple["Block", "Block", "Block"]:
    head = read(0, HEAD_LENGTH)
    if len(head) != HEAD_LENGTH or head[:8] != MAGIC:
        raise DecodeError("this is no bsdiff patch", "offset 0")
    control, diff, told = (_number(head[at : at + 8]) for at in (8, 16, 24))
    if min(control, diff) < 0 or told != length:
        raise DecodeError(f"a patch to {told} bytes, where {length} are wanted", "offset 8")
    first, second = HEAD_LENGTH + control, HEAD_LENGTH + control + diff
    return Block(read, HEAD_LENGTH, first), Block(read, first, second), Block(read, second, None)


class Block:
    """One bzip2 stream of the patch; gives what is asked for, and holds no more than that."""

    def __init__(self, read: Reader, start: int, end: int | None) -> None:
        """The stream lies in [start, end) of the patch; None: up to its end."""
        self._read, self._at, self._end = read, start, end
        self._unpacker = bz2.BZ2Decompressor()

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes more."""
        taken = bytearray()
        while len(taken) < count:
            taken += self._some(count - len(taken))
        return bytes(taken)

    def _some(self, count: int) -> bytes:
        if self._unpacker.eof:
            raise DecodeError("a block of the patch is too short", f"offset {self._at}")
        packed = self._packed() if self._unpacker.needs_input else b""
        try:
            return self._unpacker.decompress(packed, count)
        except OSError as error:
            raise DecodeError("a block of the patch is broken", f"offset {self._at}") from error

    def _packed(self) -> bytes:
        left = PIECE if self._end is None else min(PIECE, self._end - self._at)
        packed = self._read(self._at, left) if left > 0 else b""
        if not packed:
            raise DecodeError("a block of the patch is cut", f"offset {self._at}")
        self._at += len(packed)
        return packed


def _sizes(total: int) -> Iterator[int]:
    """`total` in pieces."""
    for start in range(0, total, PIECE):
        yield min(PIECE, total - start)


def octets(number: int) -> bytes:
    """A number as it stands in a patch."""
    return ((1 << 63) - number if number < 0 else number).to_bytes(8, "little")


def _number(octets: bytes) -> int:
    value = int.from_bytes(octets, "little")
    sign = 1 << 63
    return sign - value if value & sign else value


def _old(read: Reader, old_length: int, at: int, size: int) -> bytes:
    """Bytes of the old file; outside of it there are zeros, as bspatch has it."""
    start, end = max(at, 0), min(at + size, old_length)
    if start >= end:
        return bytes(size)
    inside = read(start, end - start)
    if len(inside) != end - start:
        raise DecodeError(f"the old file ends before byte {end}")
    return bytes(start - at) + inside + bytes(at + size - end)


def _sum(left: bytes, right: bytes) -> bytes:
    """Byte by byte, without carry: as one long number, since a loop would take minutes."""
    size = len(right)
    low = int.from_bytes(b"\x7f" * size, "little")
    one, two = int.from_bytes(left, "little"), int.from_bytes(right, "little")
    high = int.from_bytes(b"\x80" * size, "little")
    return (((one & low) + (two & low)) ^ ((one ^ two) & high)).to_bytes(size, "little")
