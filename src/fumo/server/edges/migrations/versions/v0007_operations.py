"""Operations that an operator cancels, that were notified, and whose user is asked."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

OPEN = sa.text("state IN ('planned', 'sent', 'accepted', 'cancel_requested')")


def upgrade() -> None:
    """When an operation was taken, called back, notified, and its user asked: not known of old."""
    for name in ("taken_at_s", "cancel_at_s", "notified_at_s", "user_asked_at_s"):
        op.add_column("operation", sa.Column(name, sa.Float(53)))
    op.execute("UPDATE operation SET taken_at_s = sent_at_s WHERE state = 'accepted'")
    op.drop_index("operation_due", "operation")
    op.create_index(
        "operation_due", "operation", ["due_at_s"], sqlite_where=OPEN, postgresql_where=OPEN
    )
