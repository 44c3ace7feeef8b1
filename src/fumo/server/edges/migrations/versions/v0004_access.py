"""Users and their tokens, the audit log, and answers that are given again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key() -> sa.Column[int]:
    return sa.Column("id", NUMBER, primary_key=True, autoincrement=True)


def _needs(name: str, type_: object = sa.Text) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """New tables only."""
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), primary_key=True),
        _needs("role"),
        sa.Column("password", sa.Text()),
        _needs("created_at_s", sa.Float(53)),
    )
    op.create_table(
        "token",
        _key(),
        sa.Column("account", sa.Text(), sa.ForeignKey("account.name"), nullable=False),
        *(_needs(name) for name in ("label", "sha256")),
        _needs("created_at_s", sa.Float(53)),
        sa.UniqueConstraint("sha256"),
        sqlite_autoincrement=True,
    )
    op.create_index("token_by_account", "token", ["account"])
    op.create_table(
        "audit",
        _key(),
        _needs("at_s", sa.Float(53)),
        *(_needs(name) for name in ("who", "place", "action", "target")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "answered",
        sa.Column("who", sa.Text(), primary_key=True),
        sa.Column("given", sa.Text(), primary_key=True),
        _needs("request_sha256"),
        _needs("body", sa.LargeBinary),
        _needs("at_s", sa.Float(53)),
    )
    op.create_index("answered_at", "answered", ["at_s"])
