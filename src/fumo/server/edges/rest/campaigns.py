"""`/campaigns`: what was begun, how it goes on, and the words that steer it."""

import asyncio
import time
from typing import Any

from litestar import Response, get, post
from msgspec import Struct
from msgspec.structs import replace

from fumo.server.edges import listing
from fumo.server.edges.access.quotas import Quotas
from fumo.server.edges.campaign_store import locked
from fumo.server.edges.rest.changes import Change, etag
from fumo.server.edges.rest.frame import OPERATOR, VIEWER, Asked, Limit, Rest, number
from fumo.server.edges.views import Progress, Views
from fumo.server.office import THEN_UPDATE, Missing, Order
from fumo.server.operation import meaning_of
from fumo.server.paging import LIMIT, NEWEST, Way, cut, page_of
from fumo.server.rows import DEADLINE_S, Campaign
from fumo.server.steering import By
from fumo.server.terms import Terms, terms_of

RUNNING = (("running-campaigns", ""),)
RUNS = frozenset({"start", "resume", "approve"})
"""Words after which one more campaign may run."""


class NewCampaign(Struct, frozen=True, forbid_unknown_fields=True):
    """A campaign to be begun."""

    package: str
    operation: str
    devices: list[str] = []
    filter: str | None = None
    dynamic: bool = False
    name: str = ""
    deadline_s: float = DEADLINE_S
    terms: Terms = Terms()


class Anew(Struct, frozen=True, forbid_unknown_fields=True):
    """How what is ordered anew had ended: result codes, or some of *failed* and *refused* (which
    it is when nothing is said), *unknown* and *expired*."""

    ends: tuple[str, ...] = ()


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """Why an order is given; a campaign is not denied without."""

    reason: str = ""


class CampaignTold(Struct, frozen=True):
    """How a campaign stands; `failures` counts results by code, with their names.

    `total` counts operations; `retried` of them were ordered anew, and are not their device's last.
    """

    id: int
    name: str
    package: str
    version: str
    kind: str
    created_at_s: float
    total: int
    retried: int
    states: dict[str, int]
    results: dict[str, int]
    failures: dict[str, int]
    state: str
    groups: int
    opened: int
    why: str
    filter: str
    dynamic: bool
    made_by: str
    approved_by: str
    terms: Terms


class Campaigns(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[CampaignTold]
    next: str | None


class Retried(Struct, frozen=True):
    """How many operations were ordered anew, and how the campaign stands with them."""

    operations: int
    campaign: CampaignTold


def routes(rest: Rest) -> list[Any]:
    """The newest first."""
    return [*_reads(rest), *_begins(rest), *_orders(rest)]


def _reads(rest: Rest) -> list[Any]:
    @get("/campaigns", opt=VIEWER, sync_to_thread=True)
    def campaigns(
        limit: Limit = LIMIT, cursor: str | None = None, q: str = "", sort: Way = Way.DOWN
    ) -> Campaigns:
        ids = listing.campaign_ids(rest.reads, page_of(limit, cursor, sort, NEWEST), q)
        page, after = cut(ids, limit, lambda campaign_id: campaign_id)
        return Campaigns([_campaign(rest.desk.views, each) for each in page], after)

    @get("/campaigns/{campaign_id:int}", opt=VIEWER)
    async def campaign(campaign_id: int) -> Response[CampaignTold]:
        told = await asyncio.to_thread(_progress, rest.desk.views, campaign_id)
        return Response(campaign_told(told), headers={"ETag": etag(_steered(told.campaign))})

    return [campaigns, campaign]


def _begins(rest: Rest) -> list[Any]:
    own, quotas = Views(rest.store.db), Quotas(rest.store.db)

    @post("/campaigns", opt=OPERATOR)
    async def begin(request: Asked, data: NewCampaign) -> Response[CampaignTold]:
        order = Order(
            data.package, data.devices, data.operation, data.name, data.deadline_s, data.terms,
            data.filter, data.dynamic,
        )  # fmt: skip

        def job() -> CampaignTold:
            begun = rest.desk.office.begin(order, time.time(), request.user.name)
            quotas.check_approval(begun)
            return _campaign(own, begun.id)

        running = RUNNING if data.terms.starts else ()
        change = Change("campaigns.begin", data.package, job, quotas=running)
        return await rest.changes.make(request, change)

    return [begin]


def _orders(rest: Rest) -> list[Any]:
    own = Views(rest.store.db)

    @post("/campaigns/{campaign_id:int}/retry", opt=OPERATOR)
    async def retry(
        request: Asked, campaign_id: int, data: Anew | None = None
    ) -> Response[Retried]:
        by, ends = By(request.user.name), data.ends if data else ()

        def job() -> Retried:
            anew = rest.desk.office.retry(number(campaign_id), time.time(), by, ends)
            return Retried(anew, _campaign(own, campaign_id))

        change = Change(
            "campaigns.retry", str(campaign_id), job, tagged=lambda: _locked(rest, campaign_id)
        )
        return await rest.changes.make(request, change)

    @post("/campaigns/{campaign_id:int}/orders/{word:str}", opt=OPERATOR)
    async def steer(
        request: Asked, campaign_id: int, word: str, data: Reason | None = None
    ) -> Response[CampaignTold]:
        by = By(request.user.name, data.reason if data else "")

        def job() -> CampaignTold:
            rest.desk.office.steer(number(campaign_id), word, time.time(), by)
            return _campaign(own, campaign_id)

        change = Change(
            f"campaigns.{word}", str(campaign_id), job,
            tagged=lambda: _locked(rest, campaign_id), quotas=RUNNING if word in RUNS else (),
        )  # fmt: skip
        return await rest.changes.make(request, change)

    return [retry, steer]


def _campaign(views: Views, campaign_id: int) -> CampaignTold:
    return campaign_told(_progress(views, campaign_id))


def _progress(views: Views, campaign_id: int) -> Progress:
    progress = views.campaign(number(campaign_id))
    if progress is None:
        raise Missing(f"no campaign {campaign_id}")
    return progress


def _locked(rest: Rest, campaign_id: int) -> Campaign:
    campaign = locked(rest.store.db, number(campaign_id))
    if campaign is None:
        raise Missing(f"no campaign {campaign_id}")
    return _steered(campaign)


def _steered(campaign: Campaign) -> Campaign:
    """What its ETag names: all that words change, and nothing that moves by itself all the time."""
    return replace(campaign, rated_at_s=0.0)


def campaign_told(progress: Progress) -> CampaignTold:
    """A campaign for an operator."""
    campaign, results = progress.campaign, progress.results
    named = {f"{code} {meaning_of(code)}": number for code, number in results.items()}
    return CampaignTold(
        id=campaign.id,
        name=campaign.name,
        package=progress.package.name,
        version=progress.package.version,
        kind=THEN_UPDATE if campaign.then_update else campaign.kind.value,
        created_at_s=campaign.created_at_s,
        total=sum(progress.states.values()),
        retried=sum(progress.retried.values()),
        states=progress.states,
        results={str(code): number for code, number in results.items()},
        failures={words: number for words, number in named.items() if words[0] != "2"},
        state=campaign.state.value,
        groups=max(1, len(campaign.sizes)),
        opened=campaign.opened,
        why=campaign.why,
        filter=campaign.filter,
        dynamic=campaign.dynamic,
        made_by=campaign.made_by,
        approved_by=campaign.approved_by,
        terms=terms_of(campaign),
    )
