"""Why is this device not updating? One sentence, from the rows alone. Pure.

It says what is known and what would change it, and never guesses what a device does.
"""

from collections.abc import Callable, Mapping, Sequence

from fumo.codes import State
from fumo.server.operation import OPEN, SHOWN, UNSENT, asked_past_due, meaning_of
from fumo.server.rows import Device, Operation, OperationState

S = OperationState
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def why(device: Device, operation: Operation, at_s: float) -> str:
    """How it stands with an operation at this moment, in a sentence for an operator."""
    return SENTENCES[operation.state](device, operation, at_s)


def at_work(newest_first: Sequence[Operation]) -> Operation | None:
    """Which of a device's operations tells how it stands.

    The one it may be at work on, else the next in turn, else the last that ended.
    """
    for states in (OPEN, UNSENT):
        if ahead := [one for one in newest_first if one.state in states]:
            return ahead[-1]
    return next(iter(newest_first), None)


def ago(seconds: float) -> str:
    """A span in its largest unit: "3 hours"."""
    for size, unit in UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "a moment"


def _held(device: Device, operation: Operation, at_s: float) -> str:
    return (
        "Its campaign has not come to it: group"
        f" {operation.group_number} is not open yet, the campaign does not run, or its rate lets it"
        " wait ('fumo campaign status' tells which)."
    )


def _planned(device: Device, operation: Operation, at_s: float) -> str:
    left = f"it is never sent if the device does not come within {ago(operation.due_at_s - at_s)}"
    if operation.notified_at_s is not None and operation.notified_at_s > (device.seen_at_s or 0.0):
        since = ago(at_s - operation.notified_at_s)
        return f"A notification asked the device to come {since} ago, and it did not yet; {left}."
    if device.seen_at_s is None:
        return f"The device has never come to this server; {left}."
    if device.seen_at_s < operation.created_at_s:
        since = ago(at_s - device.seen_at_s)
        return f"The device came {since} ago, before this was ordered, and not since; {left}."
    return (
        "The device came since this was ordered; it is sent once what was ordered before it ends."
    )


def _sent(device: Device, operation: Operation, at_s: float) -> str:
    sent = ago(at_s - (operation.sent_at_s or at_s))
    return (
        f"The order left {sent} ago and nothing was heard of it: the next session brings its"
        " result, or asks the device's State before anything is said again."
    )


def _accepted(device: Device, operation: Operation, at_s: float) -> str:
    left = ago(operation.due_at_s - at_s)
    word = next((word for state, word in SHOWN.items() if state == operation.state_seen), None)
    if word is not None and operation.state_seen_at_s is not None:
        seen = ago(at_s - operation.state_seen_at_s)
        return (
            f"The device was {word} when it was asked {seen} ago; its result is awaited for {left}."
        )
    return f"The device took the order and may retry by itself; its result is awaited for {left}."


def _cancel_requested(device: Device, operation: Operation, at_s: float) -> str:
    since = ago(at_s - (operation.cancel_at_s or at_s))
    left = ago(operation.due_at_s - at_s)
    if operation.taken_at_s is not None:
        return (
            f"It was to be cancelled {since} ago, when the device had taken it: what the device"
            f" reports counts, and is awaited for {left}."
        )
    return (
        f"It was to be cancelled {since} ago, when its order had left: the next session tells"
        " whether the device took it, and it is not said again."
    )


def _closed(device: Device, operation: Operation, at_s: float) -> str:
    code = operation.result or 0
    since = ago(at_s - (operation.closed_at_s or at_s))
    if operation.state is S.SUCCEEDED:
        return f"The device reported success ({code}) {since} ago."
    return (
        f"The device reported {code} ({meaning_of(code)}) {since} ago and tries no more:"
        " only a new order makes it try again."
    )


def _refused(device: Device, operation: Operation, at_s: float) -> str:
    return (
        f"The device would not take the order ({operation.reason}): only a new one is sent again."
    )


def _unknown(device: Device, operation: Operation, at_s: float) -> str:
    asked = _state_words(operation) if asked_past_due(operation) else "it never came to be asked"
    return (
        f"No result came within the deadline, and {asked}; a late one still counts,"
        " and only an operator's retry orders anew."
    )


def _state_words(operation: Operation) -> str:
    """The State that was read, and what the standard calls it: never taken for a result."""
    seen = operation.state_seen
    name = next((s.name.replace("_", " ").lower() for s in State if s == seen), "")
    told = "unreadable" if seen is None else f"{seen} ({name})" if name else str(seen)
    return f"its State, when asked, was {told}"


def _ended(device: Device, operation: Operation, at_s: float) -> str:
    reason = operation.reason or str(operation.state)
    if operation.sent_at_s is not None:
        return f"It was cancelled before the device took it ({reason})."
    return f"It was never sent to the device ({reason})."


SENTENCES: Mapping[S, Callable[[Device, Operation, float], str]] = {
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
    S.EXPIRED: _ended,
}
