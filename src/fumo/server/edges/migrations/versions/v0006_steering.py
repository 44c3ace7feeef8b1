"""Schedules, approvals, retry policies and modes of campaigns."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nothing yet."""
