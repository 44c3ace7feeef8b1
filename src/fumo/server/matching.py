"""An alert finds its operation (FUMO 6.2; `docs/reference/operations.md`). Pure.

With a correlator: exactly this device's operation of that correlator. Without: the one operation
of this device, object and type that waits for a result; else the one closed last. The first final
code of an operation stands for ever; what comes after it is repeated, or a conflict.
"""

from collections.abc import Iterable

from msgspec import Struct

from fumo.codes import ALERT_TYPES, DEVICE_REQUEST, USER_REQUEST, Kind
from fumo.dm.alerts import Told
from fumo.profiles.profile import profile_of
from fumo.server.operation import CLOSED, GIVEN_UP, awaited
from fumo.server.rows import Match, Operation

TYPES = {type_: kind for kind, type_ in ALERT_TYPES.items()}
REQUESTS = frozenset({USER_REQUEST, DEVICE_REQUEST})
OLDER, NEWER = "org.openmobilealliance.firmwareupdate.", "org.openmobilealliance.dm.firmwareupdate."
FORMATS = frozenset({"int", "chr", "node", "b64", "bin", "bool", "xml", "null", "text/plain"})


class Found(Struct, frozen=True):
    """What an alert is, and to which operation."""

    match: Match
    operation: Operation | None = None


def kind_of(type_: str) -> Kind | None:
    """The operation that an alert type names, in its newer or older spelling."""
    return TYPES.get(_newer(type_))


def is_request(type_: str) -> bool:
    """Does a user or a device ask for an update?"""
    return _newer(type_) in REQUESTS


def is_known(told: Told) -> bool:
    """415 only where type and format are both unknown (FUMO 6.2, DM Protocol §8.7)."""
    by_type = kind_of(told.type) is not None or is_request(told.type)
    return by_type or told.format is None or told.format.strip().lower() in FORMATS


def match(told: Told, operations: Iterable[Operation], profile: str) -> Found:
    """What this alert is to the device's operations."""
    if is_request(told.type):
        return Found(Match.REQUEST)
    foreign = bool(told.type) and kind_of(told.type) is None
    operation = None if foreign else _named(told, list(operations))
    if operation is None:
        return Found(Match.ORPHAN)
    return Found(_weighed(told.number, operation, profile), operation)


def _weighed(code: int | None, operation: Operation, profile: str) -> Match:
    """An operation has one result: the first final code."""
    if code is None or code < 200 or _still_going(code, operation, profile):
        return Match.PROGRESS
    if operation.state in CLOSED:
        return Match.REPEATED if code == operation.result else Match.CONFLICT
    return Match.LATE if operation.state in GIVEN_UP else Match.FINAL


def _still_going(code: int, operation: Operation, profile: str) -> bool:
    whole = operation.kind is Kind.DOWNLOAD_AND_UPDATE
    return whole and code in profile_of(profile).progress


def _named(told: Told, operations: list[Operation]) -> Operation | None:
    if told.correlator:
        return next((o for o in operations if o.correlator == told.correlator), None)
    fitting = [o for o in operations if _fits(told, o)]
    waiting = [o for o in fitting if awaited(o)]
    if len(waiting) == 1:
        return waiting[0]
    closed = [o for o in fitting if o.state in CLOSED]
    last = max(closed, key=lambda o: (o.closed_at_s or 0.0, o.id), default=None)
    return last if last and last.result == told.number else None


def _fits(told: Told, operation: Operation) -> bool:
    if kind_of(told.type) is not operation.kind:
        return False
    return not address(told.source) or is_of(
        told.source, operation.object_uri or "", operation.kind
    )


def is_of(source: str, object_uri: str, kind: Kind) -> bool:
    """Does a client mean this object? Some name the node of the operation instead."""
    where = address(object_uri)
    return address(source) in (where, f"{where}/{kind}")


def address(uri: str) -> str:
    """An address as all clients could write it: with its `./`, without a slash at the end."""
    uri = uri.strip().strip("/")
    return uri if not uri or uri.startswith(".") else f"./{uri}"


def _newer(type_: str) -> str:
    return NEWER + type_.removeprefix(OLDER) if type_.startswith(OLDER) else type_
