"""Campaigns: which operations follow from an operator's order, and from an explicit retry. Pure.

Only an operator's word makes an operation. Each has a correlator of its own that nobody can guess
and that is never used again (FUMO 6.2: what ended may start again only by a new Exec).
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.operation import RETRIED
from fumo.server.rollout import Denied
from fumo.server.rows import Campaign, Operation, OperationState

CORRELATOR_BYTES = 16  # 128 bits: not to be guessed, and 32 characters in the Exec
NOTHING_HELD = "nothing is held any more: order download or downloadandupdate"


def pattern(campaign: Campaign, at_s: float) -> Operation:
    """What all of a campaign's operations are like before anything is released."""
    one = _planned(campaign, "", at_s, lambda _: b"")
    return replace(one, state=OperationState.HELD)


def retry(
    campaign: Campaign,
    operations: Sequence[Operation],
    at_s: float,
    octets: Callable[[int], bytes],
) -> list[Operation]:
    """A new operation for each that failed and was not retried yet."""
    again = {operation.retry_of for operation in operations}
    failed = [o for o in operations if o.state in RETRIED and o.id not in again]
    if campaign.kind is Kind.UPDATE and any(o.state is OperationState.FAILED for o in failed):
        raise Denied(NOTHING_HELD)
    pairs = [(o, _planned(campaign, o.device_id, at_s, octets, retry_of=o.id)) for o in failed]
    return [replace(new, group_number=old.group_number) for old, new in pairs]


def _planned(
    campaign: Campaign,
    device_id: str,
    at_s: float,
    octets: Callable[[int], bytes],
    retry_of: int | None = None,
) -> Operation:
    return Operation(
        id=0,
        device_id=device_id,
        campaign_id=campaign.id,
        package_id=campaign.package_id,
        kind=campaign.kind,
        correlator=octets(CORRELATOR_BYTES).hex(),
        state=OperationState.PLANNED,
        url=None,
        created_at_s=at_s,
        due_at_s=at_s + campaign.deadline_s,
        retry_of=retry_of,
        deadline_s=campaign.deadline_s,
    )
