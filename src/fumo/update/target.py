"""Questions to a target, and the one way to change an operation in it. Pure.

Every rule asks here, so that "the open operation" or "its own package" mean one thing everywhere.
"""

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.errors import MisuseError
from fumo.update.operation import (
    Accepted,
    Applying,
    Attempt,
    Attempting,
    Open,
    Operation,
    Phase,
    Target,
)


def open_operation(target: Target) -> Open | None:
    """The one operation that is not sealed; it can only be the newest."""
    newest = target.operations[-1] if target.operations else None
    return newest if isinstance(newest, (Accepted, Attempting, Applying)) else None


def find(target: Target, op_id: int) -> Operation | None:
    """The operation of that number; None: it was settled and is forgotten."""
    if not 0 < op_id <= target.last_op_id:
        raise MisuseError(f"there never was an operation {op_id}")
    return next((one for one in target.operations if one.order.op_id == op_id), None)


def put(target: Target, operation: Operation) -> Target:
    """The same target with this operation in place of its older self."""
    op_id = operation.order.op_id
    changed = tuple(operation if one.order.op_id == op_id else one for one in target.operations)
    return replace(target, operations=changed)


def holds_own(target: Target, op_id: int) -> bool:
    """Does the target hold the package that this operation fetched?"""
    return target.held is not None and target.held.source == op_id


def holds_newer_data(target: Target) -> bool:
    """Does it hold PkgData that came after the newest operation was sealed?"""
    held = target.held
    return held is not None and held.source is None and held.after_op_id == target.last_op_id


def phase_of(operation: Open) -> Phase:
    """Which budget is being used; an Update has nothing to download."""
    applying = isinstance(operation, Applying) or operation.order.kind is Kind.UPDATE
    return Phase.APPLY if applying else Phase.DOWNLOAD


def attempts_in(operation: Open, phase: Phase) -> int:
    """How many attempts were begun in a phase; their numbers are 1, 2, 3 …"""
    return sum(attempt.phase is phase for attempt in operation.attempts)


def last_attempt(operation: Open) -> Attempt | None:
    """The newest attempt of any phase."""
    return operation.attempts[-1] if operation.attempts else None


def last_failed(operation: Open) -> bool:
    """Did the newest attempt end badly (rather than by success or a power cut)?"""
    last = last_attempt(operation)
    return last is not None and last.failure is not None
