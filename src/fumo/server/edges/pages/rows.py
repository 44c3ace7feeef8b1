"""Devices and operations as rows of a table, as plain values. Nothing is decided here."""

from msgspec import Struct

from fumo.server.edges.pages.cards import STATES
from fumo.server.edges.views import Views
from fumo.server.operation import meaning_of, shown
from fumo.server.rows import Device, Operation

ATTENTION = [*STATES[1:], STATES[0]]
"""What went wrong first, what went well last."""


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


def device_rows(views: Views, devices: list[Device]) -> list[RowLook]:
    """Devices with their newest operation."""
    newest = views.newest_of_each([device.id for device in devices])
    return _rows(views, [(device.id, device, newest.get(device.id)) for device in devices])


def operation_rows(
    views: Views, operations: list[Operation], newest_first: bool = False
) -> list[RowLook]:
    """Operations with their device: what went wrong first, what went well last."""
    if not newest_first:
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
