"""The rules of the download part: attempts, checkpoints, and the whole package. Pure."""

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.errors import MisuseError
from fumo.update.happening import (
    ApplyIntended,
    AttemptBegun,
    Concluded,
    Failed,
    Progressed,
    Verified,
)
from fumo.update.operation import (
    Accepted,
    Applying,
    Attempt,
    Attempting,
    Phase,
    Policy,
    Target,
)
from fumo.update.retry import failed_attempts, wait_s
from fumo.update.sealing import SUCCESS, seal
from fumo.update.target import attempts_in, holds_own, put


def download_begun(
    target: Target, operation: Accepted, happening: AttemptBegun, policy: Policy
) -> Target:
    """Record D2: the attempt is counted before its first byte is asked for."""
    n = attempts_in(operation, Phase.DOWNLOAD) + 1
    if operation.order.kind is Kind.UPDATE or happening.phase is not Phase.DOWNLOAD:
        raise MisuseError(f"operation {happening.op_id} is not about to download")
    if n > policy.download_attempts_max:
        raise MisuseError(f"operation {happening.op_id} has no download attempt left")
    attempt = Attempt(phase=Phase.DOWNLOAD, n=n, boot_id=happening.boot_id)
    attempts = (*operation.attempts, attempt)
    return put(target, Attempting(operation.order, attempts=attempts, boots=operation.boots))


def progressed(
    target: Target, operation: Attempting, happening: Progressed, policy: Policy
) -> Target:
    """Record D3."""
    _insist_incomplete(target, operation)
    return replace(target, checkpoint=happening.checkpoint)


def verified(target: Target, operation: Attempting, happening: Verified, policy: Policy) -> Target:
    """Record D3h: from here on a power cut fetches nothing again."""
    _insist_incomplete(target, operation)
    held = replace(happening.held, source=operation.order.op_id)
    return replace(target, held=held, checkpoint=None)


def concluded(
    target: Target, operation: Attempting, happening: Concluded, policy: Policy
) -> Target:
    """The success of a Download is that it holds the package (invariant I5)."""
    order = operation.order
    if order.kind is not Kind.DOWNLOAD or not holds_own(target, order.op_id):
        raise MisuseError(f"operation {order.op_id} is no finished Download")
    return seal(target, operation, SUCCESS)


def download_failed(
    target: Target, operation: Attempting, happening: Failed, policy: Policy
) -> Target:
    """Only a temporary failure with attempts left is tried again; every other one is sealed.

    With its package held, what failed is the judgement of that package (Prepare): no attempt,
    so it is final.
    """
    failure = happening.failure
    n = attempts_in(operation, Phase.DOWNLOAD)
    final = not failure.temporary or n >= policy.download_attempts_max
    if final or holds_own(target, operation.order.op_id):
        return seal(target, operation, failure.result)
    waiting = Accepted(
        order=operation.order,
        attempts=failed_attempts(operation.attempts, failure),
        boots=operation.boots,
        not_before_s=happening.at_s + wait_s(policy, n, happening.jitter, happening.wait_min_s),
    )
    return put(target, waiting)


def unfit(target: Target, operation: Accepted, happening: Failed, policy: Policy) -> Target:
    """An Update whose package may not be applied. State goes from 50 to 70, through 60 unseen."""
    if operation.order.kind is not Kind.UPDATE:
        raise MisuseError(f"operation {happening.op_id} has no attempt that could fail")
    return seal(target, operation, happening.failure.result)


def apply_intended(
    target: Target,
    operation: Accepted | Attempting,
    happening: ApplyIntended,
    policy: Policy,
) -> Target:
    """Records D4 and D2 (apply, 1) in one step: nothing is written before both are durable."""
    order, intent = operation.order, happening.intent
    may_update = order.kind is Kind.UPDATE and isinstance(operation, Accepted)
    may_go_on = order.kind is Kind.DOWNLOAD_AND_UPDATE and holds_own(target, order.op_id)
    if not may_update and not may_go_on:
        raise MisuseError(f"operation {order.op_id} has nothing it may apply")
    first = Attempt(phase=Phase.APPLY, n=1, boot_id=intent.boot_id)
    boots = operation.boots if may_update else 0
    attempts = (*operation.attempts, first)
    return put(target, Applying(order, attempts=attempts, intent=intent, boots=boots))


def _insist_incomplete(target: Target, operation: Attempting) -> None:
    if holds_own(target, operation.order.op_id):
        raise MisuseError(f"operation {operation.order.op_id} holds its whole package already")
