"""What follows from an operation's end: a second step, or one more try by the campaign's policy.

Each is a new operation with a new correlator. When one follows is told by `follow_at_s`, decided
as the operation ends and saved with its end; a sweep makes what is due. Nothing follows in a
campaign that does not run, and nothing ever after an operator's stop. Pure.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.campaign import NOTHING_HELD, planned
from fumo.server.denied import Denied
from fumo.server.rows import Campaign, Operation, OperationState, Retries

_S = OperationState

FOLLOW_MAX = 1000
"""Operations that are followed in one transaction: the next sweep takes more."""
COUNT_MAX = 10
WAIT_MAX_S = 30 * 24 * 3600.0
ENDS = frozenset({_S.FAILED, _S.REFUSED, _S.UNKNOWN, _S.EXPIRED})
"""What a policy may name, and what an operator may order anew."""


def follow_at_s(campaign: Campaign, operation: Operation, at_s: float) -> float | None:
    """When an operation that has just come to this state is followed by another; None: never."""
    if operation.cancel_at_s is not None:
        return None  # an operator called it back, whatever the device makes of it
    if operation.state is _S.SUCCEEDED:
        return at_s if is_first_step(campaign, operation) else None
    retries = campaign.retries
    if operation.attempt > retries.count or not _named(retries, operation):
        return None
    return at_s + retries.wait_s


def is_first_step(campaign: Campaign, operation: Operation) -> bool:
    """Is another step to come after its success?"""
    return campaign.then_update and operation.kind is Kind.DOWNLOAD


def follower(
    campaign: Campaign, old: Operation, at_s: float, octets: Callable[[int], bytes]
) -> Operation:
    """The operation that follows: the next step of a success, or all steps again of an error."""
    new = planned(campaign, old.device_id, at_s, octets)
    state = _S.HELD if campaign.rate else _S.PLANNED
    new = replace(new, group_number=old.group_number, state=state)
    if old.state is _S.SUCCEEDED:
        return replace(new, kind=Kind.UPDATE, attempt=old.attempt)
    return replace(new, retry_of=old.id, attempt=old.attempt + 1)


def check_policy(retries: Retries, *, of_held: bool) -> None:
    """Denied where a policy cannot be kept."""
    if not retries.count:
        return
    if not (0 < retries.count <= COUNT_MAX and 0 <= retries.wait_s <= WAIT_MAX_S):
        raise Denied(f"retries are {COUNT_MAX} at most, and each waits 30 days at most")
    check_ends(retries.on)
    if of_held and set(retries.on) - {_S.REFUSED, _S.EXPIRED}:
        raise Denied(NOTHING_HELD)


def check_ends(ends: Sequence[str]) -> None:
    """Denied unless they name ends that may be tried again, at least one."""
    words = sorted(ENDS)
    if not ends or not all(one in words or _is_code(one) for one in ends):
        raise Denied(f"retries are on result codes such as 404, or on {', '.join(words)}")


def _is_code(word: str) -> bool:
    return len(word) == 3 and word.isascii() and word.isdigit() and word >= "400"


def _named(retries: Retries, operation: Operation) -> bool:
    return operation.state in ENDS and not {operation.state, str(operation.result)}.isdisjoint(
        retries.on
    )
