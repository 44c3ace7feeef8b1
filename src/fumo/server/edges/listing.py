"""Listings for the API, a page at a time, by key. Readers only."""

from typing import Any

from fumo.server.edges.campaign_store import CAMPAIGNS
from fumo.server.edges.database import Database
from fumo.server.edges.store import ALERTS, DEVICES, OPERATIONS, PACKAGES
from fumo.server.rows import AlertRow, Device, Operation, Package


def devices(db: Database, after: str, limit: int) -> list[Device]:
    """By id."""
    found = db.rows(f"{DEVICES.select}WHERE id > ?1 ORDER BY id LIMIT ?2", after, limit)
    return [DEVICES.row(cells) for cells in found]


def packages(db: Database, before: int, limit: int) -> list[Package]:
    """The newest first."""
    return [PACKAGES.row(cells) for cells in _newest(db, PACKAGES.select, before, limit)]


def campaign_ids(db: Database, before: int, limit: int) -> list[int]:
    """The newest first."""
    return [CAMPAIGNS.row(cells).id for cells in _newest(db, CAMPAIGNS.select, before, limit)]


def operations(
    db: Database, campaign_id: int | None, device_id: str | None, before: int, limit: int
) -> list[Operation]:
    """The newest first, of one campaign or one device or all."""
    sql = f"""{OPERATIONS.select} WHERE (?1 IS NULL OR campaign_id = ?1)
        AND (?2 IS NULL OR device_id = ?2) AND id < ?3 ORDER BY id DESC LIMIT ?4"""
    found = db.rows(sql, campaign_id, device_id, before, limit)
    return [OPERATIONS.row(cells) for cells in found]


def alerts(db: Database, before: int, limit: int) -> list[tuple[int, AlertRow]]:
    """The newest first, also those that were matched to nothing, with their ids."""
    found = _newest(db, f"SELECT id, {ALERTS.columns} FROM alert ", before, limit)
    return [(cells[0], ALERTS.row(cells[1:])) for cells in found]


def _newest(db: Database, select: str, before: int, limit: int) -> list[Any]:
    return db.rows(f"{select}WHERE id < ?1 ORDER BY id DESC LIMIT ?2", before, limit)
