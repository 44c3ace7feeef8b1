"""Deltas, and whose turn it is to make one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REAL = sa.Float(53)
WAITING = sa.text("state = 'waiting'")
KEPT = sa.text("sha256 IS NOT NULL")


def upgrade() -> None:
    """New tables only."""
    op.create_table(
        "delta",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        *(
            sa.Column(name, NUMBER, sa.ForeignKey("package.id"), nullable=False)
            for name in ("package_id", "base_id")
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("format", "state")),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("due_at_s", REAL, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("length", NUMBER),
        sa.Column("sha256", sa.Text()),
        sa.Column("base_length", NUMBER),
        sa.Column("base_sha256", sa.Text()),
        sa.Column("seconds", REAL),
        sa.Column("memory_bytes", NUMBER),
        sa.Column("made_at_s", REAL),
        sa.UniqueConstraint("package_id", "base_id", "format"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "delta_due", "delta", ["due_at_s"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index("delta_content", "delta", ["sha256"], sqlite_where=KEPT, postgresql_where=KEPT)
    op.create_table(
        "turn",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("until_s", REAL, nullable=False),
    )
