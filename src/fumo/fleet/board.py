"""Progress for people: what the records say so far, a line each, and a table of devices. Pure."""

from collections.abc import Iterable

from msgspec import Struct

from fumo.codes import RESULTS
from fumo.fleet.evidence import (
    Began,
    Fetched,
    Killed,
    Ordered,
    Record,
    Retried,
    Started,
    Told,
    Written,
)

WAITING, ORDERED, DOWNLOADING, WRITING, DOWN = "waits", "ordered", "downloads", "writes", "killed"
FAULTS = {
    "unavailable": "the depot is unavailable",
    "reset": "the connection is reset",
    "cut": "the download is cut",
    "stall": "the download stalls",
    "corrupt": "an octet of the package is changed",
}


class Standing(Struct, frozen=True):
    """One device as the board shows it."""

    device: str
    stage: str = WAITING
    faults: int = 0
    result: int | None = None


def line_for(record: Record, began_ns: int) -> str | None:
    """One record as a line; None for one that nobody needs to read."""
    words = _words(record)
    at_ns = record.ended_ns if isinstance(record, Fetched) else record.at_ns
    return f"{(at_ns - began_ns) / 1e9:5.1f} s  {words}" if words else None


def _words(record: Record) -> str | None:
    match record:
        case Ordered():
            return f"{record.device}  is ordered to download and update"
        case Fetched(fault=fault) if fault:
            return f"{record.device}  {FAULTS[fault]} ({record.sent} bytes passed)"
        case Told():
            lost = "" if record.delivered else " (the answer is lost on its way)"
            return f"{record.device}  tells {record.result} {meaning(record.result)}{lost}"
        case Killed():
            return f"{record.device}  is killed (-9) in its {record.phase}"
        case Started():
            return f"{record.device}  is started again"
        case Retried():
            return f"the operator orders anew what failed: {record.operations} devices"
        case _:
            return None


def meaning(result: int) -> str:
    """A result code in words."""
    return RESULTS[result].name if result in RESULTS else "?"


def standings(records: Iterable[Record]) -> tuple[Standing, ...]:
    """Where every device stands."""
    board: dict[str, Standing] = {}
    for record in records:
        if isinstance(record, Began):
            board = {device: Standing(device) for device in record.devices}
        device = getattr(record, "device", "")
        if device in board:
            board[device] = _next(board[device], record)
    return tuple(board.values())


def _next(now: Standing, record: Record) -> Standing:
    match record:
        case Ordered():
            return Standing(now.device, ORDERED, now.faults)
        case Fetched() if now.result is None:
            faults = now.faults + bool(record.fault)
            return Standing(now.device, DOWNLOADING, faults)
        case Written() if now.result is None:
            return Standing(now.device, WRITING, now.faults)
        case Killed():
            return Standing(now.device, DOWN, now.faults)
        case Started():
            return Standing(now.device, ORDERED, now.faults)
        case Told():
            return Standing(now.device, "done", now.faults, record.result)
        case _:
            return now
