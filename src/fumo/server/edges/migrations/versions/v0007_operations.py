"""Operations that are cancelled, notified, and whose user is asked; what DM carries; incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNSEEN = sa.text("seen_at_s IS NULL")
OPEN = sa.text("state IN ('planned', 'sent', 'accepted', 'cancel_requested')")


def upgrade() -> None:
    """When an operation was taken, called back, notified, and its user asked: not known of old."""
    for name in ("taken_at_s", "cancel_at_s", "notified_at_s", "user_asked_at_s"):
        op.add_column("operation", sa.Column(name, sa.Float(53)))
    carries = sa.Column("carries", NUMBER, nullable=False, server_default="0")
    op.add_column("campaign", carries)
    op.create_index("alert_by_match", "alert", ["match", "id"])
    _incidents()
    op.execute("UPDATE operation SET taken_at_s = sent_at_s WHERE state = 'accepted'")
    op.drop_index("operation_due", "operation")
    op.create_index(
        "operation_due", "operation", ["due_at_s"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def _incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("device_id", "kind")),
        sa.Column("operation_id", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Float(53), nullable=False) for name in ("at_s", "last_at_s")),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("seen_by", sa.Text(), nullable=False),
        sa.Column("seen_at_s", sa.Float(53)),
        sa.UniqueConstraint("device_id", "kind", "operation_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "incident_open", "incident", ["id"], sqlite_where=UNSEEN, postgresql_where=UNSEEN
    )
