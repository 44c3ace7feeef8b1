"""The tables of what the depot's log tells of operations. For migrations."""

from sqlalchemy import Column, Index, Table, Text

from fumo.server.edges.columns import META, NUMBER, REAL, may, needs

DOWNLOAD = Table(
    "download",
    META,
    Column("depot", Text, primary_key=True),
    Column("at_byte", NUMBER, primary_key=True, autoincrement=False),
    may("operation_id", NUMBER),
    needs("at_s", REAL),
    needs("method", Text),
    needs("status", NUMBER),
    needs("asked", Text),
    needs("sent", NUMBER),
    needs("via", Text),
    Index("download_by_operation", "operation_id"),
)
TRANSFER = Table(
    "transfer",
    META,
    Column("depot", Text, primary_key=True),
    Column("at_byte", NUMBER, primary_key=True, autoincrement=False),
    needs("operation_id", NUMBER),
    needs("at_s", REAL),
    needs("code", NUMBER),
    Index("transfer_by_operation", "operation_id"),
)
