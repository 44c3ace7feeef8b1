"""Schedules, windows, approvals, retry policies and second steps of campaigns; counters by more."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REAL = sa.Float(53)
FOLLOWED = sa.text("follow_at_s IS NOT NULL")
LIVE = sa.text("state NOT IN ('denied', 'finished', 'stopped')")


def upgrade() -> None:
    """Campaigns of before need no approval, have no schedule and retry nothing by themselves."""
    for name, default in (
        ("made_by", ""), ("approved_by", ""), ("windows", "[]"), ("zone", "UTC"), ("retries", "{}"),
    ):  # fmt: skip
        _add("campaign", name, sa.Text(), default)
    for name in ("approval", "download_anytime", "then_update", "consent"):
        _add("campaign", name, NUMBER, "0")
    for name in ("starts_at_s", "ends_at_s"):
        op.add_column("campaign", sa.Column(name, REAL))
    _add("operation", "attempt", NUMBER, "1")
    op.add_column("operation", sa.Column("follow_at_s", REAL))
    op.add_column("operation", sa.Column("next_id", NUMBER))
    op.execute(
        """UPDATE operation SET next_id = (SELECT max(id) FROM operation AS new
            WHERE new.retry_of = operation.id)
            WHERE id IN (SELECT retry_of FROM operation WHERE retry_of IS NOT NULL)"""
    )
    _index("operation_follow", "operation", ["campaign_id", "follow_at_s"], FOLLOWED)
    _index("campaign_live", "campaign", ["id"], LIVE)
    _count_by_more()


def _add(table: str, name: str, type_: Any, default: str) -> None:
    op.add_column(table, sa.Column(name, type_, nullable=False, server_default=default))


def _index(name: str, table: str, columns: list[str], where: Any) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _count_by_more() -> None:
    op.drop_table("tally")
    op.create_table(
        "tally",
        sa.Column("campaign_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("group_number", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), primary_key=True),
        sa.Column("result", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("followed", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("number", NUMBER, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        """INSERT INTO tally (campaign_id, group_number, kind, state, result, followed, number)
            SELECT campaign_id, group_number, kind, state, COALESCE(result, 0),
                CASE WHEN next_id IS NULL THEN 0 ELSE 1 END, count(*)
            FROM operation GROUP BY 1, 2, 3, 4, 5, 6"""
    )
