"""Why is this device not updating? One sentence, from the rows alone. Pure.

It says what is known and what would change it, and never guesses what a device does.
"""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from fumo.codes import State
from fumo.server.operation import OPEN, SHOWN, UNSENT, asked_past_due, meaning_of
from fumo.server.rows import Campaign, CampaignState, Device, Operation, OperationState
from fumo.server.waiting import ago, why_held, why_not_sent

S = OperationState


class Facts(Struct, frozen=True):
    """The rows that tell it, and when it is asked."""

    device: Device
    operation: Operation
    campaign: Campaign
    at_s: float

    @property
    def left(self) -> str:
        """How long until the deadline."""
        return ago(self.operation.due_at_s - self.at_s)

    def since(self, moment_s: float | None) -> str:
        """How long ago something was."""
        return ago(self.at_s - (self.at_s if moment_s is None else moment_s))


def why(device: Device, operation: Operation, campaign: Campaign, at_s: float) -> str:
    """How it stands with an operation at this moment, in a sentence for an operator."""
    return SENTENCES[operation.state](Facts(device, operation, campaign, at_s))


def at_work(newest_first: Sequence[Operation]) -> Operation | None:
    """Which of a device's operations tells how it stands.

    The one it may be at work on, else the next in turn, else the last that ended.
    """
    for states in (OPEN, UNSENT):
        if ahead := [one for one in newest_first if one.state in states]:
            return ahead[-1]
    return next(iter(newest_first), None)


def _held(facts: Facts) -> str:
    return why_held(facts.operation, facts.campaign, facts.at_s)


def _planned(facts: Facts) -> str:
    device, operation = facts.device, facts.operation
    left = f"it is never sent if the device does not come within {facts.left}"
    if (operation.notified_at_s or 0.0) > (device.seen_at_s or 0.0):
        since = facts.since(operation.notified_at_s)
        return f"A notification asked the device to come {since} ago, and it did not yet; {left}."
    if device.seen_at_s is None:
        return f"The device has never come to this server; {left}."
    if device.seen_at_s < operation.created_at_s:
        since = facts.since(device.seen_at_s)
        return f"The device came {since} ago, before this was ordered, and not since; {left}."
    return why_not_sent(operation, facts.campaign, facts.at_s) or (
        "The device came since this was ordered; it is sent once what was ordered before it ends."
    )


def _sent(facts: Facts) -> str:
    left = facts.since(facts.operation.sent_at_s)
    return (
        f"The order left {left} ago and nothing was heard of it: the next session brings its"
        " result, or asks the device's State before anything is said again."
    )


def _accepted(facts: Facts) -> str:
    operation, left = facts.operation, facts.left
    word = next((word for state, word in SHOWN.items() if state == operation.state_seen), None)
    if word is not None and operation.state_seen_at_s is not None:
        seen = facts.since(operation.state_seen_at_s)
        return (
            f"The device was {word} when it was asked {seen} ago; its result is awaited for {left}."
        )
    return f"The device took the order and may retry by itself; its result is awaited for {left}."


def _cancel_requested(facts: Facts) -> str:
    since, left = facts.since(facts.operation.cancel_at_s), facts.left
    if facts.operation.taken_at_s is not None:
        return (
            f"It was to be cancelled {since} ago, when the device had taken it: what the device"
            f" reports counts, and is awaited for {left}."
        )
    return (
        f"It was to be cancelled {since} ago, when its order had left: the next session tells"
        " whether the device took it, and it is not said again."
    )


def _closed(facts: Facts) -> str:
    operation = facts.operation
    code, since = operation.result or 0, facts.since(operation.closed_at_s)
    if operation.state is S.SUCCEEDED:
        return f"The device reported success ({code}) {since} ago."
    return (
        f"The device reported {code} ({meaning_of(code)}) {since} ago and tries no more:"
        f" {_anew(facts, 'only a new order makes it try again')}."
    )


def _refused(facts: Facts) -> str:
    reason = facts.operation.reason
    anew = _anew(facts, "only a new one is sent again")
    return f"The device would not take the order ({reason}): {anew}."


def _unknown(facts: Facts) -> str:
    operation = facts.operation
    asked = _state_words(operation) if asked_past_due(operation) else "it never came to be asked"
    anew = _anew(facts, "only an operator's retry orders anew")
    return f"No result came within the deadline, and {asked}; a late one still counts, and {anew}."


def _anew(facts: Facts, otherwise: str) -> str:
    """What follows by itself, if anything does."""
    operation, campaign = facts.operation, facts.campaign
    if operation.next_id is not None:
        return f"operation {operation.next_id} was ordered after it"
    if operation.follow_at_s is None:
        return otherwise
    if campaign.state is not CampaignState.RUNNING:
        return f"its campaign would order it anew, if it were not {campaign.state}"
    return f"its campaign orders it anew in {ago(operation.follow_at_s - facts.at_s)}"


def _state_words(operation: Operation) -> str:
    """The State that was read, and what the standard calls it: never taken for a result."""
    seen = operation.state_seen
    name = next((s.name.replace("_", " ").lower() for s in State if s == seen), "")
    told = "unreadable" if seen is None else f"{seen} ({name})" if name else str(seen)
    return f"its State, when asked, was {told}"


def _ended(facts: Facts) -> str:
    operation = facts.operation
    reason = operation.reason or str(operation.state)
    if operation.sent_at_s is not None:
        return f"It was cancelled before the device took it ({reason})."
    return f"It was never sent to the device ({reason})."


SENTENCES: Mapping[S, Callable[[Facts], str]] = {
    S.HELD: _held,
    S.PLANNED: _planned,
    S.SENT: _sent,
    S.ACCEPTED: _accepted,
    S.CANCEL_REQUESTED: _cancel_requested,
    S.SUCCEEDED: _closed,
    S.FAILED: _closed,
    S.REFUSED: _refused,
    S.UNKNOWN: _unknown,
    S.CANCELLED: _ended,
    S.SUPERSEDED: _ended,
    S.EXPIRED: _ended,
}
