"""Why an order waits by the terms of its campaign: state, group, rate, window, consent. Pure."""

from fumo.server import consent, windows
from fumo.server.rollout import may_order
from fumo.server.rows import Campaign, CampaignState, Operation

UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_C = CampaignState


def ago(seconds: float) -> str:
    """A span in its largest unit: "3 hours"."""
    for size, unit in UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "a moment"


def why_held(operation: Operation, campaign: Campaign, at_s: float) -> str:
    """Why an operator's order is not to be sent yet, and what would change it."""
    if campaign.state is not _C.RUNNING:
        return f"Its campaign {_standing(campaign, at_s)}."
    if operation.group_number > campaign.opened:
        return (
            f"Its campaign has opened group {campaign.opened} of {max(1, len(campaign.sizes))}, and"
            f" this is of group {operation.group_number}: {_next_group(campaign)}."
        )
    if campaign.rate:
        return f"Its campaign starts {campaign.rate} devices a minute, and it waits its turn."
    return "Its campaign runs and comes to it within moments."


def why_not_sent(operation: Operation, campaign: Campaign, at_s: float) -> str | None:
    """Why a device that came was not ordered what is due, if its campaign's terms say so."""
    if not may_order(campaign, operation.kind, at_s):
        opens_in_s = windows.opens_in_s(campaign.windows, campaign.zone, at_s)
        when = "is not known here" if opens_in_s is None else f"opens in {ago(opens_in_s)}"
        return f"Its campaign orders only within its windows, and the next one {when}."
    if not consent.wanted(campaign) or operation.user_asked_at_s is None:
        return None
    asked = ago(at_s - operation.user_asked_at_s)
    return f"Its user was asked {asked} ago and gave no answer; {_asked_again(operation, at_s)}."


def _asked_again(operation: Operation, at_s: float) -> str:
    if consent.may_be_asked(operation, at_s):
        return "the next session asks again"
    wait_s = (operation.user_asked_at_s or 0.0) + consent.AGAIN_S - at_s
    return f"the next session after {ago(wait_s)} asks again"


def _standing(campaign: Campaign, at_s: float) -> str:
    """How a campaign that does not run stands, and what would make it run."""
    if campaign.state is _C.PAUSED:
        return f"is paused ({campaign.why}): 'resume' lets it go on"
    if campaign.state is _C.DRAFT:
        to_do = "'submit' asks for its approval" if campaign.approval else "'start' begins it"
        return f"is a draft: {to_do}"
    if campaign.state is _C.WAITING:
        maker = f" than {campaign.made_by}" if campaign.made_by else ""
        return f"waits until somebody else{maker} approves it"
    if campaign.state in (_C.APPROVED, _C.SCHEDULED) and campaign.starts_at_s is not None:
        return f"is {campaign.state}, and begins in {ago(campaign.starts_at_s - at_s)}"
    if campaign.state is _C.APPROVED:
        return "is approved: 'start' begins it"
    return f"is {campaign.state} ({campaign.why}): nothing more of it is ordered"


def _next_group(campaign: Campaign) -> str:
    if campaign.success_percent:
        return f"the next one opens when {campaign.success_percent} % of the newest succeeded"
    return "'next-group' opens the next one"
