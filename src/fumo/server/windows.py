"""Maintenance windows: when devices of a campaign may be ordered something. Pure.

A window is said in words, `mon-fri 01:00-05:00`, `sat,sun 00:00-24:00` or `daily 22:30-04:30`; one
that ends before it begins ends on the next day. They stand in the local time of one zone: `UTC`,
an offset such as `+02:00`, or a name such as `Europe/Berlin`, whose summer time is kept.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from fumo.server.denied import Denied

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
WINDOWS_MAX = 32
KNOWN_MAX = 1000
HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


def check(words: Sequence[str], zone: str) -> None:
    """Denied where they say nothing that can be kept."""
    if len(words) > WINDOWS_MAX:
        raise Denied(f"a campaign has {WINDOWS_MAX} windows at most")
    for each in words:
        spans(each)
    if zone_of(zone) is None:
        raise Denied(
            f"no time zone {zone!r}: say UTC, an offset such as +02:00, or a name such as"
            " Europe/Berlin, if this machine knows its time zones"
        )


def is_open(words: Sequence[str], zone: str, at_s: float) -> bool:
    """May something be ordered at this moment? Without windows always; in no zone never."""
    return opens_in_s(words, zone, at_s) == 0


def opens_in_s(words: Sequence[str], zone: str, at_s: float) -> float | None:
    """How long until one is open, 0 if one is; None: its zone is not known here."""
    if not words:
        return 0.0
    where = zone_of(zone)
    if where is None:
        return None
    now = datetime.fromtimestamp(at_s, where)
    minute = now.weekday() * DAY_MIN + now.hour * 60 + now.minute
    return min(_until(minute, span, now.second) for each in words for span in spans(each))


def closed_s_max(words: Sequence[str]) -> float:
    """The longest time in a week in which none is open."""
    spans_ = sorted(span for each in words for span in spans(each))
    if not spans_:
        return 0.0
    end, longest = spans_[0][1], 0
    for first, last in (*spans_[1:], (spans_[0][0] + WEEK_MIN, spans_[0][1] + WEEK_MIN)):
        longest, end = max(longest, first - end), max(end, last)
    return longest * 60.0


def _until(minute: int, span: tuple[int, int], second: int) -> float:
    """Seconds until a span of minutes of the week: 0 within it."""
    first, last = span
    if (minute - first) % WEEK_MIN < last - first:
        return 0.0
    return ((first - minute) % WEEK_MIN) * 60.0 - second


@lru_cache(KNOWN_MAX)
def spans(words: str) -> tuple[tuple[int, int], ...]:
    """The minutes of the week, from Monday's first one, that a window has: first, and after."""
    days, _, hours = words.strip().lower().partition(" ")
    found = HOURS.fullmatch(hours.strip())
    if found is None:
        raise Denied(f"{words!r} is no window: say for example 'mon-fri 01:00-05:00'")
    first, last = (int(h) * 60 + int(m) for h, m in (found.groups()[:2], found.groups()[2:]))
    minutes = (int(found.group(2)), int(found.group(4)))
    if max(minutes) > 59 or first >= DAY_MIN or last > DAY_MIN or first == last:
        raise Denied(f"{words!r}: a day has the hours 00:00 to 24:00, and a window has a length")
    length = (last - first) % DAY_MIN or DAY_MIN
    return tuple((day * DAY_MIN + first, day * DAY_MIN + first + length) for day in _days(days))


def _days(words: str) -> list[int]:
    if words == "daily":
        return list(range(7))
    return sorted({day for part in words.split(",") for day in _range(part)})


def _range(part: str) -> list[int]:
    first, _, last = part.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise Denied(f"no days {part!r}: there are {', '.join(DAYS)}, mon-fri, and daily")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return [day % 7 for day in range(begin, end + 1 + (7 if end < begin else 0))]


@lru_cache(KNOWN_MAX)
def zone_of(words: str) -> tzinfo | None:
    """The zone; None: nobody here knows it."""
    if words == "UTC":
        return UTC
    if found := OFFSET.fullmatch(words):
        minutes = int(found.group(2)) * 60 + int(found.group(3))
        sign = -1 if found.group(1) == "-" else 1
        return timezone(timedelta(minutes=sign * minutes)) if minutes < DAY_MIN else None
    try:
        return ZoneInfo(words)
    except (KeyError, OSError, ValueError):  # no such zone, no file, or no name at all
        return None
