"""Events, the order in which they are followed, webhooks, and how far old rows were looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("number IS NULL")


def _key() -> sa.Column[int]:
    return sa.Column("id", NUMBER, primary_key=True, autoincrement=True)


def _needs(name: str, type_: object = sa.Text) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=False)  # type: ignore[arg-type]


def _may(name: str, type_: object = sa.Text) -> sa.Column[object]:
    return sa.Column(name, type_)  # type: ignore[arg-type]


def upgrade() -> None:
    """New tables only."""
    op.create_table(
        "event",
        _key(),
        _may("number", NUMBER),
        _needs("at_s", sa.Float(53)),
        _needs("kind"),
        _may("device_id"),
        *(_may(name, NUMBER) for name in ("campaign_id", "operation_id", "code")),
        _needs("text"),
        sa.UniqueConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "event_waiting", "event", ["id"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_table(
        "feed",
        sa.Column("name", sa.Text(), primary_key=True),
        _needs("last", NUMBER),
    )
    op.create_table(
        "webhook",
        _key(),
        *(_needs(name) for name in ("url", "secret", "kinds", "state")),
        _needs("number", NUMBER),
        _needs("created_at_s", sa.Float(53)),
        _needs("tries", NUMBER),
        *(_needs(name, sa.Float(53)) for name in ("due_at_s", "lease_until_s")),
        _needs("reason"),
        _may("told_at_s", sa.Float(53)),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kept",
        sa.Column("name", sa.Text(), primary_key=True),
        _needs("reached", NUMBER),
    )
