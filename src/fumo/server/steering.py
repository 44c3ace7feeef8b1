"""What operators say of a campaign: which words in which states, and where each leads. Pure.

A campaign that needs approval is approved by somebody else than who made it. Words and states are
data; a word out of place is `Denied`, and its text says what would make sense.
"""

from collections.abc import Set

from msgspec import Struct
from msgspec.structs import replace

from fumo.server.campaign import NOTHING_HELD, is_of_held
from fumo.server.denied import Denied
from fumo.server.rollout import Change, Standing, errors, opened
from fumo.server.rows import Campaign, CampaignState

_C = CampaignState

ORDERS: dict[str, tuple[frozenset[CampaignState], CampaignState]] = {
    "submit": (frozenset({_C.DRAFT}), _C.WAITING),
    "approve": (frozenset({_C.WAITING}), _C.APPROVED),
    "deny": (frozenset({_C.WAITING}), _C.DENIED),
    "start": (frozenset({_C.DRAFT, _C.APPROVED, _C.SCHEDULED}), _C.RUNNING),
    "pause": (frozenset({_C.RUNNING}), _C.PAUSED),
    "resume": (frozenset({_C.PAUSED}), _C.RUNNING),
    "next-group": (frozenset({_C.RUNNING}), _C.RUNNING),
    "stop": (
        frozenset({_C.DRAFT, _C.WAITING, _C.APPROVED, _C.SCHEDULED, _C.RUNNING, _C.PAUSED}),
        _C.STOPPED,
    ),
}
"""What an operator may say in which states, and where it leads."""
AGAIN = (_C.RUNNING, _C.FINISHED)
"""States in which what failed may be ordered anew."""
REASON_LENGTH_MAX = 500


class By(Struct, frozen=True):
    """Who says it, and why."""

    who: str
    reason: str = ""


OWNER = "owner"
"""Whoever holds the data folder."""
BY_OWNER = By(OWNER)


def makes_sense(campaign: Campaign, word: str) -> bool:
    """May somebody say this of it, as it stands?"""
    if campaign.state not in ORDERS[word][0]:
        return False
    if word == "next-group":
        return campaign.opened < len(campaign.sizes)
    if campaign.state is _C.DRAFT and word in ("start", "submit"):
        return campaign.approval is (word == "submit")
    return True


def ordered(standing: Standing, word: str, at_s: float, by: By) -> Change:
    """What an operator's word does; Denied where it makes no sense."""
    campaign = standing.campaign
    before, after = ORDERS[word]
    if campaign.state not in before:
        wanted = " or ".join(sorted(before))
        raise Denied(f"campaign {campaign.id} is {campaign.state}: {word} needs it {wanted}")
    _check(campaign, word, by)
    changed = replace(campaign, state=after, why=_why(word, by))
    if word == "approve":
        return Change(replace(changed, approved_by=by.who))
    if word == "next-group":
        return Change(opened(changed))
    if word in ("start", "resume"):
        # an operator who resumes knows of the errors so far: only new ones pause it again
        return Change(replace(changed, forgiven=errors(standing), rated_at_s=at_s))
    return Change(changed, hold=word == "pause", cancel=word in ("stop", "deny"))


def ordered_anew(campaign: Campaign, found: Set[str], by: By) -> Campaign:
    """The campaign that orders anew what is in these states; Denied if nothing can come of it."""
    if campaign.state not in AGAIN:
        raise Denied(
            f"campaign {campaign.id} is {campaign.state}: it does not run, start or resume it first"
        )
    if is_of_held(campaign.kind, carries=campaign.carries) and not found <= {"refused", "expired"}:
        raise Denied(NOTHING_HELD)
    return replace(campaign, state=_C.RUNNING, why=f"retry by {by.who}")


def _check(campaign: Campaign, word: str, by: By) -> None:
    if len(by.reason) > REASON_LENGTH_MAX or not by.reason.isprintable():
        raise Denied(f"a reason has {REASON_LENGTH_MAX} printable characters at most")
    if word == "approve" and by.who == campaign.made_by:
        raise Denied(f"{by.who} made campaign {campaign.id}: somebody else must approve it")
    if word == "deny" and not by.reason.strip():
        raise Denied("say why it is denied")
    if word == "submit" and not campaign.approval:
        raise Denied(f"campaign {campaign.id} needs no approval: start it")
    if word == "start" and campaign.approval and campaign.state is _C.DRAFT:
        raise Denied(f"campaign {campaign.id} needs approval: submit it")


def _why(word: str, by: By) -> str:
    return f"{word} by {by.who}" + (f": {by.reason}" if by.reason else "")
