"""A package as a repository lists it: length, digest, and signed words of its own. Pure.

The words ("custom" in TUF) are the package's `Manifest`, and beside its fields the deltas that
lead to it. They were signed by people, who err: what cannot be true of the file is refused.
Guarantee: `plan_of` is total: a Plan that agrees with itself, or DecodeError.
"""

import re
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from fumo.errors import DecodeError
from fumo.package import manifest as package
from fumo.package.manifest import MANIFEST_LENGTH_MAX, Manifest, is_digest
from fumo.package.plan import Delta, Format, Plan

DELTAS_MAX = 16
RELATIVE_URL = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=@-]+(?:/[A-Za-z0-9._~!$&'()*+,;=@-]+)*")


class Listing(Struct, frozen=True):
    """What stands in signed metadata about one file; `custom` is whatever JSON was there."""

    length: int
    sha256: str | None
    custom: object = None


class Route(Struct, frozen=True):
    """One delta as it is listed: its format may be one of a later version."""

    url: str
    format: str
    length: int
    sha256: str
    base_sha256: str
    base_length: int


class Routes(Struct, frozen=True):
    """The part of the signed words that is about deltas."""

    deltas: tuple[Route, ...] = ()


def plan_of(listing: Listing) -> tuple[Manifest, Plan]:
    """The package as it was signed."""
    sha256 = listing.sha256
    if sha256 is None or not is_digest(sha256):
        raise DecodeError("the package is listed without its SHA-256")
    if not isinstance(listing.custom, Mapping):
        raise DecodeError("the package is listed without its manifest")
    text = _text(listing.custom)
    says = package.decode(text)
    _insist_on_agreement(says, listing.length, sha256)
    return says, Plan(listing.length, sha256, package.encode(says), _deltas(text, listing.length))


def _text(custom: object) -> bytes:
    """The signed words as JSON again, since that is what a manifest is."""
    try:
        text = msgspec.json.encode(custom)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise DecodeError("the manifest cannot be read") from error
    if len(text) > MANIFEST_LENGTH_MAX:
        raise DecodeError(f"a manifest of {len(text)} bytes is not allowed")
    return text


def _insist_on_agreement(says: Manifest, length: int, sha256: str) -> None:
    """A file is its image behind a manifest, or the image alone."""
    if says.length > length:
        raise DecodeError(f"an image of {says.length} bytes in a file of {length}")
    if says.length == length and says.sha256 != sha256:
        raise DecodeError("the file is the image, and two digests are signed for it")


def _deltas(text: bytes, length: int) -> tuple[Delta, ...]:
    """Those that this version can follow, and that are worth it, in the order of the listing."""
    try:
        routes = msgspec.json.decode(text, type=Routes).deltas
    except msgspec.DecodeError as error:
        raise DecodeError(f"the deltas cannot be read: {error}", "deltas") from error
    if len(routes) > DELTAS_MAX:
        raise DecodeError(f"{len(routes)} deltas are too many", "deltas")
    for route in routes:
        _insist_on_a_way(route)
    return tuple(_delta(one) for one in routes if one.format in set(Format) and one.length < length)


def _insist_on_a_way(route: Route) -> None:
    """Relative, so that a delta lies beside its package; and never up or out of its folder."""
    segments = route.url.split("/")
    wrong = (
        (RELATIVE_URL.fullmatch(route.url) is None, "its URL is none, or not relative"),
        (any(not segment.strip(".") for segment in segments), "its URL leaves the folder"),
        (route.length <= 0 or route.base_length < 0, "a length is none"),
        (not is_digest(route.sha256) or not is_digest(route.base_sha256), "no SHA-256 in hex"),
    )
    for is_wrong, what in wrong:
        if is_wrong:
            raise DecodeError(f"a delta: {what}", "deltas")


def _delta(route: Route) -> Delta:
    return Delta(
        url=route.url,
        format=Format(route.format),
        length=route.length,
        sha256=route.sha256,
        base_sha256=route.base_sha256,
        base_length=route.base_length,
    )
