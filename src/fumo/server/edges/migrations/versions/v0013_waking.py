"""Waking: what sleeping devices are owed, what was tried, and which campaigns wake."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DUE = sa.text("next_at_s IS NOT NULL")


def _needs(name: str, type_: object = sa.Text) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=False)  # type: ignore[arg-type]


def _may(name: str, type_: object) -> sa.Column[object]:
    return sa.Column(name, type_)  # type: ignore[arg-type]


def upgrade() -> None:
    """Campaigns of before wake nobody."""
    for name in ("wake", "wake_rate"):
        column = sa.Column(name, NUMBER, nullable=False, server_default="0")
        op.add_column("campaign", column)
    _waking()
    _contacts()
    op.create_table(
        "pace",
        sa.Column("campaign_id", NUMBER, primary_key=True, autoincrement=False),
        _needs("used_at_s", sa.Float(53)),
    )


def _waking() -> None:
    op.create_table(
        "waking",
        sa.Column("device_id", sa.Text(), sa.ForeignKey("device.id"), primary_key=True),
        _needs("campaign_id", NUMBER),
        _may("operation_id", NUMBER),
        *(_needs(name) for name in ("kind", "place", "ui")),
        *(_needs(name, NUMBER) for name in ("session_id", "attempts")),
        _needs("state"),
        _needs("since_s", sa.Float(53)),
        *(_may(name, sa.Float(53)) for name in ("next_at_s", "asked_at_s", "came_at_s")),
        _needs("why"),
        sqlite_with_rowid=False,
    )
    due = ["campaign_id", "kind", "next_at_s"]
    op.create_index("waking_due", "waking", due, sqlite_where=DUE, postgresql_where=DUE)


def _contacts() -> None:
    op.create_table(
        "contact",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        _needs("device_id"),
        _needs("at_s", sa.Float(53)),
        _needs("kind"),
        *(_needs(name, NUMBER) for name in ("session_id", "attempt")),
        *(_needs(name) for name in ("way", "text")),
        *(_may(name, NUMBER) for name in ("campaign_id", "operation_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("contact_by_device", "contact", ["device_id", "id"])
