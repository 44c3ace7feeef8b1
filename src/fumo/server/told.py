"""What operators are told, as plain values: the shapes of the admin interface. Pure."""

from msgspec import Struct

from fumo.server.binding import Binding, binding_of
from fumo.server.operation import meaning_of, shown
from fumo.server.rows import Device, Operation


class Marked(Struct, frozen=True):
    """A device's attributes and tags, as operators set them."""

    attributes: dict[str, str] = {}
    tags: tuple[str, ...] = ()


UNMARKED = Marked()


class DeviceTold(Struct, frozen=True):
    """A device without its secrets; `info` is what it told, the rest is set by operators.

    `binding` is the certificate that it must show, if it must.
    """

    id: str
    profile: str
    info: dict[str, str]
    objects: list[str]
    seen_at_s: float | None
    attributes: dict[str, str]
    tags: tuple[str, ...]
    binding: Binding | None


class OperationTold(Struct, frozen=True):
    """One operation. `alerts` tells how its alerts were matched: final or late once at most."""

    id: int
    device: str
    campaign: int
    kind: str
    state: str
    shown: str
    correlator: str
    result: int | None
    meaning: str
    reason: str
    object: str | None
    state_seen: int | None
    sendings: int
    retry_of: int | None
    url: str | None
    created_at_s: float
    sent_at_s: float | None
    closed_at_s: float | None
    due_at_s: float
    taken_at_s: float | None
    cancel_at_s: float | None
    notified_at_s: float | None
    alerts: dict[str, int]
    fetches: int


def device_told(device: Device, marked: Marked = UNMARKED) -> DeviceTold:
    """A device for an operator."""
    objects = [one.uri for one in device.objects]
    told = (device.id, device.profile, device.info, objects, device.seen_at_s)
    binding = binding_of(device)
    return DeviceTold(*told, marked.attributes, marked.tags, binding if binding.bound else None)


def operation_told(operation: Operation, alerts: dict[str, int], fetches: int) -> OperationTold:
    """An operation for an operator."""
    return OperationTold(
        id=operation.id,
        device=operation.device_id,
        campaign=operation.campaign_id,
        kind=operation.kind.value,
        state=operation.state.value,
        shown=shown(operation),
        correlator=operation.correlator,
        result=operation.result,
        meaning="" if operation.result is None else meaning_of(operation.result),
        reason=operation.reason,
        object=operation.object_uri,
        state_seen=operation.state_seen,
        sendings=operation.sendings,
        retry_of=operation.retry_of,
        url=operation.url,
        created_at_s=operation.created_at_s,
        sent_at_s=operation.sent_at_s,
        closed_at_s=operation.closed_at_s,
        due_at_s=operation.due_at_s,
        taken_at_s=operation.taken_at_s,
        cancel_at_s=operation.cancel_at_s,
        notified_at_s=operation.notified_at_s,
        alerts=alerts,
        fetches=fetches,
    )
