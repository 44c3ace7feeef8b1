"""Rows to Structs and back: a column for each field, JSON where a field is no plain value."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Generic, TypeVar, get_args

import msgspec
from msgspec import Struct, structs

from fumo.server.edges.database import Bulk, Cells

T = TypeVar("T", bound=Struct)

PLAIN = frozenset({str, int, float, bytes, type(None)})
TYPES = {str: "text", int: "bigint", float: "double precision", bytes: "bytea", bool: "bigint"}
"""The columns of PostgreSQL; SQLite's own types follow from the cells."""


class Table(Generic[T]):
    """One table, and the Struct that its rows are; without a `key` rows are only added."""

    def __init__(self, name: str, type_: type[T], key: str = "id") -> None:
        self._type = type_
        fields = structs.fields(type_)
        self._names = [field.name for field in fields]
        self._readers = [_reader(field.type) for field in fields]
        self.columns = ", ".join(f'{name}."{n}"' for n in self._names)
        self.select = f"SELECT {self.columns} FROM {name} "
        columns = tuple(f'"{n}"' for n in self._names)
        types = tuple(_column(field.type) for field in fields)
        self.added = Bulk(name, columns, types)
        changes = ", ".join(
            f"{c} = excluded.{c}" for n, c in zip(self._names, columns, strict=True) if n != key
        )
        self.changed = Bulk(name, columns, types, f'ON CONFLICT ("{key}") DO UPDATE SET {changes}')

    def row(self, cells: Iterable[Any]) -> T:
        """A Struct out of a row of `select`. The tables are ours: what stands there is believed."""
        pairs = zip(self._readers, cells, strict=True)
        return self._type(*(reader(cell) for reader, cell in pairs))

    def cells(self, row: T) -> list[Any]:
        """A row for `added` or `changed`."""
        return [_cell(getattr(row, name)) for name in self._names]

    def all_cells(self, rows: Iterable[T]) -> Sequence[Cells]:
        """Many of them."""
        return [self.cells(row) for row in rows]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, StrEnum):
        return value.value
    return value if type(value) in PLAIN else msgspec.json.encode(value).decode()


def _types(type_: Any) -> set[Any]:
    return set(get_args(type_)) if isinstance(type_, UnionType) else {type_}


def _column(type_: Any) -> str:
    found = [TYPES[one] for one in _types(type_) if one in TYPES]
    return found[0] if len(found) == 1 else "text"


def _reader(type_: Any) -> Callable[[Any], Any]:
    """How a cell becomes a value of this type."""
    if _types(type_) <= PLAIN:
        return _same
    if type_ is bool:
        return bool
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        return cache(type_)
    return msgspec.json.Decoder(type_).decode


def _same(cell: Any) -> Any:
    return cell
