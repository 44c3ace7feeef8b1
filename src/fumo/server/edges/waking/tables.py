"""The tables of waking: what devices are owed, what was tried, and how fast. For migrations."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text

from fumo.server.edges.columns import ALONE, COUNTED, META, NUMBER, REAL, may, needs

DUE = text("next_at_s IS NOT NULL")

WAKING = Table(
    "waking",
    META,
    Column("device_id", Text, ForeignKey("device.id"), primary_key=True),
    needs("campaign_id", NUMBER),
    may("operation_id", NUMBER),
    *(needs(name, Text) for name in ("kind", "place", "ui")),
    *(needs(name, NUMBER) for name in ("session_id", "attempts")),
    needs("state", Text),
    needs("since_s", REAL),
    *(may(name, REAL) for name in ("next_at_s", "asked_at_s", "came_at_s")),
    needs("why", Text),
    Index("waking_due", "campaign_id", "kind", "next_at_s",
          sqlite_where=DUE, postgresql_where=DUE),
    **ALONE,
)  # fmt: skip
CONTACT = Table(
    "contact",
    META,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    needs("device_id", Text),
    needs("at_s", REAL),
    needs("kind", Text),
    *(needs(name, NUMBER) for name in ("session_id", "attempt")),
    *(needs(name, Text) for name in ("way", "text")),
    *(may(name, NUMBER) for name in ("campaign_id", "operation_id")),
    Index("contact_by_device", "device_id", "id"),
    **COUNTED,
)
PACE = Table(
    "pace",
    META,
    Column("campaign_id", NUMBER, primary_key=True, autoincrement=False),
    needs("used_at_s", REAL),
)
