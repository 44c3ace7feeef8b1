"""Certificates that devices are bound to."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BOUND = sa.text("bound_key IS NOT NULL")


def upgrade() -> None:
    """Devices of before are bound to none; no two are bound to one key."""
    for name in ("bound_key", "bound_name"):
        op.add_column("device", sa.Column(name, sa.Text()))
    alone = sa.Column("certificate_alone", NUMBER, nullable=False, server_default="0")
    op.add_column("device", alone)
    op.create_index(
        "device_by_key", "device", ["bound_key"], unique=True,
        sqlite_where=BOUND, postgresql_where=BOUND,
    )  # fmt: skip
