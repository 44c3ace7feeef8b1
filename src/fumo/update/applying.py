"""The rules of the apply part: what is seen decides, never what is remembered. Pure.

One apply attempt is one walk write → flip → trial → mark-good. A failure ends the walk; going on
after it needs a new counted attempt. A power cut alone ends only the writing: what is whole in
the slot is used as it is.
"""

from msgspec.structs import replace

from fumo.errors import MisuseError
from fumo.update import waiting
from fumo.update.failures import Cause, failure
from fumo.update.happening import (
    AttemptBegun,
    Failed,
    HealthFailed,
    HealthOk,
    Inspected,
    MarkedGood,
)
from fumo.update.operation import Applying, Attempt, Evidence, Phase, Policy, Target
from fumo.update.retry import failed_attempts, wait_s
from fumo.update.sealing import SUCCESS, UNDEFINED, UPDATE_FAILED, seal
from fumo.update.target import attempts_in, last_attempt, last_failed, put

VERDICTS = {
    Evidence.GOOD: SUCCESS,
    Evidence.FELL_BACK: UPDATE_FAILED,
    # Nobody can tell whether it happened: once at most, so it is not done again.
    Evidence.UNKNOWN: UNDEFINED,
}
"""What ends the operation at once, by what is seen; all other evidence asks for one more duty."""


def inspected(target: Target, operation: Applying, happening: Inspected, policy: Policy) -> Target:
    """The evidence table (`docs/reference/records.md`)."""
    evidence = happening.evidence
    target = waiting.seen(target, evidence)
    if evidence in VERDICTS:
        return seal(target, operation, VERDICTS[evidence])
    if evidence is Evidence.NONE and operation.evidence is Evidence.NONE:
        raise MisuseError("a write that left nothing whole is Failed, not Inspected")
    if evidence is Evidence.NONE and _needs_one_more_than_allowed(operation, policy):
        return seal(target, operation, UPDATE_FAILED)
    boots_spent = operation.boots > policy.boots_max
    if evidence is not Evidence.TRIAL and boots_spent:
        return seal(target, operation, UPDATE_FAILED)
    if evidence is Evidence.NONE and operation.evidence is Evidence.WRITTEN:
        return _lost(target, operation, policy)
    spent = _is_spent(operation, policy)
    if evidence is Evidence.WRITTEN and spent is not None:
        return seal(target, operation, spent)
    # On trial with nothing left to try, or an agent that dies before it is judged, again and again:
    # boot on until the environment has fallen back.
    over = spent is not None or boots_spent
    healthy = False if evidence is Evidence.TRIAL and over else None
    return put(target, replace(operation, evidence=evidence, healthy=healthy))


def _lost(target: Target, operation: Applying, policy: Policy) -> Target:
    """What was written whole is not there any more: the walk failed, and another is counted."""
    failed = Failed(operation.order.op_id, failure(Cause.WRITE_ERROR))
    return apply_failed(target, replace(operation, evidence=Evidence.NONE), failed, policy)


def rewrite_begun(
    target: Target, operation: Applying, happening: AttemptBegun, policy: Policy
) -> Target:
    """Record D2: one more walk, counted before its first effect."""
    if happening.phase is not Phase.APPLY or operation.evidence is None:
        raise MisuseError(f"operation {happening.op_id} has not been looked at since the boot")
    n = attempts_in(operation, Phase.APPLY) + 1
    if n > policy.apply_attempts_max:
        raise MisuseError(f"operation {happening.op_id} has no apply attempt left")
    attempt = Attempt(phase=Phase.APPLY, n=n, boot_id=happening.boot_id)
    attempts = (*operation.attempts, attempt)
    return put(target, replace(operation, attempts=attempts, cut=False))


def apply_failed(target: Target, operation: Applying, happening: Failed, policy: Policy) -> Target:
    """Stay at State 60 and look again, unless it was a write that may not be repeated.

    A flip or mark-good that raised may have happened all the same: then only a new look may seal.
    What cannot even be looked at is unknown, and unknown is not done again.
    """
    if operation.evidence is None:
        return seal(target, operation, UNDEFINED)
    failure = happening.failure
    n = attempts_in(operation, Phase.APPLY)
    final = not failure.temporary or n >= policy.apply_attempts_max
    if final and operation.evidence is Evidence.NONE:
        return seal(target, operation, failure.result)
    waiting = replace(
        operation,
        attempts=failed_attempts(operation.attempts, failure),
        evidence=None,
        healthy=None,
        not_before_s=happening.at_s + wait_s(policy, n, happening.jitter),
    )
    return put(target, waiting)


def health_ok(target: Target, operation: Applying, happening: HealthOk, policy: Policy) -> Target:
    """Well, but not committed yet: the environment could still fall back."""
    return _judged(target, operation, healthy=True)


def health_failed(
    target: Target, operation: Applying, happening: HealthFailed, policy: Policy
) -> Target:
    """Boot on without mark-good until the environment has fallen back; that seals."""
    return _judged(target, operation, healthy=False)


def marked_good(
    target: Target, operation: Applying, happening: MarkedGood, policy: Policy
) -> Target:
    """The slot is committed: only now success may be sealed (invariant I5)."""
    if operation.healthy is not True:
        raise MisuseError(f"operation {happening.op_id} was marked good before it was well")
    return seal(target, operation, SUCCESS)


def _judged(target: Target, operation: Applying, healthy: bool) -> Target:
    if operation.evidence is not Evidence.TRIAL:
        raise MisuseError(f"operation {operation.order.op_id} is not on trial")
    return put(target, replace(operation, healthy=healthy))


def _needs_one_more_than_allowed(operation: Applying, policy: Policy) -> bool:
    used = operation.cut or last_failed(operation)
    return used and attempts_in(operation, Phase.APPLY) >= policy.apply_attempts_max


def _is_spent(operation: Applying, policy: Policy) -> int | None:
    """The result of a failure after which no further walk is allowed, or None."""
    last = last_attempt(operation)
    if last is None or last.failure is None:
        return None
    left = attempts_in(operation, Phase.APPLY) < policy.apply_attempts_max
    return None if left and last.failure.temporary else last.failure.result
