"""What descriptions of tables are made of, for SQLite and PostgreSQL alike."""

from typing import Any

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, Text

META = MetaData()
NUMBER = BigInteger().with_variant(Integer(), "sqlite")
REAL = Float(53)
BYTES = Text().with_variant(Text(collation="C"), "postgresql")
"""A text that sorts by its octets, whatever the language of the database."""
ALONE: dict[str, Any] = {"sqlite_with_rowid": False}
COUNTED: dict[str, Any] = {"sqlite_autoincrement": True}


def key() -> Column[int]:
    """An id that is given once only."""
    return Column("id", NUMBER, primary_key=True, autoincrement=True)


def needs(name: str, type_: Any, *more: Any) -> Column[Any]:
    """A column that is never empty."""
    return Column(name, type_, *more, nullable=False)


def may(name: str, type_: Any, *more: Any) -> Column[Any]:
    """A column that may be empty."""
    return Column(name, type_, *more)
