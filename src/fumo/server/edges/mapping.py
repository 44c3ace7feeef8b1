"""Rows to Structs and back: a column for each field, JSON where a field is no plain value."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Generic, TypeVar, get_args

import msgspec
from msgspec import Struct, structs

T = TypeVar("T", bound=Struct)

PLAIN = frozenset({str, int, float, bytes, type(None)})


class Table(Generic[T]):
    """One table, and the Struct that its rows are."""

    def __init__(self, name: str, type_: type[T], key: str = "id") -> None:
        self._type = type_
        fields = structs.fields(type_)
        self._names = [field.name for field in fields]
        self._readers = [_reader(field.type) for field in fields]
        marks = ", ".join("?" * len(fields))
        changes = ", ".join(f"{n} = excluded.{n}" for n in self._names if n != key)
        self.columns = ", ".join(f"{name}.{n}" for n in self._names)
        self.select = f"SELECT {self.columns} FROM {name} "
        self.insert = f"INSERT INTO {name} ({', '.join(self._names)}) VALUES ({marks})"
        self.upsert = f"{self.insert} ON CONFLICT DO UPDATE SET {changes}"

    def row(self, cells: Iterable[Any]) -> T:
        """A Struct out of a row of `select`. The tables are ours: what stands there is believed."""
        pairs = zip(self._readers, cells, strict=True)
        return self._type(*(reader(cell) for reader, cell in pairs))

    def cells(self, row: T) -> list[Any]:
        """What `insert` and `upsert` take."""
        return [_cell(getattr(row, name)) for name in self._names]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, StrEnum):
        return value.value
    return value if type(value) in PLAIN else msgspec.json.encode(value).decode()


def _reader(type_: Any) -> Callable[[Any], Any]:
    """How a cell becomes a value of this type."""
    types = set(get_args(type_)) if isinstance(type_, UnionType) else {type_}
    if types <= PLAIN:
        return _same
    if type_ is bool:
        return bool
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        return cache(type_)
    return msgspec.json.Decoder(type_).decode


def _same(cell: Any) -> Any:
    return cell
