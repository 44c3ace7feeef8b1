"""What time does: campaigns begin, go on and end, operations follow others, deadlines pass.

A planned operation past its deadline was never sent and never will be. One that was sent waits for
one more deadline, so that the next session can ask State; then it is *unknown*, which a late alert
still closes.
"""

from collections.abc import Callable

from msgspec.structs import replace

from fumo.server.following import follow_at_s, follower
from fumo.server.operation import moved
from fumo.server.ports import Store
from fumo.server.rollout import Change, Standing, go_on
from fumo.server.rows import Campaign, Device, Note, Operation, OperationState, Writes

LIMIT = 500
"""Operations in one sweep: the next one takes the rest."""


def sweep(store: Store, at_s: float, octets: Callable[[int], bytes]) -> int:
    """How many campaigns and operations this sweep moved."""
    moved_on = store.place(at_s)
    for campaign_id in store.watched(at_s):
        moved_on += advance(store, campaign_id, at_s) + follow(store, campaign_id, at_s, octets)
    return moved_on + _deadlines(store, at_s)


def follow(store: Store, campaign_id: int, at_s: float, octets: Callable[[int], bytes]) -> int:
    """Make the operations that follow what ended in a running campaign: how many."""

    def make(campaign: Campaign, old: Operation) -> Operation:
        return follower(campaign, old, at_s, octets)

    return len(store.follow(campaign_id, at_s, make))


def _deadlines(store: Store, at_s: float) -> int:
    due = store.due(at_s, LIMIT)
    campaigns = {number: store.campaign(number) for number in {o.campaign_id for _, o in due}}
    late = [_late(device, o, at_s, campaigns[o.campaign_id]) for device, o in due]
    # one operation of a device at a time: its version guards them all, the others wait for the next
    one_each = {write.device_id: write for write in late}
    return sum(store.save(list(one_each.values()))) if one_each else 0


def advance(store: Store, campaign_id: int, at_s: float) -> bool:
    """Let a campaign go on, as far as its thresholds and its rate allow: was anything changed?"""
    changes: list[Change | None] = []

    def decide(standing: Standing) -> Change | None:
        changes.append(go_on(standing, at_s))
        return changes[-1]

    store.change(campaign_id, at_s, decide)
    return changes != [] and changes[-1] is not None


def _late(device: Device, operation: Operation, at_s: float, campaign: Campaign | None) -> Writes:
    never = operation.state is OperationState.PLANNED
    to = OperationState.EXPIRED if never else OperationState.UNKNOWN
    text = f"past its deadline: {'never sent' if never else 'no session, no alert'}"
    row = moved(operation, to, reason=text)
    if campaign is not None:
        row = replace(row, follow_at_s=follow_at_s(campaign, row, at_s))
    note = Note(operation.id, at_s, text, to)
    return Writes(device.id, device.version, device=device, operations=(row,), notes=(note,))
