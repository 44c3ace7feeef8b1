"""Incidents in the database: what people must look at, and who did.

One row for each kind, device and operation: the same again counts up, and opens it again. So a
device that tells nonsense for ever costs one row.
"""

from collections.abc import Iterable

from msgspec import Struct

from fumo.server.edges.database import Bulk, Database
from fumo.server.edges.mapping import Table
from fumo.server.rows import Incident, IncidentKind

ADDED = Bulk(
    "incident",
    ("device_id", "kind", "operation_id", "text", "at_s", "last_at_s", "number", "seen_by"),
    ("text", "text", "bigint", "text", "double precision", "double precision", "bigint", "text"),
    "ON CONFLICT (device_id, kind, operation_id) DO UPDATE SET text = excluded.text,"
    " last_at_s = excluded.last_at_s, number = incident.number + excluded.number,"
    " seen_by = '', seen_at_s = NULL",
)


class IncidentTold(Struct, frozen=True):
    """An incident for people. `operation_id` 0: of none; `seen_by` empty: nobody looked yet."""

    id: int
    device_id: str
    kind: IncidentKind
    operation_id: int
    text: str
    at_s: float
    last_at_s: float
    number: int
    seen_by: str
    seen_at_s: float | None


TOLD = Table("incident", IncidentTold)


def add(db: Database, incidents: Iterable[Incident]) -> None:
    """In the transaction of what happened. None of them twice."""
    rows = [(i.device_id, i.kind.value, i.operation_id, i.text, i.at_s, i.at_s, i.number, "")
            for i in incidents]  # fmt: skip
    db.put(ADDED, rows)


def newest(db: Database, before: int, limit: int, *, all_: bool = False) -> list[IncidentTold]:
    """The newest first: those that nobody looked at yet, or all."""
    open_ = "" if all_ else "AND seen_at_s IS NULL"
    sql = f"{TOLD.select}WHERE id < ?1 {open_} ORDER BY id DESC LIMIT ?2"
    return [TOLD.row(cells) for cells in db.rows(sql, before, limit)]


def see(db: Database, incident_id: int, who: str, at_s: float) -> IncidentTold | None:
    """Somebody looked at it; who was first stays."""
    sql = """UPDATE incident SET seen_by = ?2, seen_at_s = ?3
        WHERE id = ?1 AND seen_at_s IS NULL"""
    db.run(sql, incident_id, who, at_s)
    found = db.rows(f"{TOLD.select}WHERE id = ?1", incident_id)
    return TOLD.row(found[0]) if found else None
