"""Maintenance windows: at which minutes of the local week something may be done. Pure.

    Window = parse("Mon-Fri 22:00-04:00"); a window is named by the day it begins on.

Time comes in as the minute of the local week (Monday 00:00 is 0), so nothing here knows of zones,
summer time or leap seconds: whoever looks at the clock again in a minute is told the right thing.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHAPE = re.compile(r"(?:(?P<days>[A-Za-z,-]+) +)?(?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d)")


class Window(Struct, frozen=True):
    """From a minute of the day to another one, on these days (0 is Monday).

    A window that ends no later than it begins goes on over midnight.
    """

    begin_min: int
    end_min: int
    days: frozenset[int] = frozenset(range(7))

    @property
    def length_min(self) -> int:
        """24 hours where both ends are the same."""
        return (self.end_min - self.begin_min) % DAY_MIN or DAY_MIN


def parse(text: str) -> Window:
    """`[days] HH:MM-HH:MM`; days are `Mon-Fri`, `Sat,Sun`, or all. ValueError says why not."""
    found = SHAPE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"a window is like 'Mon-Fri 02:00-05:00', not {text!r}")
    begin_min, end_min = _minute(found["from"]), _minute(found["to"])
    return Window(begin_min, end_min % DAY_MIN, _days(found["days"] or "Mon-Sun"))


def opens_in_min(windows: Iterable[Window], week_min: int) -> int | None:
    """Minutes until one of them is open, 0: one is; None: there is none."""
    return min((_opens_in_min(window, week_min) for window in windows), default=None)


def _opens_in_min(window: Window, week_min: int) -> int:
    starts = (day * DAY_MIN + window.begin_min for day in window.days)
    since = {start: (week_min - start) % WEEK_MIN for start in starts}
    if any(past_min < window.length_min for past_min in since.values()):
        return 0
    return min(WEEK_MIN - past_min for past_min in since.values())


def _minute(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    if minutes > 59 or hours * 60 + minutes > DAY_MIN:
        raise ValueError(f"{text} is no time of day")
    return hours * 60 + minutes


def _days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = _day(first), _day(last or first)
        days.update((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return frozenset(days)


def _day(name: str) -> int:
    if name.capitalize() not in DAYS:
        raise ValueError(f"{name!r} is no day; there are {', '.join(DAYS)}")
    return DAYS.index(name.capitalize())
