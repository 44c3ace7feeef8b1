"""The tables as they were when migrations began."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REAL = sa.Float(precision=53)


def upgrade() -> None:
    """Make them."""
    _devices()
    _sessions()
    _campaigns()
    _operations()
    _results()
    _alerts()
    _messages()


def _devices() -> None:
    """Who there is."""
    op.create_table(
        "device",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("server_secret", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("nonces", sa.Text(), nullable=False),
        sa.Column("info", sa.Text(), nullable=False),
        sa.Column("objects", sa.Text(), nullable=False),
        sa.Column("seen_at_s", REAL, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "notified",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("session_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["device.id"],
        ),
        sa.PrimaryKeyConstraint("device_id"),
    )


def _sessions() -> None:
    """What was said last."""
    op.create_table(
        "session",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("at_s", REAL, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("work", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["device.id"],
        ),
        sa.PrimaryKeyConstraint("device_id"),
    )
    op.create_table(
        "reply",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("msg_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("bound", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("device_id", "session_id", "msg_id"),
    )


def _campaigns() -> None:
    """What is ordered."""
    op.create_table(
        "package",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("length", NUMBER, nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("from_version", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", "version"),
    )
    op.create_table(
        "campaign",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("package_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at_s", REAL, nullable=False),
        sa.Column("deadline_s", REAL, nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["package.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tally",
        sa.Column("campaign_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "state"),
        sqlite_with_rowid=False,
    )


def _operations() -> None:
    """What becomes of it."""
    op.create_table(
        "operation",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", NUMBER, nullable=False),
        sa.Column("package_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("correlator", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("created_at_s", REAL, nullable=False),
        sa.Column("due_at_s", REAL, nullable=False),
        sa.Column("retry_of", NUMBER, nullable=True),
        sa.Column("object_uri", sa.Text(), nullable=True),
        sa.Column("sent_at_s", REAL, nullable=True),
        sa.Column("state_before", NUMBER, nullable=True),
        sa.Column("state_seen", NUMBER, nullable=True),
        sa.Column("state_seen_at_s", REAL, nullable=True),
        sa.Column("sendings", NUMBER, nullable=False),
        sa.Column("asked", NUMBER, nullable=False),
        sa.Column("deadline_s", REAL, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("result", NUMBER, nullable=True),
        sa.Column("closed_at_s", REAL, nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["device.id"],
        ),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["package.id"],
        ),
        sa.ForeignKeyConstraint(
            ["retry_of"],
            ["operation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("correlator"),
        sqlite_autoincrement=True,
    )


def _results() -> None:
    """How it is found, and how it ended."""
    op.create_index("operation_by_campaign", "operation", ["campaign_id", "id"], unique=False)
    op.create_index("operation_by_device", "operation", ["device_id", "id"], unique=False)
    op.create_index(
        "operation_due",
        "operation",
        ["due_at_s"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'sent', 'accepted')"),
        postgresql_where=sa.text("state IN ('planned', 'sent', 'accepted')"),
    )
    op.create_table(
        "result",
        sa.Column("operation_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("code", NUMBER, nullable=False),
        sa.Column("at_s", REAL, nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
        ),
        sa.PrimaryKeyConstraint("operation_id"),
    )


def _alerts() -> None:
    """What devices told of it."""
    op.create_table(
        "alert",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("at_s", REAL, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("msg_id", NUMBER, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("correlator", sa.Text(), nullable=True),
        sa.Column("operation_id", NUMBER, nullable=True),
        sa.Column("match", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "alert_by_operation",
        "alert",
        ["operation_id"],
        unique=False,
        sqlite_where=sa.text("operation_id IS NOT NULL"),
        postgresql_where=sa.text("operation_id IS NOT NULL"),
    )
    op.create_table(
        "note",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("operation_id", NUMBER, nullable=False),
        sa.Column("at_s", REAL, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("incident", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("note_by_operation", "note", ["operation_id"], unique=False)


def _messages() -> None:
    """What travelled."""
    op.create_table(
        "message",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("inbound", NUMBER, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("msg_id", NUMBER, nullable=False),
        sa.Column("at_s", REAL, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("message_by_device", "message", ["device_id", "id"], unique=False)
    op.create_table(
        "about",
        sa.Column("operation_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("message_id", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("operation_id", "message_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fetch",
        sa.Column("offset", NUMBER, autoincrement=False, nullable=False),
        sa.Column("operation_id", NUMBER, nullable=True),
        sa.Column("at_s", REAL, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", NUMBER, nullable=False),
        sa.Column("range", sa.Text(), nullable=False),
        sa.Column("bytes", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("offset"),
    )
    op.create_index("fetch_by_operation", "fetch", ["operation_id"], unique=False)
