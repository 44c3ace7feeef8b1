"""Addresses of nodes, as a LocURI writes them (DM TND §7.2). Pure.

`parse` is total: an `Address` in its one normal form (`.`, `./A/B`), or the Status that says what
is wrong with the text. An address never leaves the root: `..`, `//`, NUL and an encoded "/" are
refused, and percent signs are decoded once.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from fumo.codes import Status

ROOT = "."
_ENCODED = re.compile(rb"%([0-9A-Fa-f]{2})")
_SPECIAL = re.compile("[%? ]")
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Limits(Struct, frozen=True):
    """DevDetail/URI: segments, bytes of the whole, bytes of one segment; 0 is unlimited."""

    depth_max: int = 16
    length_max: int = 512
    segment_max: int = 64


class Address(Struct, frozen=True):
    """A node, and perhaps a property of it (`?prop=`) or a list of what is below (`?list=`)."""

    uri: str
    prop: str | None = None
    listing: str | None = None


def parse(text: str, limits: Limits) -> Address | Status:
    """The address that `text` writes, or 400 or 414."""
    path, asks, question = text.strip().partition("?")
    raw = _segments(path)
    decoded = [_decoded(segment) for segment in raw]
    names = [name for name in decoded if name is not None]
    if not path or len(names) < len(decoded) or not all(map(is_name, names)):
        return Status.BAD_REQUEST
    if _exceeds(len(path.encode()), names, limits):
        return Status.URI_TOO_LONG
    uri = "/".join([ROOT, *names])
    return _asking(uri, question) if asks else Address(uri)


def _segments(path: str) -> list[str]:
    """The names of a path; "./" may lead it and "/" may trail it, both say nothing."""
    path = path.removeprefix("./") if path != "./" else ROOT
    return [] if path == ROOT else path.removesuffix("/").split("/")


def _decoded(segment: str) -> str | None:
    """Percent-decoded once; None for what is no UTF-8 or a stray percent sign."""
    raw = segment.encode("utf-8", "surrogatepass")
    if _STRAY_PERCENT.search(raw):
        return None
    try:
        return _ENCODED.sub(lambda found: bytes.fromhex(found[1].decode()), raw).decode()
    except UnicodeDecodeError:
        return None


def is_name(name: str) -> bool:
    """May a node be called so?"""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def too_long(uri: str, limits: Limits) -> bool:
    """Is the address beyond the device's limits (414)?"""
    return _exceeds(len(uri.encode()), uri.split("/")[1:], limits)


def _exceeds(length: int, names: list[str], limits: Limits) -> bool:
    longest = max((len(name.encode()) for name in names), default=0)
    measured = (
        (len(names), limits.depth_max),
        (length, limits.length_max),
        (longest, limits.segment_max),
    )
    return any(limit and size > limit for size, limit in measured)


def _asking(uri: str, question: str) -> Address | Status:
    """`?prop=X` and `?list=X` are all that may follow a path (DM TND §7.3, §8.4)."""
    key, _, value = question.partition("=")
    if key == "prop" and value:
        return Address(uri, prop=value)
    if key == "list" and value:
        return Address(uri, listing=value)
    return Status.BAD_REQUEST


def spelled(uri: str) -> str:
    """The address as a LocURI says it: `parse` makes the same address of it again."""
    plain = uri.isprintable() and not _SPECIAL.search(uri)
    return uri if plain else "".join(map(_spelled, uri))


def _spelled(letter: str) -> str:
    if letter.isprintable() and not _SPECIAL.match(letter):
        return letter
    return "".join(f"%{octet:02X}" for octet in letter.encode("utf-8", "surrogatepass"))


def name_of(uri: str) -> str:
    """The last segment; "" for the root, which has no name."""
    return "" if uri == ROOT else uri.rpartition("/")[2]


def parent_of(uri: str) -> str:
    """The node above; the root's is the root."""
    return uri.rpartition("/")[0] or ROOT


def is_below(uri: str, above: str) -> bool:
    """Is `uri` somewhere beneath `above`?"""
    return uri.startswith(f"{above}/")


def below(uris: Iterable[str], uri: str) -> list[str]:
    """The address itself and all beneath it, of those that there are."""
    return [other for other in uris if other == uri or is_below(other, uri)]
