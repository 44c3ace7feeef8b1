"""What a GET for a package is answered with: RFC 9110 §13 and §14 as one function. Pure.

The ETag is the SHA-256 of the content, so it is strong and never wrong. A Range whose If-Range
names another ETag, a weak one or a date gets the whole package: a device must never splice two.
Who was led to a store has seen that store's tag for the same content: it is as good (`also`).
"""

import re

from msgspec import Struct

RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})[ \t]*-[ \t]*(\d{0,18})[ \t]*", re.IGNORECASE)


class Ask(Struct, frozen=True):
    """The conditions of a request: its header fields as they came, None when absent.

    `dated`: there are conditions of dates too, which this server passes over.
    """

    range: str | None = None
    if_range: str | None = None
    if_none_match: str | None = None
    if_match: str | None = None
    dated: bool = False


class Plan(Struct, frozen=True):
    """The status, and which bytes go out: `count` of them from `start`."""

    status: int
    start: int = 0
    count: int = 0


def etag(sha256: str) -> str:
    """The strong entity tag of a package."""
    return f'"{sha256}"'


def plan(ask: Ask, sha256: str, length: int, also: str = "") -> Plan:
    """The answer to `ask` for a package; preconditions in the order of RFC 9110 §13.2.2."""
    ours = {etag(sha256), also} - {""}
    if ask.if_match is not None and not _lists(ask.if_match, ours, weak=False):
        return Plan(412)
    if ask.if_none_match is not None and _lists(ask.if_none_match, ours, weak=True):
        return Plan(304)
    whole = Plan(200, 0, length)
    if ask.range is None or (ask.if_range is not None and ask.if_range.strip() not in ours):
        return whole
    wanted = RANGE.fullmatch(ask.range.strip())
    if wanted is None:  # another unit, several ranges, or nonsense: a server may ignore it (14.2)
        return whole
    return _part(wanted.group(1), wanted.group(2), length) or whole


def content_range(chosen: Plan, length: int) -> str | None:
    """The Content-Range of an answer, for 206 and 416."""
    if chosen.status == 416:
        return f"bytes */{length}"
    if chosen.status != 206:
        return None
    return f"bytes {chosen.start}-{chosen.start + chosen.count - 1}/{length}"


def _part(first: str, last: str, length: int) -> Plan | None:
    """206 or 416; None for a range that means nothing (RFC 9110 14.1.2)."""
    if not first and not last:
        return None
    if not first:
        count = min(int(last), length)
        return Plan(206, length - count, count) if count else Plan(416)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= length:
        return Plan(416)
    end = min(int(last), length - 1) if last else length - 1
    return Plan(206, start, end - start + 1)


def _lists(field: str, ours: set[str], weak: bool) -> bool:
    """Does a list of entity tags name ours? Weak comparison ignores the W/ in front."""
    tags = {tag.strip() for tag in field.split(",")}
    if weak:
        tags |= {tag.removeprefix("W/") for tag in tags}
    return "*" in tags or bool(tags & ours)
