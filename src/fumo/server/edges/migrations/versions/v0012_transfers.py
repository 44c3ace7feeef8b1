"""Transfers: what devices told the depot of them, and how campaigns lead to packages."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Campaigns of before lead to the package itself, as fast as it goes."""
    for name in ("descriptor", "bytes_per_s"):
        column = sa.Column(name, NUMBER, nullable=False, server_default="0")
        op.add_column("campaign", column)
    via = sa.Column("via", sa.Text(), nullable=False, server_default="")
    op.add_column("download", via)  # the depot itself sent all of before
    op.create_table(
        "transfer",
        sa.Column("depot", sa.Text(), primary_key=True),
        sa.Column("at_byte", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("operation_id", NUMBER, nullable=False),
        sa.Column("at_s", sa.Float(53), nullable=False),
        sa.Column("code", NUMBER, nullable=False),
    )
    op.create_index("transfer_by_operation", "transfer", ["operation_id"])
