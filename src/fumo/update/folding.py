"""From records back to a target. Pure.

Rows are the truth: `fold(records(…) of every step)` is the target, but for what is volatile.
The order of records matters only within one key (the last one wins), so a journal may give them
table by table.
"""

from collections.abc import Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from fumo.errors import MisuseError
from fumo.update.operation import (
    Accepted,
    Applying,
    Attempt,
    Attempting,
    Checkpoint,
    Held,
    Intent,
    Operation,
    Order,
    Phase,
    Sealed,
    Settled,
    Target,
)
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
from fumo.update.tally import Tally, with_tally


class Tale(Struct):
    """All that the records say of one operation."""

    order: Order | None = None
    boots: list[Boot] = field(default_factory=list)
    attempts: dict[tuple[Phase, int], Attempt] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    intent: Intent | None = None
    tallies: tuple[Tally, ...] = ()
    seal: Seal | None = None
    refusals: int = 0
    closed: Closed | None = None
    forgotten: bool = False


def fold(records: Iterable[Record]) -> Target:
    """The target that the records tell; what is volatile is as after no boot at all."""
    holding = HeldRow(None)
    tales: dict[int, Tale] = {}
    for record in records:
        if isinstance(record, HeldRow):
            holding = record
        else:
            op_id = record.order.op_id if isinstance(record, ExecIn) else record.op_id
            _tell(tales.setdefault(op_id, Tale()), record)
    kept = [tales[op_id] for op_id in sorted(tales) if not tales[op_id].forgotten]
    operations = tuple(_operation(tale, holding.held) for tale in kept)
    return Target(
        held=holding.held,
        emptied_after=holding.emptied_after,
        checkpoint=_checkpoint(kept, operations),
        operations=operations,
        last_op_id=max(tales, default=0),
        tallies=_tallies(kept, operations),
    )


def durable(target: Target) -> Target:
    """The same target without what is not saved: back-off, evidence, health, the boot."""
    operations = tuple(_durable(operation) for operation in target.operations)
    return replace(target, operations=operations, boot_id=0)


def _durable(operation: Operation) -> Operation:
    match operation:
        case Accepted():
            return replace(operation, not_before_s=0.0)
        case Applying():
            return replace(operation, not_before_s=0.0, evidence=None, healthy=None)
        case _:
            return operation


def _tell(tale: Tale, record: Record) -> None:
    match record:
        case ExecIn():
            tale.order = record.order
        case Boot():
            tale.boots.append(record)
        case AttemptRow(attempt=attempt):
            tale.attempts[attempt.phase, attempt.n] = attempt
        case CheckpointRow():
            tale.checkpoint = record.checkpoint
        case ApplyIntent():
            tale.intent = record.intent
        case TallyRow(tally=tally):
            tale.tallies = with_tally(tale.tallies, tally)
        case Seal():
            tale.seal = record
        case Refusal():
            tale.refusals = record.refusals
        case Closed():
            tale.closed = record
        case Forgotten():
            tale.forgotten = True


def _operation(tale: Tale, held: Held | None) -> Operation:
    order, seal = tale.order, tale.seal
    if order is None:
        raise MisuseError("records of an operation whose Exec was never saved")
    if seal is None:
        return _open(tale, order, held)
    if tale.closed is None:
        return Sealed(order, seal.alert, refusals=tale.refusals, reached=seal.reached)
    owed = tale.closed.clean_up_owed
    return Settled(order, seal.alert, clean_up_owed=owed, reached=seal.reached)


def _open(tale: Tale, order: Order, held: Held | None) -> Operation:
    attempts = tuple(tale.attempts.values())
    if tale.intent is not None:
        boots = sum(boot.phase == Phase.APPLY for boot in tale.boots)
        cut = _is_cut(attempts[-1], tale.boots)
        return Applying(order, attempts=attempts, intent=tale.intent, boots=boots, cut=cut)
    boots = len(tale.boots)
    fetched = held is not None and held.source == order.op_id
    if attempts and (fetched or _runs(attempts[-1], tale.boots)):
        return Attempting(order, attempts=attempts, boots=boots)
    return Accepted(order, attempts=attempts, boots=boots)


def _runs(attempt: Attempt, boots: list[Boot]) -> bool:
    """It did not fail, and no boot has cut it since."""
    return attempt.failure is None and not _is_cut(attempt, boots)


def _is_cut(attempt: Attempt, boots: list[Boot]) -> bool:
    """Has a boot come since? Those that found it waiting at a gate are not among them."""
    return any(boot.boot_id > attempt.boot_id for boot in boots)


def _checkpoint(tales: list[Tale], operations: tuple[Operation, ...]) -> Checkpoint | None:
    return tales[-1].checkpoint if _is_open(operations) else None


def _tallies(tales: list[Tale], operations: tuple[Operation, ...]) -> tuple[Tally, ...]:
    return tales[-1].tallies if _is_open(operations) else ()


def _is_open(operations: tuple[Operation, ...]) -> bool:
    return bool(operations) and isinstance(operations[-1], (Accepted, Attempting, Applying))
