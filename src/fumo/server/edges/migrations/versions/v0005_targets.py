"""What devices are chosen by: attributes and tags; campaigns that choose."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing yet."""
