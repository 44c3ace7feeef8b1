"""Dynamic campaigns take up devices that come, or change, after they were made.

Only devices that are *unplaced* are looked at: new ones, and those whose attributes or tags are
others now. So a sweep costs what happened, not what there is. A device is taken up once in a
campaign, however often it changes; its operation is *held* in the last group, and released as all
others are.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from fumo.server.campaign import pattern
from fumo.server.edges.campaign_store import locked
from fumo.server.edges.choosing import devices_of
from fumo.server.edges.creating import allowed, create_among
from fumo.server.edges.database import Database, Said
from fumo.server.edges.store import CAMPAIGNS, PACKAGES
from fumo.server.rollout import ENDED
from fumo.server.rows import Campaign, Package

PLACED_MAX = 2_000
"""Devices looked at in one transaction: the next sweep takes more."""
ALONE = Said("SELECT 1", "SELECT pg_advisory_xact_lock(7061)")
"""A dynamic campaign is made, and devices are placed, one after the other: none falls between."""
TAKEN = Said(
    """DELETE FROM unplaced WHERE device_id IN
        (SELECT device_id FROM unplaced ORDER BY device_id LIMIT ?1) RETURNING device_id""",
    """DELETE FROM unplaced WHERE device_id IN
        (SELECT device_id FROM unplaced ORDER BY device_id LIMIT ?1 FOR UPDATE)
        RETURNING device_id""",
)
DYNAMIC = """SELECT id FROM campaign WHERE dynamic = 1
    AND state NOT IN ('denied', 'finished', 'stopped') ORDER BY id"""


def place(db: Database, at_s: float, limit: int = PLACED_MAX) -> int:
    """Let live dynamic campaigns take up whom they choose: 0 when nothing came of it."""
    if not db.rows("SELECT 1 FROM unplaced LIMIT 1"):
        return 0
    with db.transaction():
        db.rows(ALONE)
        # campaigns first, then what stands for devices: the one order of locks
        campaigns = [locked(db, number) for (number,) in db.rows(DYNAMIC)]
        devices = [who for (who,) in db.rows(TAKEN, limit)]
        live = [one for one in campaigns if one is not None and one.state not in ENDED]
        taken = sum(_take_up(db, campaign, devices, at_s) for campaign in live)
    return taken + (len(devices) == limit)  # then there may be more


def _take_up(db: Database, campaign: Campaign, devices: Sequence[str], at_s: float) -> int:
    [cells] = db.rows(f"{PACKAGES.select}WHERE id = ?1", campaign.package_id)
    package: Package = PACKAGES.row(cells)
    which = allowed(devices_of(campaign.filter), package)
    number = create_among(db, pattern(campaign, at_s), campaign, which, devices)
    if number:
        sizes = campaign.sizes or (0,)
        grown = replace(campaign, sizes=(*sizes[:-1], sizes[-1] + number))
        db.put(CAMPAIGNS.changed, [CAMPAIGNS.cells(grown)])
    return number
