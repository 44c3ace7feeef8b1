"""Users and their tokens, the audit log, answers that are given again, limits and quotas."""

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
    _who()
    _how_often()


def _who() -> None:
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
        *(_needs(name) for name in ("label", "sha256", "role")),
        _needs("session", NUMBER),
        _needs("created_at_s", sa.Float(53)),
        sa.Column("ends_at_s", sa.Float(53)),
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


def _how_often() -> None:
    op.create_table(
        "guess",
        sa.Column("name", sa.Text(), primary_key=True),
        _needs("failures", NUMBER),
        *(_needs(name, sa.Float(53)) for name in ("until_s", "at_s")),
    )
    op.create_index("guess_at", "guess", ["at_s"])
    op.create_table(
        "allowance",
        sa.Column("name", sa.Text(), primary_key=True),
        *(_needs(name, NUMBER) for name in ("minute", "used")),
    )
    op.create_index("allowance_minute", "allowance", ["minute"])
    for name, number in (("quota", "most"), ("counter", "number")):
        op.create_table(
            name, sa.Column("name", sa.Text(), primary_key=True), _needs(number, NUMBER)
        )
    op.execute("INSERT INTO counter (name, number) SELECT 'device', count(*) FROM device")
