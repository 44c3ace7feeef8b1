"""What devices are chosen by: attributes and tags; campaigns that choose, and go on choosing."""

import json

import sqlalchemy as sa
from alembic import op

from fumo.server.attributes import told_rows

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
UNSETTLED = sa.text("unsettled = 1")
BATCH = 10_000


def upgrade() -> None:
    """What devices told so far is there to choose by."""
    op.create_table(
        "attribute",
        sa.Column("device_id", sa.Text(), sa.ForeignKey("device.id"), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("rank", BYTES, primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("attribute_by_rank", "attribute", ["name", "rank", "device_id"])
    op.create_table(
        "unplaced",
        sa.Column("device_id", sa.Text(), sa.ForeignKey("device.id"), primary_key=True),
        sqlite_with_rowid=False,
    )
    for name, type_, default in (
        ("filter", sa.Text(), ""),
        ("dynamic", NUMBER, "0"),
        ("unsettled", NUMBER, "0"),
    ):
        column = sa.Column(name, type_, nullable=False, server_default=default)
        op.add_column("campaign", column)
    op.create_index(
        "campaign_unsettled", "campaign", ["id"],
        sqlite_where=UNSETTLED, postgresql_where=UNSETTLED,
    )  # fmt: skip
    op.create_index("operation_by_state", "operation", ["campaign_id", "state", "id"])
    _take_over()


def _take_over() -> None:
    link = op.get_bind()
    page = sa.text("SELECT id, info FROM device WHERE id > :after ORDER BY id LIMIT :many")
    put = sa.text(
        """INSERT INTO attribute (device_id, name, rank, value)
            VALUES (:device_id, :name, :rank, :value)"""
    )
    after = ""
    while devices := link.execute(page, {"after": after, "many": BATCH}).all():
        after = devices[-1][0]
        told = [row for who, info in devices for row in told_rows(who, json.loads(info))]
        if told:
            link.execute(put, [_cells(row) for row in told])


def _cells(row: object) -> dict[str, str]:
    return {name: getattr(row, name) for name in ("device_id", "name", "rank", "value")}
