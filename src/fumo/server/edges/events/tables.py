"""The tables of the feed, of webhooks, and of how far old rows were looked at. For migrations."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint, text

from fumo.server.edges.columns import COUNTED, META, NUMBER, REAL, key, may, needs

WAITING = text("number IS NULL")

EVENT = Table(
    "event",
    META,
    key(),
    may("number", NUMBER),
    needs("at_s", REAL),
    needs("kind", Text),
    may("device_id", Text),
    *(may(name, NUMBER) for name in ("campaign_id", "operation_id", "code")),
    needs("text", Text),
    UniqueConstraint("number"),
    Index("event_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    **COUNTED,
)
FEED = Table(
    "feed",
    META,
    Column("name", Text, primary_key=True),
    needs("last", NUMBER),
)
WEBHOOK = Table(
    "webhook",
    META,
    key(),
    *(needs(name, Text) for name in ("url", "secret", "kinds", "state")),
    needs("number", NUMBER),
    needs("created_at_s", REAL),
    needs("tries", NUMBER),
    *(needs(name, REAL) for name in ("due_at_s", "lease_until_s")),
    needs("reason", Text),
    may("told_at_s", REAL),
    **COUNTED,
)
KEPT = Table(
    "kept",
    META,
    Column("name", Text, primary_key=True),
    needs("reached", NUMBER),
)
