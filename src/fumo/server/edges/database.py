"""A database as the server's stores see it: SQL is said once, in words that both kinds know.

Parameters are numbered, `?1`; a list is asked for by `IN ?*1`. Names that PostgreSQL reserves stand
in quotes. What the two can only say differently is a method here, or a `Said` of two wordings.

Each `Database` is one connection. A call outside of `transaction` is one of its own.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from fumo.errors import FumoError

Cells: TypeAlias = Sequence[Any]
Row: TypeAlias = tuple[Any, ...]


class StoreError(FumoError):
    """The database did not do it, or nobody can tell: the reply must not leave."""


class Forbidden(StoreError):
    """A rule of the database is against it: our own bug, or somebody at its prompt."""


class Said(Struct, frozen=True):
    """One question in both dialects; a `lengthy` one may take as long as it takes."""

    sqlite: str
    postgresql: str
    lengthy: bool = False


def lengthy(sql: str) -> Said:
    """What is asked about a whole fleet, by an operator who waits."""
    return Said(sql, sql, lengthy=True)


class Bulk(Struct, frozen=True):
    """Many rows into a table: `types` are those of PostgreSQL, `conflict` is what follows them."""

    table: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    conflict: str = ""


class Database(Protocol):
    """One connection, for one caller at a time."""

    def transaction(self, writes: bool = True) -> AbstractContextManager[None]:
        """All of what is done within, durably, or nothing; without `writes` one moment's rows.

        Within another it is a part of that one.
        """

    def rows(self, sql: str | Said, *cells: Any) -> list[Row]:
        """What it answers."""

    def run(self, sql: str | Said, *cells: Any) -> int:
        """Do it; how many rows were changed."""

    def put(self, bulk: Bulk, rows: Sequence[Cells]) -> None:
        """Insert or update many rows at once."""

    def numbers(self, table: str, count: int) -> range | list[int]:
        """Ids for new rows, ascending; given once only, also to other connections."""

    def close(self) -> None:
        """Let it go."""
