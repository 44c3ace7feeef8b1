"""How a campaign goes on: its orders, its groups, its thresholds and its rate. Pure.

A device is ordered only what is *planned*; what waits for its group, or for the campaign, is
*held*. Both moves raise the device's version, so a message that was being decided on older rows
loses: a pause wins over it, and no campaign's row is on the way of a message.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, pairwise, repeat

from msgspec import Struct
from msgspec.structs import replace

from fumo.errors import FumoError
from fumo.server.rows import Campaign, CampaignState, OperationState

_C = CampaignState

ORDERS: dict[str, tuple[frozenset[CampaignState], CampaignState]] = {
    "start": (frozenset({_C.DRAFT}), _C.RUNNING),
    "pause": (frozenset({_C.RUNNING}), _C.PAUSED),
    "resume": (frozenset({_C.PAUSED}), _C.RUNNING),
    "next-group": (frozenset({_C.RUNNING}), _C.RUNNING),
    "stop": (frozenset({_C.DRAFT, _C.RUNNING, _C.PAUSED}), _C.STOPPED),
}
"""What an operator may say in which states, and where it leads."""

ERRORS = (OperationState.FAILED, OperationState.REFUSED, OperationState.UNKNOWN)
RELEASE_MAX = 5000
"""Devices started in one transaction: the next sweep takes more."""
GROUPS_MAX = 500


class Denied(FumoError):
    """An order that makes no sense; the text says why, and what does."""


class Standing(Struct, frozen=True):
    """A campaign, and how many operations of its newest open group are in which state.

    `held` counts those of all open groups.
    """

    campaign: Campaign
    newest: Mapping[str, int]
    held: int


class Change(Struct, frozen=True):
    """What becomes of a campaign, and of its operations that were not sent."""

    campaign: Campaign
    release: int = 0
    hold: bool = False
    cancel: bool = False


def waits(campaign: Campaign) -> bool:
    """Do its operations wait to be released?"""
    more = campaign.rate > 0 or len(campaign.sizes) > 1
    return more or campaign.state is not _C.RUNNING


def group_sizes(devices: int, shares: tuple[int, ...]) -> tuple[int, ...]:
    """The devices of each group, by percent of all; what is left makes a last group."""
    if any(share < 1 for share in shares) or sum(shares) > 100 or len(shares) >= GROUPS_MAX:
        raise Denied(f"groups are percents of all devices, 100 at most together: {shares}")
    ends = [-(-devices * sum(shares[: n + 1]) // 100) for n in range(len(shares))]
    marks = [0, *ends, devices]
    sizes = (b - a for a, b in pairwise(marks))
    return tuple(size for size in sizes if size > 0)


def group_numbers(sizes: tuple[int, ...]) -> Iterator[int]:
    """The group of the first device, of the second, ..."""
    return chain.from_iterable(repeat(number, size) for number, size in enumerate(sizes, 1))


def ordered(standing: Standing, word: str, at_s: float) -> Change:
    """What an operator's word does; Denied where it makes no sense."""
    campaign = standing.campaign
    before, after = ORDERS[word]
    if campaign.state not in before:
        wanted = " or ".join(sorted(before))
        raise Denied(f"campaign {campaign.id} is {campaign.state}: {word} needs it {wanted}")
    changed = replace(campaign, state=after, why=f"{word} by an operator")
    if word == "next-group":
        return Change(_opened(changed))
    if word in ("start", "resume"):
        # an operator who resumes knows of the errors so far: only new ones pause it again
        return Change(replace(changed, forgiven=errors(standing), rated_at_s=at_s))
    return Change(changed, hold=word == "pause", cancel=word == "stop")


def go_on(standing: Standing, at_s: float) -> Change | None:
    """What a running campaign does by itself: pause, open its next group, start devices."""
    campaign = standing.campaign
    if campaign.state is not _C.RUNNING:
        return None
    if _too_many_errors(standing):
        why = f"{errors(standing)} errors in group {campaign.opened}"
        return Change(replace(campaign, state=_C.PAUSED, why=why), hold=True)
    if _succeeded(standing):
        return Change(_opened(replace(campaign, why="enough of the group before succeeded")))
    return _released(standing, at_s)


def errors(standing: Standing) -> int:
    """Operations of the newest group that failed, were refused, or came to nothing known."""
    return sum(standing.newest.get(state, 0) for state in ERRORS)


def _too_many_errors(standing: Standing) -> bool:
    new, percent = errors(standing) - standing.campaign.forgiven, standing.campaign.error_percent
    return percent > 0 and new > 0 and new * 100 >= percent * _size(standing)


def _succeeded(standing: Standing) -> bool:
    campaign = standing.campaign
    if campaign.success_percent < 1 or campaign.opened >= len(campaign.sizes):
        return False
    good = standing.newest.get(OperationState.SUCCEEDED, 0)
    return good * 100 >= campaign.success_percent * _size(standing)


def _size(standing: Standing) -> int:
    sizes = standing.campaign.sizes
    return sizes[standing.campaign.opened - 1] if sizes else sum(standing.newest.values())


def _opened(campaign: Campaign) -> Campaign:
    if campaign.opened >= len(campaign.sizes):
        raise Denied(f"campaign {campaign.id} has no group that is not open")
    return replace(campaign, opened=campaign.opened + 1, forgiven=0)


def _released(standing: Standing, at_s: float) -> Change | None:
    """As many as the rate allows; a minute's worth at most, however long nothing was started."""
    campaign = standing.campaign
    if not campaign.rate:
        return Change(campaign, release=RELEASE_MAX) if standing.held else None
    since_s = min(max(at_s - campaign.rated_at_s, 0.0), 60.0)
    number = min(int(campaign.rate * since_s / 60), standing.held, RELEASE_MAX)
    if number < 1:
        return None
    used_at_s = at_s - since_s + number * 60 / campaign.rate
    return Change(replace(campaign, rated_at_s=used_at_s), release=number)
