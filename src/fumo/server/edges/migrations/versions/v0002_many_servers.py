"""Several servers on one database: they share their keys, and each has a depot with a log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A request to a depot is named by the depot, and by its place in that depot's log."""
    op.create_table(
        "secret",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "download",
        sa.Column("depot", sa.Text(), primary_key=True),
        sa.Column("at_byte", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("operation_id", NUMBER),
        sa.Column("at_s", sa.Float(53), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", NUMBER, nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("sent", NUMBER, nullable=False),
    )
    op.execute(
        """INSERT INTO download SELECT '', "offset", operation_id, at_s, method, status, "range",
            bytes FROM "fetch" """
    )
    op.drop_table("fetch")
    op.create_index("download_by_operation", "download", ["operation_id"])
