"""How a campaign goes on by itself: its schedule, its groups, its thresholds and its rate. Pure.

A device is ordered only what is *planned*; what waits for its group, or for the campaign, is
*held*. Both moves raise the device's version, so a message that was being decided on older rows
loses: a pause wins over it.
"""

from collections.abc import Mapping
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server import windows
from fumo.server.denied import Denied as Denied  # where it was before
from fumo.server.rows import Campaign, CampaignState, OperationState

_C = CampaignState

ERRORS = (OperationState.FAILED, OperationState.REFUSED, OperationState.UNKNOWN)
RELEASE_MAX = 1000
"""Operations moved in one transaction: messages are served, and the next sweep takes more."""
GROUPS_MAX = 500
RATED_S = 60.0
"""A rate is made up for so long at most; processes' clocks differ by less."""
ENDED = frozenset({_C.DENIED, _C.FINISHED, _C.STOPPED})
"""Nothing more is ordered; results that come late still count."""


class Standing(Struct, frozen=True):
    """A campaign, and how many operations of its newest open group are in which state.

    `held` counts those of all open groups, `left` all that did not end, or will be followed by
    another. `steps` are successes of the newest group that another step follows.
    """

    campaign: Campaign
    newest: Mapping[str, int]
    held: int
    left: int = 1
    steps: int = 0


class Change(Struct, frozen=True):
    """What becomes of a campaign, and of its operations that were not sent."""

    campaign: Campaign
    release: int = 0
    hold: bool = False
    cancel: bool = False


def group_sizes(devices: int, shares: tuple[int, ...]) -> tuple[int, ...]:
    """The devices of each group, by percent of all; what is left makes a last group."""
    if any(share < 1 for share in shares) or sum(shares) > 100 or len(shares) >= GROUPS_MAX:
        raise Denied(f"groups are percents of all devices, 100 at most together: {shares}")
    ends = [-(-devices * sum(shares[: n + 1]) // 100) for n in range(len(shares))]
    marks = [0, *ends, devices]
    sizes = (b - a for a, b in pairwise(marks))
    return tuple(size for size in sizes if size > 0)


def go_on(standing: Standing, at_s: float) -> Change | None:
    """What a campaign does by itself: start, end, pause, open its next group, start devices."""
    campaign = standing.campaign
    if campaign.unsettled:
        return _settled(campaign)
    if campaign.state not in ENDED and (campaign.ends_at_s or at_s) < at_s:
        return Change(replace(campaign, state=_C.STOPPED, why="its end came"), cancel=True)
    if _is_due(campaign, at_s):
        return Change(replace(campaign, state=_C.RUNNING, why="its time came", rated_at_s=at_s))
    if campaign.state is not _C.RUNNING:
        return None
    if not standing.left and not campaign.dynamic:
        return Change(replace(campaign, state=_C.FINISHED, why="every operation ended"))
    if _too_many_errors(standing):
        why = f"{errors(standing)} errors in group {campaign.opened}"
        return Change(replace(campaign, state=_C.PAUSED, why=why), hold=True)
    if errors(standing) < campaign.forgiven:  # a late alert told better: it excuses no other
        return Change(replace(campaign, forgiven=errors(standing)))
    if _succeeded(standing):
        return Change(opened(replace(campaign, why="enough of the group before succeeded")))
    return _released(standing, at_s)


def _settled(campaign: Campaign) -> Change:
    """What a pause or an end has begun goes on; nothing of it is ordered meanwhile (`save`)."""
    if campaign.state in ENDED:
        return Change(campaign, cancel=True)
    if campaign.state is _C.PAUSED:
        return Change(campaign, hold=True)
    return Change(replace(campaign, unsettled=False))


def errors(standing: Standing) -> int:
    """Operations of the newest group that failed, were refused, or came to nothing known."""
    return sum(standing.newest.get(state, 0) for state in ERRORS)


def may_order(campaign: Campaign, kind: Kind, at_s: float) -> bool:
    """Is a window of the campaign open, or does this operation need none? After its end: no."""
    if campaign.ends_at_s is not None and campaign.ends_at_s < at_s:
        return False  # before a sweep has stopped it
    free = campaign.download_anytime and kind is Kind.DOWNLOAD
    return free or windows.is_open(campaign.windows, campaign.zone, at_s)


def may_say_again(campaign: Campaign, kind: Kind, at_s: float) -> bool:
    """May an Exec that perhaps never arrived leave again? Not where a first one might not."""
    return campaign.state is _C.RUNNING and may_order(campaign, kind, at_s)


def opened(campaign: Campaign) -> Campaign:
    """With its next group open; Denied when there is none."""
    if campaign.opened >= len(campaign.sizes):
        raise Denied(f"campaign {campaign.id} has no group that is not open")
    return replace(campaign, opened=campaign.opened + 1, forgiven=0)


def _is_due(campaign: Campaign, at_s: float) -> bool:
    waiting = campaign.state in (_C.APPROVED, _C.SCHEDULED)
    return waiting and campaign.starts_at_s is not None and campaign.starts_at_s <= at_s


def _too_many_errors(standing: Standing) -> bool:
    new, percent = errors(standing) - standing.campaign.forgiven, standing.campaign.error_percent
    return percent > 0 and new > 0 and new * 100 >= percent * _size(standing)


def _succeeded(standing: Standing) -> bool:
    campaign = standing.campaign
    if campaign.success_percent < 1 or campaign.opened >= len(campaign.sizes):
        return False
    good = standing.newest.get(OperationState.SUCCEEDED, 0) - standing.steps
    return good * 100 >= campaign.success_percent * _size(standing)


def _size(standing: Standing) -> int:
    sizes = standing.campaign.sizes
    return sizes[standing.campaign.opened - 1] if sizes else sum(standing.newest.values())


def _released(standing: Standing, at_s: float) -> Change | None:
    """As many as the rate allows; a minute's worth at most, however long nothing was started."""
    campaign = standing.campaign
    if not campaign.rate:
        return Change(campaign, release=RELEASE_MAX) if standing.held else None
    if not may_order(campaign, campaign.kind, at_s):
        return None
    if campaign.rated_at_s > at_s + RATED_S:  # the clock was set back
        return Change(replace(campaign, rated_at_s=at_s))
    since_s = min(max(at_s - campaign.rated_at_s, 0.0), RATED_S)
    number = min(int(campaign.rate * since_s / 60), standing.held, RELEASE_MAX)
    if number < 1:
        return None
    used_at_s = at_s - since_s + number * 60 / campaign.rate
    return Change(replace(campaign, rated_at_s=used_at_s), release=number)
