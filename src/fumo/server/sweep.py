"""What time does: campaigns go on, and deadlines of operations whose device stays away pass.

A planned operation past its deadline was never sent and never will be. One that was sent waits for
one more deadline, so that the next session can ask State; then it is *unknown*, which a late alert
still closes.
"""

from fumo.server.operation import moved
from fumo.server.ports import Store
from fumo.server.rollout import Change, Standing, go_on
from fumo.server.rows import Device, Note, Operation, OperationState, Writes

LIMIT = 500
"""Operations in one sweep: the next one takes the rest."""


def sweep(store: Store, at_s: float) -> int:
    """How many campaigns and operations this sweep moved."""
    moved_on = sum(advance(store, campaign_id, at_s) for campaign_id in store.watched())
    late = [_late(device, operation, at_s) for device, operation in store.due(at_s, LIMIT)]
    # one operation of a device at a time: its version guards them all, the others wait for the next
    one_each = {write.device_id: write for write in late}
    return moved_on + (sum(store.save(list(one_each.values()))) if one_each else 0)


def advance(store: Store, campaign_id: int, at_s: float) -> bool:
    """Let a campaign go on, as far as its thresholds and its rate allow: was anything changed?"""
    changes: list[Change | None] = []

    def decide(standing: Standing) -> Change | None:
        changes.append(go_on(standing, at_s))
        return changes[-1]

    store.change(campaign_id, at_s, decide)
    return changes != [] and changes[-1] is not None


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
