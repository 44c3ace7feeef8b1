"""Evidence: what was seen from outside the agents, as records in one order of time.

Every time is CLOCK_MONOTONIC in nanoseconds, which all processes of one machine share. A record is
a line of JSON in one file, written at once and never changed. The agents write none of them: they
come from the proxy, the depot's log, the slot files as seen from outside, and the server's rows.
"""

import threading
import time
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct

from fumo.fleet.faults import Faults

FILE = "evidence.jsonl"


class Seen(Struct, frozen=True, tag_field="seen"):
    """What all records have: when, and which kind of thing was seen."""

    at_ns: int


class Began(Seen, frozen=True, tag=True):
    """The run: who takes part, which image they run, which they should run, what goes wrong."""

    devices: tuple[str, ...]
    old_sha256: str
    new_sha256: str
    faults: Faults


class Ordered(Seen, frozen=True, tag=True):
    """An Exec on its way to a device; `path` is the package address told to it before."""

    device: str
    correlator: str
    path: str


class Told(Seen, frozen=True, tag=True):
    """A Generic Alert on its way to the server. `status`: the server's answer to it, if any;
    `delivered`: the device was given that answer."""

    device: str
    correlator: str
    type: str
    source: str
    mark: str
    result: int
    status: int | None
    delivered: bool


class Fetched(Seen, frozen=True, tag=True):
    """One package request through the proxy: what was asked, given, and done to it."""

    ended_ns: int
    device: str
    path: str
    range: str
    status: int
    sent: int
    fault: str = ""


class Served(Seen, frozen=True, tag=True):
    """One line of the depot's own log. `fetch` is the depot's name of the operation."""

    path: str
    status: int
    sent: int


class Written(Seen, frozen=True, tag=True):
    """A slot file changed. `at_ns` is when the file system says it did."""

    device: str
    slot: str
    size: int


class Killed(Seen, frozen=True, tag=True):
    """A device's process was ended by SIGKILL, in the middle of a phase."""

    device: str
    phase: str


class Started(Seen, frozen=True, tag=True):
    """A killed device was started again."""

    device: str


class Retried(Seen, frozen=True, tag=True):
    """The operator ordered anew what had failed."""

    operations: int


class Row(Seen, frozen=True, tag=True):
    """What the server's store says of one operation, read by its admin API. `counted`: how many
    of its alerts were taken as its result."""

    id: int
    device: str
    campaign: int
    correlator: str
    path: str
    state: str
    result: int | None
    retry_of: int | None
    counted: int


class Counted(Seen, frozen=True, tag=True):
    """What the server's campaign counters say, and how many results it holds for them."""

    campaign: int
    succeeded: int
    failed: int
    results: int


class Chosen(Seen, frozen=True, tag=True):
    """The slot a device's boot environment is committed to, and the digest of the file."""

    device: str
    slot: str
    sha256: str


class Ended(Seen, frozen=True, tag=True):
    """The run is over: what is not above was not seen."""


Record: TypeAlias = (
    Began
    | Ordered
    | Told
    | Fetched
    | Served
    | Written
    | Killed
    | Started
    | Retried
    | Row
    | Counted
    | Chosen
    | Ended
)
READER = msgspec.json.Decoder(Record)


def now_ns() -> int:
    """The one clock of all evidence."""
    return time.monotonic_ns()


class Recorder:
    """Appends records to the file; any thread may."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / FILE).open("ab", buffering=0)
        self._lock = threading.Lock()
        self._records: list[Record] = []

    def add(self, record: Record) -> None:
        """One more line."""
        with self._lock:
            self._records.append(record)
            self._file.write(msgspec.json.encode(record) + b"\n")

    def so_far(self) -> tuple[Record, ...]:
        """Everything recorded until now."""
        with self._lock:
            return tuple(self._records)

    def close(self) -> None:
        """No more records."""
        with self._lock:
            self._file.close()


def load(folder: Path) -> tuple[Record, ...]:
    """Stored evidence; OSError or msgspec.MsgspecError when there is none that can be read."""
    lines = (folder / FILE).read_bytes().splitlines()
    return tuple(READER.decode(line) for line in lines if line.strip())
