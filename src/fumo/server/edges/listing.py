"""Listings for the API, a page at a time, by key. Readers only."""

from typing import Any

from fumo.server.edges import filtering
from fumo.server.edges.database import Database
from fumo.server.edges.filtering import Chosen, chosen
from fumo.server.edges.store import ALERTS, CAMPAIGNS, DEVICES, OPERATIONS, PACKAGES
from fumo.server.rows import AlertRow, Device, Operation, Package


def devices(db: Database, after: str, limit: int, q: str | None = None) -> list[Device]:
    """By id, all or what a filter chooses. BadFilter: it cannot be read."""
    which = chosen(filtering.DEVICES, q)
    n = len(which.cells)
    sql = f"""SELECT {DEVICES.columns} FROM {which.source} WHERE {which.where}
        AND {which.key} > ?{n + 1} ORDER BY {which.key} LIMIT ?{n + 2}"""
    return [DEVICES.row(cells) for cells in db.rows(sql, *which.cells, after, limit)]


def packages(db: Database, before: int, limit: int) -> list[Package]:
    """The newest first."""
    return [PACKAGES.row(cells) for cells in _newest(db, PACKAGES.select, before, limit)]


def campaign_ids(db: Database, before: int, limit: int, q: str | None = None) -> list[int]:
    """The newest first, all or what a filter chooses."""
    found = _chosen(db, CAMPAIGNS.columns, chosen(filtering.CAMPAIGNS, q), before, limit)
    return [CAMPAIGNS.row(cells).id for cells in found]


def operations(
    db: Database,
    q: str | None,
    campaign_id: int | None,
    device_id: str | None,
    before: int,
    limit: int,
) -> list[Operation]:
    """The newest first, of what a filter chooses: of one campaign or one device or all."""
    which = chosen(filtering.OPERATIONS, q)
    for name, value in (("campaign_id", campaign_id), ("device_id", device_id)):
        if value is not None:
            cells = (*which.cells, value)
            where = f"{which.where} AND {name} = ?{len(cells)}"
            which = Chosen(which.source, where, which.key, cells)
    found = _chosen(db, OPERATIONS.columns, which, before, limit)
    return [OPERATIONS.row(cells) for cells in found]


def alerts(db: Database, before: int, limit: int) -> list[tuple[int, AlertRow]]:
    """The newest first, also those that were matched to nothing, with their ids."""
    found = _newest(db, f"SELECT id, {ALERTS.columns} FROM alert ", before, limit)
    return [(cells[0], ALERTS.row(cells[1:])) for cells in found]


def _chosen(db: Database, columns: str, which: Chosen, before: int, limit: int) -> list[Any]:
    n = len(which.cells)
    sql = f"""SELECT {columns} FROM {which.source} WHERE {which.where}
        AND {which.key} < ?{n + 1} ORDER BY {which.key} DESC LIMIT ?{n + 2}"""
    return db.rows(sql, *which.cells, before, limit)


def _newest(db: Database, select: str, before: int, limit: int) -> list[Any]:
    return db.rows(f"{select}WHERE id < ?1 ORDER BY id DESC LIMIT ?2", before, limit)
