"""Campaigns as cards: bars and failures, as plain values. Nothing is decided here."""

from msgspec import Struct

from fumo.server.edges.views import Progress
from fumo.server.office import THEN_UPDATE
from fumo.server.operation import RETRIED, meaning_of
from fumo.server.rows import Campaign, OperationState
from fumo.server.steering import AGAIN, ORDERS, makes_sense

BAR = 1000
"""The width of a bar in its own units."""
STATES = [
    OperationState.SUCCEEDED,
    OperationState.FAILED,
    OperationState.REFUSED,
    OperationState.UNKNOWN,
    OperationState.CANCEL_REQUESTED,
    OperationState.ACCEPTED,
    OperationState.SENT,
    OperationState.PLANNED,
    OperationState.HELD,
    OperationState.EXPIRED,
    OperationState.SUPERSEDED,
    OperationState.CANCELLED,
]
"""From left to right: what is certain first."""
DONE = frozenset(STATES[:3]) | frozenset(STATES[-3:])


class Segment(Struct, frozen=True):
    """One stretch of a bar."""

    state: str
    number: int
    x: float
    width: float


class Failure(Struct, frozen=True):
    """One result code of failures, and its share of them in percent."""

    code: int
    name: str
    number: int
    share: float


class CampaignLook(Struct, frozen=True):
    """A campaign as a card."""

    id: int
    name: str
    kind: str
    package: str
    created_at_s: float
    total: int
    retried: int
    percent: int
    label: str
    segments: list[Segment]
    failures: list[Failure]
    state: str
    why: str
    groups: int
    opened: int
    orders: list[str]
    """What may be ordered now, in the order of the buttons."""
    terms: Campaign


def campaign_look(progress: Progress) -> CampaignLook:
    """A campaign as a card: its devices by their newest operation, older ones as retried."""
    campaign, retried = progress.campaign, progress.retried
    states = {s: number - retried.get(s, 0) for s, number in progress.states.items()}
    total = sum(states.values())
    done = sum(number for state, number in states.items() if state in DONE)
    return CampaignLook(
        id=campaign.id,
        name=campaign.name,
        kind=THEN_UPDATE if campaign.then_update else campaign.kind.value,
        package=f"{progress.package.name} {progress.package.version}",
        created_at_s=campaign.created_at_s,
        total=total,
        retried=sum(retried.values()),
        percent=done * 100 // total if total else 0,
        label=", ".join(f"{states[s]} {s}" for s in STATES if states.get(s)),
        segments=_segments(states, total),
        failures=_failures(progress.results),
        state=campaign.state.value,
        why=campaign.why,
        groups=max(1, len(campaign.sizes)),
        opened=campaign.opened,
        orders=_orders(campaign, states),
        terms=campaign,
    )


def _orders(campaign: Campaign, states: dict[str, int]) -> list[str]:
    words = [word for word in ORDERS if makes_sense(campaign, word)]
    failed = any(states.get(state, 0) > 0 for state in RETRIED)
    return [*words, "retry"] if failed and campaign.state in AGAIN else words


def _segments(states: dict[str, int], total: int) -> list[Segment]:
    made, x = [], 0.0
    for state in STATES:
        number = states.get(state, 0)
        if number:
            width = round(number * BAR / total, 2)
            made.append(Segment(state.value, number, round(x, 2), width))
            x += width
    return made


def _failures(results: dict[int, int]) -> list[Failure]:
    bad = {code: number for code, number in results.items() if not 200 <= code < 300}
    most = max(bad.values(), default=1)
    rows = [Failure(c, meaning_of(c), n, round(100 * n / most, 1)) for c, n in bad.items()]
    return sorted(rows, key=lambda row: (-row.number, row.code))
