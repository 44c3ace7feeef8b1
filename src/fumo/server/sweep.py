"""Deadlines of operations whose device stays away: expired, or unknown. Nothing is guessed.

A planned operation past its deadline was never sent and never will be. One that was sent waits for
one more deadline, so that the next session can ask State; then it is *unknown*, which a late alert
still closes.
"""

from fumo.server.operation import moved
from fumo.server.ports import Store
from fumo.server.rows import Device, Note, Operation, OperationState, Writes

LIMIT = 500
"""Operations in one sweep: the next one takes the rest."""


def sweep(store: Store, at_s: float) -> int:
    """How many operations this sweep moved."""
    late = [_late(device, operation, at_s) for device, operation in store.due(at_s, LIMIT)]
    # one operation of a device at a time: its version guards them all, the others wait for the next
    one_each = {write.device_id: write for write in late}
    return sum(store.save(list(one_each.values()))) if one_each else 0


def _late(device: Device, operation: Operation, at_s: float) -> Writes:
    if operation.state is OperationState.PLANNED:
        return _move(device, operation, OperationState.EXPIRED, "never sent", at_s)
    return _move(device, operation, OperationState.UNKNOWN, "no session, no alert", at_s)


def _move(
    device: Device, operation: Operation, to: OperationState, why: str, at_s: float
) -> Writes:
    text = f"past its deadline: {why}"
    row = moved(operation, to, reason=text)
    note = Note(operation.id, at_s, text, to)
    return Writes(device.id, device.version, device=device, operations=(row,), notes=(note,))
