"""What the templates show, as plain values: bars, rows, failures. Nothing is decided here."""

from datetime import UTC, datetime

from msgspec import Struct

from fumo.server.edges.views import Progress, Views
from fumo.server.operation import meaning_of, shown
from fumo.server.rows import Device, Operation, OperationState

BAR = 1000
"""The width of a bar in its own units."""
ORDER = [
    OperationState.SUCCEEDED,
    OperationState.FAILED,
    OperationState.REFUSED,
    OperationState.UNKNOWN,
    OperationState.ACCEPTED,
    OperationState.SENT,
    OperationState.PLANNED,
    OperationState.HELD,
    OperationState.EXPIRED,
    OperationState.CANCELLED,
]
"""From left to right: what is certain first."""
ATTENTION = [*ORDER[1:], ORDER[0]]
DONE = frozenset(ORDER[:3]) | {OperationState.EXPIRED, OperationState.CANCELLED}


class Segment(Struct, frozen=True):
    """One stretch of a bar."""

    state: str
    number: int
    x: float
    width: float


class Failure(Struct, frozen=True):
    """One result code of failures, and its share of them in percent."""

    code: int
    name: str
    number: int
    share: float


class CampaignLook(Struct, frozen=True):
    """A campaign as a card."""

    id: int
    name: str
    kind: str
    package: str
    created_at_s: float
    total: int
    retried: int
    percent: int
    label: str
    segments: list[Segment]
    failures: list[Failure]


class RowLook(Struct, frozen=True):
    """One row of a table: a device and its operation."""

    name: str
    about: str
    operation: Operation | None
    state: str = ""
    result: int | None = None
    meaning: str = ""
    reason: str = ""
    fetches: int = 0
    alerts: int = 0
    told: str = ""
    seen_at_s: float | None = None


def campaign_look(progress: Progress) -> CampaignLook:
    """A campaign as a card: its devices by their newest operation, older ones as retried."""
    campaign, retried = progress.campaign, progress.retried
    states = {s: number - retried.get(s, 0) for s, number in progress.states.items()}
    total = sum(states.values())
    done = sum(number for state, number in states.items() if state in DONE)
    return CampaignLook(
        id=campaign.id,
        name=campaign.name,
        kind=campaign.kind.value,
        package=f"{progress.package.name} {progress.package.version}",
        created_at_s=campaign.created_at_s,
        total=total,
        retried=sum(retried.values()),
        percent=done * 100 // total if total else 0,
        label=", ".join(f"{states[s]} {s}" for s in ORDER if states.get(s)),
        segments=_segments(states, total),
        failures=_failures(progress.results),
    )


def _segments(states: dict[str, int], total: int) -> list[Segment]:
    made, x = [], 0.0
    for state in ORDER:
        number = states.get(state, 0)
        if number:
            width = round(number * BAR / total, 2)
            made.append(Segment(state.value, number, round(x, 2), width))
            x += width
    return made


def _failures(results: dict[int, int]) -> list[Failure]:
    bad = {code: number for code, number in results.items() if not 200 <= code < 300}
    most = max(bad.values(), default=1)
    rows = [Failure(c, meaning_of(c), n, round(100 * n / most, 1)) for c, n in bad.items()]
    return sorted(rows, key=lambda row: (-row.number, row.code))


def device_rows(views: Views, devices: list[Device]) -> list[RowLook]:
    """Devices with their newest operation."""
    newest = views.newest_of_each([device.id for device in devices])
    return _rows(views, [(device.id, device, newest.get(device.id)) for device in devices])


def operation_rows(views: Views, operations: list[Operation]) -> list[RowLook]:
    """Operations with their device: what went wrong first, what went well last."""
    operations = sorted(operations, key=lambda o: ATTENTION.index(o.state))
    devices = views.devices_of([operation.device_id for operation in operations])
    return _rows(views, [(o.device_id, devices.get(o.device_id), o) for o in operations])


def _rows(
    views: Views, triples: list[tuple[str, Device | None, Operation | None]]
) -> list[RowLook]:
    ids = [operation.id for _, _, operation in triples if operation]
    matches, fetches = views.matches(ids), views.fetch_numbers(ids)
    return [_row(name, device, operation, matches, fetches) for name, device, operation in triples]


def _row(
    name: str,
    device: Device | None,
    operation: Operation | None,
    matches: dict[int, dict[str, int]],
    fetches: dict[int, int],
) -> RowLook:
    about = _about(device)
    seen = device.seen_at_s if device else None
    if operation is None:
        return RowLook(name, about, None, seen_at_s=seen)
    told = matches.get(operation.id, {})
    return RowLook(
        name=name,
        about=f"{about} · {operation.kind}" if about else operation.kind.value,
        operation=operation,
        state=shown(operation),
        result=operation.result,
        meaning="" if operation.result is None else meaning_of(operation.result),
        reason=operation.reason,
        fetches=fetches.get(operation.id, 0),
        alerts=sum(told.values()),
        told=", ".join(f"{number} {word}" for word, number in told.items()),
        seen_at_s=seen,
    )


def _about(device: Device | None) -> str:
    info = device.info if device else {}
    return " ".join(info[name] for name in ("Man", "Mod") if info.get(name))


def iso(at_s: float) -> str:
    """A moment for machines."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def clock(at_s: float) -> str:
    """A moment for people without a script: in UTC."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
