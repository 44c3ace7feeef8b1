"""The tables of deltas, and of whose turn it is to make one. For migrations."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint, text

from fumo.server.edges.columns import COUNTED, META, NUMBER, REAL, key, may, needs

WAITING = text("state = 'waiting'")
KEPT = text("sha256 IS NOT NULL")

DELTA = Table(
    "delta",
    META,
    key(),
    *(needs(name, NUMBER, ForeignKey("package.id")) for name in ("package_id", "base_id")),
    *(needs(name, Text) for name in ("format", "state")),
    needs("tries", NUMBER),
    needs("due_at_s", REAL),
    needs("reason", Text),
    may("length", NUMBER),
    may("sha256", Text),
    may("base_length", NUMBER),
    may("base_sha256", Text),
    may("seconds", REAL),
    may("memory_bytes", NUMBER),
    may("made_at_s", REAL),
    UniqueConstraint("package_id", "base_id", "format"),
    Index("delta_due", "due_at_s", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("delta_content", "sha256", sqlite_where=KEPT, postgresql_where=KEPT),
    **COUNTED,
)
TURN = Table(
    "turn",
    META,
    Column("name", Text, primary_key=True),
    needs("until_s", REAL),
)
