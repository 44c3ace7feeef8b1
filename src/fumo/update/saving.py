"""From a step to the records it added. Pure.

`records(before, after)` compares two targets, so no rule has to remember to write anything down:
what a step changed is saved, or it is declared volatile (`folding.durable`).
"""

from collections.abc import Iterator

from fumo.update.operation import Accepted, Applying, Open, Operation, Sealed, Settled, Target
from fumo.update.record import (
    ApplyIntent,
    AttemptRow,
    Boot,
    CheckpointRow,
    Closed,
    ExecIn,
    Forgotten,
    HeldRow,
    Record,
    Refusal,
    Seal,
    TallyRow,
)
from fumo.update.target import open_operation, phase_of


def records(before: Target, after: Target) -> tuple[Record, ...]:
    """What one step added, in an order in which it may be saved: all of it in one commit."""
    return (
        *_of_target(before, after),
        *_of_operations(before, after),
        *_of_forgotten(before, after),
    )


def _of_target(before: Target, after: Target) -> Iterator[Record]:
    if (before.held, before.emptied_after) != (after.held, after.emptied_after):
        yield HeldRow(after.held, after.emptied_after)
    if before.checkpoint != after.checkpoint:
        # A checkpoint is the open operation's; its seal throws it away.
        owner = open_operation(before) or open_operation(after)
        if owner is not None:
            yield CheckpointRow(owner.order.op_id, after.checkpoint)
    yield from _of_tallies(before, after)


def _of_tallies(before: Target, after: Target) -> Iterator[Record]:
    """Those that changed; a seal leaves them where they are, and nobody reads them any more."""
    owner = open_operation(after)
    if owner is not None:
        changed = (one for one in after.tallies if one not in before.tallies)
        yield from (TallyRow(owner.order.op_id, tally) for tally in changed)


def _of_operations(before: Target, after: Target) -> Iterator[Record]:
    known = {one.order.op_id: one for one in before.operations}
    for operation in after.operations:
        old = known.get(operation.order.op_id)
        if old is None:
            old = Accepted(operation.order)
            yield ExecIn(operation.order)
        if old != operation:
            yield from _of_operation(old, operation, after.boot_id)


def _of_operation(old: Operation, new: Operation, boot_id: int) -> Iterator[Record]:
    match new:
        case Sealed():
            yield from _of_sealed(old, new)
        case Settled():
            yield from _of_settled(old, new)
        case _:
            yield from _of_open(old, new, boot_id)


def _of_open(old: Operation, new: Open, boot_id: int) -> Iterator[Record]:
    op_id = new.order.op_id
    if isinstance(old, (Sealed, Settled)):
        return
    if new.boots > old.boots:
        yield Boot(op_id, phase_of(new), boot_id)
    for attempt in new.attempts:
        if attempt not in old.attempts:
            yield AttemptRow(op_id, attempt)
    if isinstance(new, Applying) and not isinstance(old, Applying):
        yield ApplyIntent(op_id, new.intent)


def _of_sealed(old: Operation, new: Sealed) -> Iterator[Record]:
    op_id = new.order.op_id
    if not isinstance(old, Sealed):
        yield Seal(op_id, new.alert, new.reached)
    if new.refusals:
        yield Refusal(op_id, new.refusals)


def _of_settled(old: Operation, new: Settled) -> Iterator[Record]:
    op_id = new.order.op_id
    if not isinstance(old, (Sealed, Settled)):
        yield Seal(op_id, new.alert, new.reached)
    yield Closed(op_id, new.clean_up_owed)


def _of_forgotten(before: Target, after: Target) -> Iterator[Record]:
    left = {one.order.op_id for one in after.operations}
    for operation in before.operations:
        if operation.order.op_id not in left:
            yield Forgotten(operation.order.op_id)
