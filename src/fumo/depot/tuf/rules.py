"""What our repositories are by rule: roles, how long they last, and how a list is parted. Pure."""

from enum import StrEnum

ROOT, TARGETS, SNAPSHOT, TIMESTAMP = "root", "targets", "snapshot", "timestamp"
ROLES = (ROOT, TARGETS, SNAPSHOT, TIMESTAMP)
DAYS = {ROOT: 365, TARGETS: 90, SNAPSHOT: 7, TIMESTAMP: 1}
"""How long a signature of each role lasts, unless it is said otherwise."""
NEAR_DAYS = {ROOT: 60, TARGETS: 21, SNAPSHOT: 2, TIMESTAMP: 0.25}
"""With less left than this somebody should sign."""
ONE_LIST_MAX = 1000
"""A list of more packages is parted into bins, so that what a device fetches stays small."""
BIN_MAX = 250
BIN = "bin"
DAY_S = 86400.0


class Standing(StrEnum):
    """How a role stands at a moment."""

    GOOD = "good"
    NEAR = "near"
    EXPIRED = "expired"


def standing(role: str, left_s: float) -> Standing:
    """By the seconds that are left to it; a bin is like the list that it is a part of."""
    if left_s <= 0:
        return Standing.EXPIRED
    return Standing.NEAR if left_s < near_s(role) else Standing.GOOD


def near_s(role: str) -> float:
    """With less left than this somebody should sign."""
    return NEAR_DAYS.get(role, NEAR_DAYS[TARGETS]) * DAY_S


def bits(count: int) -> int:
    """2 to this many bins hold so many packages; 0: one list holds them all."""
    found = 0
    while count > ONE_LIST_MAX and count > BIN_MAX << found:
        found += 1
    return found
