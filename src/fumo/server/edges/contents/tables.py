"""The tables of uploads, and of contents that were added or are about to go. For migrations."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from fumo.server.edges.columns import ALONE, META, NUMBER, REAL, may, needs

CONTENT = Table(
    "content",
    META,
    Column("sha256", Text, primary_key=True),
    needs("at_s", REAL),
    needs("going", NUMBER),
    **ALONE,
)
UPLOAD = Table(
    "upload",
    META,
    Column("id", Text, primary_key=True),
    needs("who", Text),
    needs("length", NUMBER),
    may("sha256", Text),
    *(needs(name, NUMBER) for name in ("reached", "numbers", "finished")),
    *(needs(name, REAL) for name in ("created_at_s", "moved_at_s")),
    Index("upload_by_who", "who", "sha256"),
    Index("upload_by_content", "sha256"),
    Index("upload_by_age", "moved_at_s"),
)
PIECE = Table(
    "upload_piece",
    META,
    Column("upload_id", Text, ForeignKey("upload.id"), primary_key=True),
    Column("start", NUMBER, primary_key=True, autoincrement=False),
    needs("number", NUMBER),
    needs("length", NUMBER),
    **ALONE,
)
