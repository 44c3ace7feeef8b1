"""Pages of a listing: where one goes on is a key of its last row, not a number of rows. Pure.

So a page costs the same wherever it is, and rows that come meanwhile shift nothing. A cursor is
opaque to whoever holds it.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeVar

import msgspec
from msgspec import Struct

from fumo.server.rollout import Denied

LIMIT = 50
LIMIT_MAX = 500
NEWEST = 1 << 62
"""A number above every id: a listing of the newest begins below it."""


class Way(StrEnum):
    """Which way a listing goes, by the ids of its rows."""

    UP = "id"
    DOWN = "-id"

    @property
    def sign(self) -> str:
        """How a row's id stands to that of the row before."""
        return ">" if self is Way.UP else "<"

    @property
    def order(self) -> str:
        """In the words of SQL."""
        return "ASC" if self is Way.UP else "DESC"


class Page(Struct, frozen=True):
    """What is asked for: so many rows behind this key, or from the beginning."""

    limit: int
    way: Way
    key: int | str | None


Key = TypeVar("Key", int, str)
T = TypeVar("T")


def cursor(key: int | str) -> str:
    """What goes on after this key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def key_of(text: str | None, first: Key) -> Key:
    """The key that a cursor bears; `first` without one. Denied: it is none of ours."""
    if text is None:
        return first
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key = msgspec.json.decode(octets, type=type(first))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        key = None
    fits = (isinstance(key, str) and "\0" not in key) or (
        isinstance(key, int) and 0 <= key <= NEWEST
    )
    if key is None or not fits:
        raise Denied("this cursor is not one of ours: take 'next' of the page before, as it is")
    return key


def page_of(limit: int, text: str | None, way: Way, kind: Key) -> Page:
    """The page that a cursor leads to; its key is of the kind of `kind`."""
    return Page(limit, way, None if text is None else key_of(text, kind))


def cut(rows: Sequence[T], limit: int, key: Callable[[T], int | str]) -> tuple[list[T], str | None]:
    """A page of `limit` rows, and its cursor if one more row was found."""
    page = list(rows[:limit])
    return page, cursor(key(page[-1])) if len(rows) > limit else None
