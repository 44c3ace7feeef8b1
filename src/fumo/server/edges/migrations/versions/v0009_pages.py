"""Visits: browsers that were let in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """A new table only."""
    op.create_table(
        "visit",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("account", sa.Text()),
        *(sa.Column(name, sa.Float(53), nullable=False) for name in ("at_s", "until_s")),
    )
    op.create_index("visit_until", "visit", ["until_s"])
