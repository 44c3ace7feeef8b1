"""Campaigns: which operations follow from an operator's order. Pure.

Each operation has a correlator of its own that nobody can guess and that is never used again
(FUMO 6.2: what ended may start again only by a new Exec).
"""

from collections.abc import Callable

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.rows import Campaign, Operation, OperationState

CORRELATOR_BYTES = 16  # 128 bits: not to be guessed, and 32 characters in the Exec
NOTHING_HELD = "nothing is held any more: order download or downloadandupdate"


def is_of_held(kind: Kind, *, carries: bool) -> bool:
    """Does it update with what devices hold, which a failure may have taken away?"""
    return kind is Kind.UPDATE and not carries


def pattern(campaign: Campaign, at_s: float) -> Operation:
    """What all of a campaign's operations are like before anything is released."""
    one = planned(campaign, "", at_s, lambda _: b"")
    return replace(one, state=OperationState.HELD)


def planned(
    campaign: Campaign, device_id: str, at_s: float, octets: Callable[[int], bytes]
) -> Operation:
    """An operation of a campaign for one device."""
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
        deadline_s=campaign.deadline_s,
    )
