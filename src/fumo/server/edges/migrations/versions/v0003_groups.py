"""Campaigns with a state, groups, thresholds and a rate; counters by group."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HELD = sa.text("state = 'held'")


def upgrade() -> None:
    """Campaigns of before run, and are one group."""
    for name, default in (("state", "running"), ("sizes", "[]"), ("why", "")):
        _add("campaign", name, sa.Text(), default)
    for name in ("success_percent", "error_percent", "forgiven", "rate"):
        _add("campaign", name, NUMBER, "0")
    _add("campaign", "opened", NUMBER, "1")
    _add("campaign", "rated_at_s", sa.Float(53), "0")
    _add("operation", "group_number", NUMBER, "1")
    op.create_index(
        "operation_held",
        "operation",
        ["campaign_id", "group_number", "id"],
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    _count_by_group()


def _add(table: str, name: str, type_: Any, default: str) -> None:
    op.add_column(table, sa.Column(name, type_, nullable=False, server_default=default))


def _count_by_group() -> None:
    op.drop_table("tally")
    op.create_table(
        "tally",
        sa.Column("campaign_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("group_number", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text(), primary_key=True),
        sa.Column("number", NUMBER, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        """INSERT INTO tally (campaign_id, group_number, state, number)
            SELECT campaign_id, 1, state, count(*) FROM operation GROUP BY campaign_id, state"""
    )
