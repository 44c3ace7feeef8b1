"""What the server puts into a target: orders and packages. Pure.

Both belong to a moment when nothing runs; the table of a second Exec (`execute`) and the lock of
PkgData (`view.locked`) see to that, and these rules insist on it.
"""

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.errors import MisuseError
from fumo.update.happening import ExecAccepted, PackageReplaced
from fumo.update.operation import Accepted, Operation, Policy, Settled, Target
from fumo.update.target import holds_newer_data, open_operation


def ordered(target: Target, happening: ExecAccepted, policy: Policy) -> Target:
    """A new operation (record D1).

    What downloads drops the old package in the same step: State passes 80 or 100, and 10, unseen.
    An Update keeps it, also when an older update still owed its clean-up: the package is there,
    and the server has just ordered it used. So any order withdraws every clean-up owed: what it
    would delete is either gone already or in use now.
    """
    order = happening.order
    _insist_nothing_runs(target)
    if order.op_id <= target.last_op_id:  # numbers between may be another object's
        raise MisuseError(f"operation {order.op_id} cannot follow {target.last_op_id}")
    if order.kind is Kind.UPDATE and target.held is None:
        raise MisuseError("an Update was accepted with no package to use")
    older = _remembered(_withdrawn(target.operations), policy.tombstones_max)
    return replace(
        target,
        held=target.held if order.kind is Kind.UPDATE else None,
        checkpoint=None,
        emptied_after=0,
        tallies=(),
        operations=(*older, Accepted(order)),
        last_op_id=order.op_id,
    )


def package_replaced(target: Target, happening: PackageReplaced, policy: Policy) -> Target:
    """PkgData came (or was emptied): no older operation may clean it up any more."""
    _insist_nothing_runs(target)
    held, emptied_after = happening.held, target.emptied_after
    if held is not None:
        held, emptied_after = replace(held, source=None, after_op_id=target.last_op_id), 0
    elif holds_newer_data(target):
        emptied_after = target.last_op_id
    operations = _withdrawn(target.operations)
    return replace(target, held=held, emptied_after=emptied_after, operations=operations)


def _insist_nothing_runs(target: Target) -> None:
    running = open_operation(target)
    if running is not None:
        raise MisuseError(f"operation {running.order.op_id} is not sealed")


def _withdrawn(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    return tuple(
        replace(one, clean_up_owed=False) if isinstance(one, Settled) else one for one in operations
    )


def _remembered(operations: tuple[Operation, ...], tombstones_max: int) -> tuple[Operation, ...]:
    """Forget the oldest settled ones; what still owes its alert is never forgotten."""
    settled = [one for one in operations if isinstance(one, Settled)]
    forgotten = settled[: max(0, len(settled) - tombstones_max)]
    return tuple(one for one in operations if one not in forgotten)
