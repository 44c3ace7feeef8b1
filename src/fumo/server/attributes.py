"""What devices are chosen by: attributes they tell, attributes and tags operators set. Pure.

A told one is named `info.` and its leaf of DevInfo, so that no device can put itself among those
that an operator marked. `rank` makes texts comparable as people mean versions: 2.9 before 2.10.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from fumo.server.rollout import Denied
from fumo.server.waking import ATTRIBUTE as WAKE
from fumo.server.waking import way_of

TOLD = "info."
TAG = "tag"
ALIASES = {
    "man": "info.Man",
    "mod": "info.Mod",
    "model": "info.Mod",
    "lang": "info.Lang",
    "dmv": "info.DmV",
    "fwv": "info.FwV",
}
"""Short names of what devices tell."""
COLUMNS = frozenset({"id", "profile", "seen"})
OWN_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
RESERVED = frozenset({TAG, "and", "or", "not", "in", *ALIASES, *COLUMNS})
VALUE_LENGTH_MAX = 256
SET_MAX = 64
"""Attributes and tags in one order."""

DIGITS = re.compile(r"\d+", re.ASCII)
DIGITS_MAX = 99


class Row(Struct, frozen=True):
    """One attribute or tag of a device, as it is stored."""

    device_id: str
    name: str
    value: str
    rank: str


class Marks(Struct, frozen=True):
    """What an operator sets, and takes away: None takes an attribute away."""

    set: Mapping[str, str | None] = {}
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


def rank(text: str) -> str:
    """A text that sorts as people mean it: each number by its size, then by the zeros before it."""
    zeros = "".join(f" {len(d) - len(d.lstrip('0'))}" for d in DIGITS.findall(text) if d[0] == "0")
    return DIGITS.sub(_sized, text) + zeros


def _sized(found: re.Match[str]) -> str:
    digits = found.group().lstrip("0")
    return f"{min(len(digits), DIGITS_MAX):02}{digits}"


def told_rows(device_id: str, info: Mapping[str, str]) -> list[Row]:
    """What a device told, as rows."""
    return [row(device_id, TOLD + leaf, value[:VALUE_LENGTH_MAX]) for leaf, value in info.items()]


def row(device_id: str, name: str, value: str) -> Row:
    """One row."""
    value = value.replace("\0", "")
    return Row(device_id, name.replace("\0", ""), value, rank(value))


def stored_name(field: str) -> str:
    """The name by which rows know a field."""
    return ALIASES.get(field, field)


def checked(marks: Marks) -> Marks:
    """Denied: names or values that none can have."""
    if len(marks.set) + len(marks.add) + len(marks.remove) > SET_MAX:
        raise Denied(f"no more than {SET_MAX} attributes and tags in one order")
    if not (marks.set or marks.add or marks.remove):
        raise Denied("say what to set, add or remove")
    for name in marks.set:
        if not OWN_NAME.fullmatch(name) or name in RESERVED:
            raise Denied(
                f"{name[:80]!r} cannot be set: a name has a to z, 0 to 9, - and _, begins with a"
                f" letter, and is none of {', '.join(sorted(RESERVED))}"
            )
    if wake := marks.set.get(WAKE):
        way_of(wake)
    for value in (*marks.set.values(), *marks.add, *marks.remove):
        if value is not None and not (0 < len(value) <= VALUE_LENGTH_MAX and value.isprintable()):
            raise Denied(f"values and tags have 1 to {VALUE_LENGTH_MAX} printable characters")
    return marks
