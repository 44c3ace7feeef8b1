"""The server's memory: campaigns that go on, pause and stop. Each change is one transaction.

The campaign's row is locked while its change is decided, so that of two orders one sees what the
other did. Operations that move raise the version of their device: a message that was being decided
on older rows loses. Locks are taken in one order: campaign, devices by key, counters.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.edges.database import Database, Said
from fumo.server.edges.guarding import raise_versions
from fumo.server.edges.store import CAMPAIGNS, MessageStore
from fumo.server.edges.waking import rows as waking
from fumo.server.operation import ENDED
from fumo.server.rollout import RELEASE_MAX, Change, Standing
from fumo.server.rows import Campaign, CampaignState, Note, OperationState

ONE = f"{CAMPAIGNS.select}WHERE id = ?1"
ONE_LOCKED = Said(ONE, f"{ONE} FOR NO KEY UPDATE")
RELEASED = """SELECT id, device_id FROM operation WHERE campaign_id = ?1 AND state = 'held'
    AND group_number <= ?2 ORDER BY group_number, id LIMIT ?3"""
UNSENT = """SELECT id, device_id FROM operation WHERE campaign_id = ?1 AND state = ?2
    ORDER BY id LIMIT ?3"""
WATCHED = """SELECT id FROM campaign WHERE state NOT IN ('denied', 'finished', 'stopped')
    AND (state = 'running' OR ends_at_s < ?1
        OR (state IN ('approved', 'scheduled') AND starts_at_s <= ?1))
    UNION SELECT id FROM campaign WHERE unsettled = 1 ORDER BY id"""
MOVED = """UPDATE operation SET state = CAST(?4 AS text), due_at_s =
    CASE CAST(?4 AS text) WHEN 'planned'
        THEN CAST(?1 AS double precision) + deadline_s ELSE due_at_s END
    WHERE id IN ?*2 AND state IN ?*3 RETURNING id"""
"""A deadline begins when a device may be ordered something."""
FOLLOWS = """SELECT 1 FROM operation WHERE campaign_id = ?1 AND follow_at_s IS NOT NULL
    LIMIT 1"""


def locked(database: Database, campaign_id: int) -> Campaign | None:
    """A campaign that nobody else changes until this transaction ends."""
    found = database.rows(ONE_LOCKED, campaign_id)
    return CAMPAIGNS.row(found[0]) if found else None


def running(campaign: Campaign | None) -> bool:
    """May something of it be ordered?"""
    return campaign is not None and campaign.state is CampaignState.RUNNING


class CampaignStore(MessageStore):
    """The part of the port Store by which campaigns go on."""

    def change(
        self, campaign_id: int, at_s: float, decide: Callable[[Standing], Change | None]
    ) -> Campaign | None:
        """Decide on a campaign that nobody else changes meanwhile; None: there is none."""
        with self.db.transaction():
            campaign = locked(self.db, campaign_id)
            if campaign is None:
                return None
            change = decide(self._standing(campaign))
            if change is None:
                return campaign
            self.db.put(CAMPAIGNS.changed, [CAMPAIGNS.cells(change.campaign)])
            unsettled = self._apply(change, at_s)
            after = replace(change.campaign, unsettled=unsettled)
            if after != change.campaign:
                self.db.put(CAMPAIGNS.changed, [CAMPAIGNS.cells(after)])
            return after

    def watched(self, at_s: float) -> list[int]:
        """Campaigns that run, or whose beginning or end has come."""
        return [number for (number,) in self.db.rows(WATCHED, at_s)]

    def raise_versions(self, devices: list[str]) -> None:
        """In the order of keys, so that no two processes wait for each other."""
        raise_versions(self.db, devices)

    def _standing(self, campaign: Campaign) -> Standing:
        sql = "SELECT group_number, kind, state, number FROM tally WHERE campaign_id = ?1"
        newest: Counter[str] = Counter()
        held = left = steps = 0
        for group, kind, state, number in self.db.rows(sql, campaign.id):
            if group == campaign.opened:
                newest[state] += number
                first = campaign.then_update and kind == Kind.DOWNLOAD
                steps += number if first and state == "succeeded" else 0
            if group <= campaign.opened and state == "held":
                held += number
            left += number if state not in ENDED else 0
        left += len(self.db.rows(FOLLOWS, campaign.id))
        return Standing(campaign, newest, held, left, steps)

    def _apply(self, change: Change, at_s: float) -> bool:
        """As many as one transaction may move: is anything left of a pause or an end?"""
        campaign = change.campaign
        if change.release:
            found = self.db.rows(RELEASED, campaign.id, campaign.opened, change.release)
            self._move(found, ["held"], "planned", "its turn has come", at_s)
            waking.begin(self.db, campaign, [number for number, _ in found], at_s)
        if change.hold:
            found = self.db.rows(UNSENT, campaign.id, "planned", RELEASE_MAX)
            self._move(found, ["planned"], "held", f"paused: {campaign.why}", at_s)
            self._hand_on(campaign, found, at_s)
            return len(found) == RELEASE_MAX
        left = RELEASE_MAX
        for state in ("planned", "held") if change.cancel else ():
            found = self.db.rows(UNSENT, campaign.id, state, left)
            self._move(found, [state], "cancelled", "the campaign was stopped", at_s)
            self._hand_on(campaign, found, at_s)
            left -= len(found)
        return left == 0

    def _hand_on(self, campaign: Campaign, found: Sequence[Sequence[object]], at_s: float) -> None:
        """Whom this one wakes no more another one may still need."""
        if campaign.wake:
            waking.hand_on(self.db, campaign.id, [str(who) for _, who in found], at_s)

    def _move(
        self, found: Sequence[Sequence[object]], from_: list[str], to: str, text: str, at_s: float
    ) -> None:
        """Once the devices are locked nothing but this moves their operations."""
        ids = [number for number, _ in found]
        self.raise_versions(sorted({str(device_id) for _, device_id in found}))
        moved = self.db.rows(MOVED, at_s, ids, from_, to)
        state = OperationState(to)
        self.write_notes([Note(number, at_s, text, state) for (number,) in sorted(moved)])
