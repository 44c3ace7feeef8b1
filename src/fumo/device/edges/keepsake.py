"""What the device must not forget even when its journal rots (fault F24): two small copies.

Of each operation whose result is not taken yet: its order, how far it is, and once it is sealed the
alert. Two files with a CRC and a sequence, written by turns and in place, so that a cut tears at
most the older one and a full disk does not matter. Nothing is ever run from here: a journal that
is lost ends what was open, with its own correlator and the result 409, and what was sealed is told
as it was sealed.
"""

import binascii
import contextlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.files import Files
from fumo.update.operation import Alert, Order, Phase
from fumo.update.records import (
    ApplyIntent,
    AttemptRow,
    Closed,
    ExecIn,
    Forgotten,
    Record,
    Seal,
)
from fumo.update.sealing import UNDEFINED, alert_for

COPIES = ("keepsake-0", "keepsake-1")
COPY_LENGTH = 4096
CRC_LENGTH = 4


class Line(Struct, frozen=True):
    """One operation. `alert` None: it is not sealed; `closed`: its alert was taken."""

    order: Order
    phase: Phase = Phase.DOWNLOAD
    attempts: int = 0
    alert: Alert | None = None
    closed: bool = False

    def seal(self) -> Seal:
        """How it ends when no more than this is known of it."""
        alert = self.alert or alert_for(self.order, UNDEFINED)
        return Seal(self.order.op_id, alert, self.phase)

    def end(self) -> tuple[Record, ...]:
        """The seal, and that it was taken if it was."""
        return (self.seal(), Closed(self.order.op_id, False)) if self.closed else (self.seal(),)


class Copy(Struct, frozen=True):
    """One file's content."""

    sequence: int = 0
    lines: tuple[Line, ...] = ()


class Keepsake:
    """The two files, and what they say."""

    def __init__(self, files: Files) -> None:
        """Nothing is read yet."""
        self._files = files
        self._copy = Copy()

    def read(self) -> tuple[Line, ...] | None:
        """The newest valid copy; None: there is none, and nobody knows what was open."""
        valid = [copy for copy in map(self._read_copy, COPIES) if copy is not None]
        newest = max(valid, key=lambda copy: copy.sequence, default=None)
        self._copy = newest or Copy()
        return None if newest is None else newest.lines

    def begin(self, records: Iterable[Record], remembers: bool = False) -> None:
        """At a start: what the whole journal says."""
        known = self.read()
        lines = tuple(followed({}, records, remembers).values())
        if lines != known:
            self._write(lines)

    def saw(self, records: Iterable[Record], remembers: bool = False) -> None:
        """After a commit, before anything is told of it.

        `remembers`: an older journal may come back, to which also what was taken is news.
        """
        before = {line.order.op_id: line for line in self._copy.lines}
        after = followed(before, records, remembers)
        if after != before:
            self._write(tuple(after.values()))

    def contradicts(self, records: Iterable[Record]) -> bool:
        """Does the journal tell of one operation another order, or another result?"""
        told = followed({}, records, remembers=True)
        both = [(line, told[_op_id(line)]) for line in self.read() or () if _op_id(line) in told]
        return any(kept.order != one.order or _differ(kept.alert, one.alert) for kept, one in both)

    def missing(self, records: Iterable[Record]) -> list[tuple[str, tuple[Record, ...]]]:
        """(object, records) that a journal of the past lacks: it came back, or lost its end.

        What was told stands, what was open then and is unknown now ends with 409.
        """
        told = followed({}, records, remembers=True)
        newest = max(told, default=0)
        lacks: list[tuple[str, tuple[Record, ...]]] = []
        for line in self.read() or ():
            one = told.get(_op_id(line))
            if one is None and _op_id(line) > newest:
                lacks.append((line.order.object_uri, (ExecIn(line.order), *line.end())))
            elif one is not None and one.alert is None and line.alert is not None:
                lacks.append((line.order.object_uri, line.end()))
            elif one is not None and line.closed and not one.closed:
                lacks.append((line.order.object_uri, (Closed(_op_id(line), False),)))
        return lacks

    def _write(self, lines: tuple[Line, ...]) -> None:
        """Over the older copy. A disk that will not take it costs this copy, not the journal."""
        self._copy = Copy(self._copy.sequence + 1, lines)
        name = COPIES[self._copy.sequence % 2]
        with contextlib.suppress(OSError):
            self._files.write(name, 0, _packed(self._copy))
            self._files.sync(name)

    def _read_copy(self, name: str) -> Copy | None:
        data = self._files.read(name, 0, COPY_LENGTH)
        crc, text = data[:CRC_LENGTH], data[CRC_LENGTH:]
        if len(data) != COPY_LENGTH or _crc(text) != crc:
            return None
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.json.decode(text, type=Copy)
        return None


def followed(
    lines: dict[int, Line], records: Iterable[Record], remembers: bool = False
) -> dict[int, Line]:
    """The lines after these records, by operation; `remembers` those that are closed, too."""
    after = dict(lines)
    for record in records:
        match record:
            case ExecIn(order=order):
                first = Phase.APPLY if order.kind is Kind.UPDATE else Phase.DOWNLOAD
                after[order.op_id] = Line(replace(order, url=None), first)
            case AttemptRow(op_id=op_id, attempt=attempt) if op_id in after:
                after[op_id] = replace(after[op_id], phase=attempt.phase, attempts=attempt.n)
            case ApplyIntent(op_id=op_id) if op_id in after:
                after[op_id] = replace(after[op_id], phase=Phase.APPLY)
            case Seal(op_id=op_id, alert=alert, reached=reached) if op_id in after:
                after[op_id] = replace(after[op_id], alert=alert, phase=reached)
            case Closed(op_id=op_id) if remembers and op_id in after:
                after[op_id] = replace(after[op_id], closed=True)
            case Closed(op_id=op_id) | Forgotten(op_id=op_id):
                after.pop(op_id, None)
            case _:
                continue
    return after


def _packed(copy: Copy) -> bytes:
    """CRC, then JSON padded with spaces: the newest lines that have room together.

    An order whose correlator has thousands of characters is left out, not those beside it.
    """
    text = msgspec.json.encode(replace(copy, lines=()))
    kept: tuple[Line, ...] = ()
    for line in reversed(copy.lines):
        longer = msgspec.json.encode(replace(copy, lines=(line, *kept)))
        if len(longer) <= COPY_LENGTH - CRC_LENGTH:
            text, kept = longer, (line, *kept)
    text = text.ljust(COPY_LENGTH - CRC_LENGTH)
    return _crc(text) + text


def _crc(text: bytes) -> bytes:
    return binascii.crc32(text).to_bytes(CRC_LENGTH, "big")


def _op_id(line: Line) -> int:
    return line.order.op_id


def _differ(one: Alert | None, other: Alert | None) -> bool:
    """Two results of one operation."""
    return one is not None and other is not None and one != other
