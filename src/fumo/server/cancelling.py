"""Cancelling one operation: what an operator's word makes of it, in each state. Pure.

What was never sent ends at once. What was sent cannot be called back, for FUMO has no word for it:
it is *cancel_requested*, its Exec is not said again, and the device's report tells what became of
it. Nothing here waits for a device, and no result is ever taken away.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from fumo.server.operation import OPEN, UNSENT, moved
from fumo.server.rollout import Denied
from fumo.server.rows import Note, Operation, OperationState


class Turned(Struct, frozen=True):
    """An operation as it becomes, and what its timeline tells of it."""

    operation: Operation
    note: Note


Decide = Callable[[Operation], Turned | None]
"""What becomes of an operation that nobody else changes meanwhile; None: nothing."""


def cancelled(operation: Operation, who: str, at_s: float) -> Turned | None:
    """The operation cancelled, or asked to be; None: it is so already. Denied: it has ended.

    One that has ended, and is to be followed by another, is followed by none.
    """
    state = operation.state
    if state in (OperationState.CANCELLED, OperationState.CANCEL_REQUESTED):
        return None
    if state in UNSENT:
        return _turned(operation, OperationState.CANCELLED, f"cancelled by {who}", at_s)
    if state in OPEN:
        text = f"{who} wants it cancelled, and its Exec has left"
        return _turned(operation, OperationState.CANCEL_REQUESTED, text, at_s)
    if operation.follow_at_s is not None:
        text = f"{who} wants nothing to follow it"
        ended = replace(operation, follow_at_s=None, cancel_at_s=at_s)
        return Turned(ended, Note(operation.id, at_s, text))
    raise Denied(f"operation {operation.id} is {state}: there is nothing left to cancel")


def _turned(operation: Operation, to: OperationState, text: str, at_s: float) -> Turned:
    turned = moved(operation, to, reason=text, cancel_at_s=at_s)
    return Turned(turned, Note(operation.id, at_s, text, to))
