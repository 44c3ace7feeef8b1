"""The depot's log: one JSON line for each answered request. It is evidence, so it is kept simple.

`at_ns` is the monotonic clock, which all processes of one machine share: lines of the depot can be
ordered among those of other witnesses. A line is one write to a file opened for appending.
"""

import os
from pathlib import Path

import msgspec
from msgspec import Struct


class Line(Struct, frozen=True):
    """`start` and `end` tell the bytes that were asked for (end excluded), `sent` those gone.

    `report` is the code that a device told of its transfer.
    `via`: who sends them, if not the depot: *nginx*, or the *store* where a redirect led. How many
    went there nobody tells the depot. Where the redirect led is not logged: it opens the store.
    """

    at_ns: int
    wall_s: float
    operation: str | None
    method: str
    target: str
    status: int
    start: int
    end: int
    sent: int
    peer: str
    report: int | None = None
    via: str = ""


class Log:
    """Appends to a file; several processes may do so at once."""

    def __init__(self, path: Path | str) -> None:
        """The file is made when missing."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)

    def add(self, line: Line) -> None:
        """Write one line; not synced, since no promise rests on it."""
        os.write(self._file, msgspec.json.encode(line) + b"\n")

    def close(self) -> None:
        """No line follows."""
        os.close(self._file)


def read_log(path: Path | str) -> list[Line]:
    """All whole lines; a torn last one is passed over."""
    text = Path(path).read_bytes() if Path(path).exists() else b""
    return [msgspec.json.decode(line, type=Line) for line in text.split(b"\n")[:-1]]
