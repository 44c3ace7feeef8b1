"""The server's memory: operations that follow others of their campaign.

Locks in the one order: campaign, devices by key, then operations. What was due is looked at again
once its device is locked: a late alert may have closed it otherwise in between.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from fumo.server.edges.campaign_store import CampaignStore, locked, running
from fumo.server.edges.store import CAMPAIGNS, OPERATIONS
from fumo.server.edges.waking import rows as waking
from fumo.server.following import FOLLOW_MAX
from fumo.server.rows import Campaign, Note, Operation

DUE = """SELECT id, device_id FROM operation WHERE campaign_id = ?1 AND follow_at_s <= ?2
    ORDER BY follow_at_s LIMIT ?3"""
STILL = f"{OPERATIONS.select}WHERE id IN ?*1 AND follow_at_s <= ?2 ORDER BY id"
OVERTAKEN = """SELECT DISTINCT old.id FROM operation AS old
    JOIN package AS held ON held.id = old.package_id
    JOIN operation AS newer ON newer.device_id = old.device_id AND newer.id > old.id
    JOIN package AS brought ON brought.id = newer.package_id AND brought.name = held.name
    WHERE old.id IN ?*1 AND newer.state NOT IN ('cancelled', 'superseded')"""
NO_MORE = "UPDATE operation SET follow_at_s = NULL WHERE id IN ?*1"
WHY_NOT = "nothing follows it: something newer of this package was ordered to the device"
ANEW_MAX = 100_000
"""Operations ordered anew by one word of an operator: the next word takes more."""
_SO_ENDED = "state IN ?*2 AND (state IN ?*3 OR result IN ?*4) AND next_id IS NULL"
ASKED = f"""SELECT id, device_id, state FROM operation WHERE campaign_id = ?1 AND {_SO_ENDED}
    ORDER BY id LIMIT {ANEW_MAX}"""
STILL_ASKED = f"SELECT id FROM operation WHERE id IN ?*1 AND {_SO_ENDED} ORDER BY id"


Make: TypeAlias = Callable[[Campaign, Operation], Operation]
Anew: TypeAlias = Callable[[Campaign, set[str]], Campaign]


class FollowStore(CampaignStore):
    """The part of the port Store by which operations follow each other."""

    def follow(self, campaign_id: int, at_s: float, make: Make) -> list[Operation]:
        """S1: a new operation after each that is due, while the campaign runs.

        Where something newer was ordered since, nothing follows: it would be a step back.
        """
        with self.db.transaction():
            campaign = locked(self.db, campaign_id)
            if campaign is None or not running(campaign):
                return []
            due = self.db.rows(DUE, campaign_id, at_s, FOLLOW_MAX)
            if not due:
                return []
            self.raise_versions(sorted({device_id for _, device_id in due}))
            still = self.db.rows(STILL, [number for number, _ in due], at_s)
            over = self._overtaken([cells[0] for cells in still], at_s)
            old = [OPERATIONS.row(cells) for cells in still if cells[0] not in over]
            new = self.plan([make(campaign, each) for each in old])
            pairs = zip(old, new, strict=True)
            done = [replace(o, follow_at_s=None, next_id=n.id) for o, n in pairs]
            self.db.put(OPERATIONS.changed, OPERATIONS.all_cells(done))
            waking.begin(self.db, campaign, [one.id for one in new], at_s)
            return new

    def _overtaken(self, ids: Sequence[int], at_s: float) -> set[int]:
        over = [number for (number,) in self.db.rows(OVERTAKEN, ids)]
        self.db.run(NO_MORE, over)
        self.write_notes([Note(number, at_s, WHY_NOT) for number in over])
        return set(over)

    def order_anew(
        self, campaign_id: int, ends: Sequence[str], at_s: float, order: Anew
    ) -> int | None:
        """What ended so is to be followed now, whatever its policy; None: no such campaign."""
        with self.db.transaction():
            campaign = locked(self.db, campaign_id)
            if campaign is None:
                return None
            states, codes = [e for e in ends if not e.isdigit()], [*filter(str.isdigit, ends)]
            # a result that may be named is of one that failed: an index knows these
            how = [*states, "failed"], states, [int(code) for code in codes]
            found = self.db.rows(ASKED, campaign_id, *how)
            changed = order(campaign, {state for _, _, state in found})
            self.raise_versions(sorted({device_id for _, device_id, _ in found}))
            still = self.db.rows(STILL_ASKED, [number for number, _, _ in found], *how)
            ids = [number for (number,) in still]
            self.db.run("UPDATE operation SET follow_at_s = ?1 WHERE id IN ?*2", at_s, ids)
            self.write_notes([Note(number, at_s, changed.why) for number in ids])
            if ids:
                self.db.put(CAMPAIGNS.changed, [CAMPAIGNS.cells(changed)])
            return len(ids)

    def plan(self, operations: Sequence[Operation]) -> list[Operation]:
        """New operations, with ids and their first note; their devices' versions are raised."""
        numbers = self.db.numbers("operation", len(operations))
        planned = [replace(o, id=n) for n, o in zip(numbers, operations, strict=True)]
        self.raise_versions(sorted({operation.device_id for operation in planned}))
        self.db.put(OPERATIONS.added, OPERATIONS.all_cells(planned))
        self.write_notes([Note(o.id, o.created_at_s, _words(o), o.state) for o in planned])
        return planned


def _words(operation: Operation) -> str:
    if operation.retry_of is None:
        return operation.kind.value
    return f"{operation.kind}, try {operation.attempt}: operation {operation.retry_of} again"
