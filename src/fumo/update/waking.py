"""What a start of the agent means to the operation that was open. Pure.

After a new boot nothing is assumed done: evidence and health are forgotten, a download attempt
that was cut is over and stays counted. Boots are bounded too, so that no crash loop lasts.
"""

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.update.happening import Woke
from fumo.update.operation import Accepted, Applying, Attempting, Open, Phase, Policy, Target
from fumo.update.sealing import UNDEFINED, UPDATE_FAILED, seal
from fumo.update.target import (
    attempts_in,
    holds_own,
    last_failed,
    open_operation,
    phase_of,
    put,
)
from fumo.update.waiting import is_waiting


def woke(target: Target, happening: Woke, policy: Policy) -> Target:
    """Record D0b: saved before any duty after a start."""
    target = replace(target, boot_id=happening.boot_id)
    operation = open_operation(target)
    if operation is None:
        return target
    # What waits at a gate does nothing: no boot can be its fault, or interrupt it.
    waited = is_waiting(target)
    boots = operation.boots + (not waited)
    if boots > policy.boots_max and not _may_look(target, operation):
        return seal(target, operation, BOOTS_SPENT[phase_of(operation)])
    return _resumed(target, replace(operation, boots=boots), waited, happening.at_s, policy)


BOOTS_SPENT = {Phase.DOWNLOAD: UNDEFINED, Phase.APPLY: UPDATE_FAILED}


def _may_look(target: Target, operation: Open) -> bool:
    """Boots are spent, but what was done may be told: by looking, or by what is held.

    A slot may be committed by now (invariant I5b); `applying.inspected` seals all else.
    """
    order = operation.order
    done = order.kind is Kind.DOWNLOAD and holds_own(target, order.op_id)
    return done or isinstance(operation, Applying)


def _resumed(target: Target, operation: Open, waited: bool, at_s: float, policy: Policy) -> Target:
    # Back-off is not saved: after a failure a new boot waits the first step again.
    not_before_s = at_s + policy.backoff_base_s if last_failed(operation) else 0.0
    match operation:
        case Applying():
            unknown = replace(operation, evidence=None, healthy=None, not_before_s=not_before_s)
            cut = operation.cut or not waited
            return put(target, replace(unknown, cut=cut))
        case Attempting() if waited or holds_own(target, operation.order.op_id):
            return put(target, operation)
        case Accepted() | Attempting():
            return _ordered_again(target, operation, not_before_s, policy)


def _ordered_again(
    target: Target, operation: Accepted | Attempting, not_before_s: float, policy: Policy
) -> Target:
    """An attempt ended with the power: on with the next one, if there is one.

    A policy may have become stricter since the last boot, so also what waits is looked at.
    """
    if attempts_in(operation, Phase.DOWNLOAD) >= policy.download_attempts_max:
        return seal(target, operation, _last_known_result(operation))
    order, attempts, boots = operation.order, operation.attempts, operation.boots
    return put(target, Accepted(order, attempts, boots, not_before_s))


def _last_known_result(operation: Accepted | Attempting) -> int:
    known = (one.failure.result for one in reversed(operation.attempts) if one.failure)
    return next(known, UNDEFINED)
