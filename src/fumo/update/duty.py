"""What is owed now: reports, and work. Pure.

A normal run and the recovery after a power cut are the same loop: load, ask, do, go on.
Each duty carries in `permit` the happening to save *before* its effect, or None.

Two questions, because the two never wait for each other: `reports(target)` are the alerts to
tell in the next session, all of them, oldest first; `duty(target, at_s, boot_id)` is the one
piece of work that need not wait, else a `Wait`, else None. A server that cannot be reached must
not hold up the work of a newer order, nor a long download the telling of an older result.
"""

from typing import TypeAlias

from msgspec import Struct

from fumo.codes import Kind
from fumo.update.happening import AttemptBegun, Concluded, Happening
from fumo.update.operation import (
    Accepted,
    Alert,
    Applying,
    Attempting,
    Evidence,
    Intent,
    Order,
    Phase,
    Sealed,
    Settled,
    Target,
)
from fumo.update.target import holds_own, last_attempt, last_failed, open_operation


class Report(Struct, frozen=True, tag=True):
    """Tell the server the sealed result; any number of times, always the same."""

    op_id: int
    alert: Alert
    permit: Happening | None = None


class Download(Struct, frozen=True, tag=True):
    """Fetch up to one checkpoint more of the package."""

    op_id: int
    order: Order
    permit: Happening | None = None


class Conclude(Struct, frozen=True, tag=True):
    """Nothing to do but to save the permit: a Download has what it was ordered to fetch."""

    op_id: int
    permit: Happening | None = None


class Prepare(Struct, frozen=True, tag=True):
    """Judge what is held and make the intent; ends in ApplyIntended or Failed."""

    op_id: int
    order: Order
    permit: Happening | None = None


class Inspect(Struct, frozen=True, tag=True):
    """Ask the update agent for evidence: it decides, never the memory."""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class Write(Struct, frozen=True, tag=True):
    """Write the image into the inactive slot, sync it, read it back."""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class Flip(Struct, frozen=True, tag=True):
    """Make the boot environment try the slot at the next boot (record D5 is that write)."""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class Reboot(Struct, frozen=True, tag=True):
    """End the agent; the environment chooses what starts next."""

    op_id: int
    permit: Happening | None = None


class CheckHealth(Struct, frozen=True, tag=True):
    """Is the image that runs on trial the one that was intended, and is it well?"""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class MarkGood(Struct, frozen=True, tag=True):
    """Commit the boot environment to the running slot (record D6)."""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class CleanUp(Struct, frozen=True, tag=True):
    """Delete the package a settled update leaves behind."""

    op_id: int
    permit: Happening | None = None


Duty: TypeAlias = (
    Report
    | Download
    | Conclude
    | Prepare
    | Inspect
    | Write
    | Flip
    | Reboot
    | CheckHealth
    | MarkGood
    | CleanUp
)


class Wait(Struct, frozen=True):
    """No work is owed before `until_s` (monotonic); `reason` is for people.

    `quiet`: whoever waits has told them already.
    """

    until_s: float
    reason: str
    quiet: bool = False


def reports(target: Target) -> tuple[Report, ...]:
    """Every alert that is owed, oldest first; each again and again until it is settled."""
    sealed = (one for one in target.operations if isinstance(one, Sealed))
    return tuple(Report(one.order.op_id, one.alert) for one in sealed)


def duty(target: Target, at_s: float, boot_id: int) -> Duty | Wait | None:
    """The work owed now; clean-up only when nothing is open."""
    match open_operation(target):
        case Accepted() as operation:
            return _start(operation, at_s, boot_id)
        case Attempting() as operation:
            return _go_on(target, operation)
        case Applying() as operation:
            return _apply(operation, at_s, boot_id)
        case None:
            return _clean_up(target)


def _start(operation: Accepted, at_s: float, boot_id: int) -> Duty | Wait:
    order = operation.order
    if order.kind is Kind.UPDATE:
        return Prepare(order.op_id, order)
    if at_s < operation.not_before_s:
        return Wait(operation.not_before_s, _why(operation))
    return Download(order.op_id, order, AttemptBegun(order.op_id, Phase.DOWNLOAD, boot_id))


def _go_on(target: Target, operation: Attempting) -> Duty:
    order = operation.order
    if not holds_own(target, order.op_id):
        return Download(order.op_id, order)
    if order.kind is Kind.DOWNLOAD:
        return Conclude(order.op_id, Concluded(order.op_id))
    return Prepare(order.op_id, order)


def _apply(operation: Applying, at_s: float, boot_id: int) -> Duty | Wait:
    """Look first, whatever is remembered; what was seen says what comes next."""
    op_id, intent, evidence = operation.order.op_id, operation.intent, operation.evidence
    if evidence is None:
        return Inspect(op_id, intent)
    if at_s < operation.not_before_s:
        return Wait(operation.not_before_s, _why(operation))
    if evidence is Evidence.FLIPPED or operation.healthy is False:
        return Reboot(op_id)
    if evidence is Evidence.TRIAL and operation.healthy is None:
        return CheckHealth(op_id, intent)
    permit = _permit(operation, boot_id)
    if evidence is Evidence.TRIAL:
        return MarkGood(op_id, intent, permit)
    return (Flip if evidence is Evidence.WRITTEN else Write)(op_id, intent, permit)


def _permit(operation: Applying, boot_id: int) -> AttemptBegun | None:
    """A new attempt after a failure, and for a write that a boot has cut."""
    if last_failed(operation) or (operation.cut and operation.evidence is Evidence.NONE):
        return AttemptBegun(operation.order.op_id, Phase.APPLY, boot_id)
    return None


def _why(operation: Accepted | Applying) -> str:
    last = last_attempt(operation)
    cause = last.failure.cause if last and last.failure else "a temporary failure"
    return f"{operation.order.kind} tries again after: {cause}"


def _clean_up(target: Target) -> CleanUp | None:
    owing = (one for one in target.operations if isinstance(one, Settled) and one.clean_up_owed)
    return next((CleanUp(one.order.op_id) for one in owing), None)
