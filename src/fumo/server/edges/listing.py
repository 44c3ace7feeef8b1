"""Listings for the API, a page at a time, by key. Readers only."""

from typing import Any

from fumo.server.edges import filtering
from fumo.server.edges.access.store import AuditRow
from fumo.server.edges.database import Database
from fumo.server.edges.filtering import Chosen, chosen
from fumo.server.edges.store import ALERTS, CAMPAIGNS, DEVICES, OPERATIONS, PACKAGES
from fumo.server.paging import Page
from fumo.server.rows import AlertRow, Device, Logged, Match, Operation, Package


def devices(db: Database, page: Page, q: str | None = None) -> list[Device]:
    """All or what a filter chooses. BadFilter: it cannot be read."""
    found = _found(db, DEVICES.columns, chosen(filtering.DEVICES, q), page)
    return [DEVICES.row(cells) for cells in found]


def packages(db: Database, page: Page) -> list[Package]:
    """All of them."""
    found = _found(db, PACKAGES.columns, _all("package"), page)
    return [PACKAGES.row(cells) for cells in found]


def campaign_ids(db: Database, page: Page, q: str | None = None) -> list[int]:
    """All or what a filter chooses."""
    found = _found(db, CAMPAIGNS.columns, chosen(filtering.CAMPAIGNS, q), page)
    return [CAMPAIGNS.row(cells).id for cells in found]


def operations(
    db: Database, page: Page, q: str | None, campaign_id: int | None, device_id: str | None
) -> list[Operation]:
    """What a filter chooses, of one campaign or one device or all."""
    which = chosen(filtering.OPERATIONS, q)
    for name, value in (("campaign_id", campaign_id), ("device_id", device_id)):
        if value is not None:
            which = _and(which, f"{name} =", value)
    return [OPERATIONS.row(cells) for cells in _found(db, OPERATIONS.columns, which, page)]


def messages(db: Database, device_id: str, before: int, limit: int) -> list[tuple[int, Logged]]:
    """What was said with one device, the newest first, with its numbers."""
    sql = """SELECT id, inbound, session_id, msg_id, at_s, media_type, body FROM message
        WHERE device_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"""
    return [
        (number, Logged(inbound == 1, session, msg, at_s, type_, body))
        for number, inbound, session, msg, at_s, type_, body in db.rows(
            sql, device_id, before, limit
        )
    ]


def alerts(db: Database, match: Match | None, page: Page) -> list[tuple[int, AlertRow]]:
    """With their ids: all, also those that were matched to nothing, or those that are one thing."""
    which = _all("alert")
    if match is not None:
        which = _and(which, 'alert."match" =', match.value)
    found = _found(db, f"id, {ALERTS.columns}", which, page)
    return [(cells[0], ALERTS.row(cells[1:])) for cells in found]


def audit(db: Database, page: Page) -> list[AuditRow]:
    """Who changed what."""
    columns = "id, at_s, who, place, action, target"
    return [AuditRow(*cells) for cells in _found(db, columns, _all("audit"), page)]


def _all(table: str) -> Chosen:
    return Chosen(table, "true", "id", ())


def _and(which: Chosen, demand: str, value: Any) -> Chosen:
    cells = (*which.cells, value)
    return Chosen(which.source, f"{which.where} AND {demand} ?{len(cells)}", which.key, cells)


def _found(db: Database, columns: str, which: Chosen, page: Page) -> list[Any]:
    """The rows of the page, and one more if there is one."""
    if page.key is not None:
        which = _and(which, f"{which.key} {page.way.sign}", page.key)
    sql = f"""SELECT {columns} FROM {which.source} WHERE {which.where}
        ORDER BY {which.key} {page.way.order} LIMIT ?{len(which.cells) + 1}"""
    return db.rows(sql, *which.cells, page.limit + 1)
