"""Uploads that go on where they were cut, and contents that are looked after."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REAL = sa.Float(53)


def upgrade() -> None:
    """New tables only, and an index by which a content's packages are found."""
    op.create_table(
        "content",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("at_s", REAL, nullable=False),
        sa.Column("going", NUMBER, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("length", NUMBER, nullable=False),
        sa.Column("sha256", sa.Text()),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("reached", "numbers", "finished")),
        *(sa.Column(name, REAL, nullable=False) for name in ("created_at_s", "moved_at_s")),
    )
    op.create_index("upload_by_who", "upload", ["who", "sha256"])
    op.create_index("upload_by_content", "upload", ["sha256"])
    op.create_index("upload_by_age", "upload", ["moved_at_s"])
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.Text(), sa.ForeignKey("upload.id"), primary_key=True),
        sa.Column("start", NUMBER, primary_key=True, autoincrement=False),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("number", "length")),
        sqlite_with_rowid=False,
    )
    op.create_index("package_by_content", "package", ["sha256"])
