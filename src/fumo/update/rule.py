"""The rules that somebody sets for the gates: what each stage asks for, and for how long. Pure.

`fumo.update.gates` judges by them. A device that was told nothing asks for nothing.
"""

from enum import StrEnum

from msgspec import Struct

from fumo.update.conditions import Network
from fumo.update.tally import Stage, Tally
from fumo.update.windows import Window

DAY_S = 24 * 3600.0
SLICE_MAX_S = 60.0  # how often a wait is looked at and saved, at least
SLICE_MIN_S = 1.0


class Gate(StrEnum):
    """One condition, by its name in logs and status."""

    DEFERRED = "deferred"
    CONSENT = "consent"
    WINDOW = "window"
    POWER = "power"
    NETWORK = "network"
    SPACE = "space"
    IDLE = "idle"


class Rule(Struct, frozen=True):
    """What one stage asks for; a new one asks for nothing.

    `battery_min` (percent) is met on mains, too. `network`: METERED is any connection. `consent`:
    a person must have said yes. `deferrals_max` 0: nobody may put it off, each time by `defer_s`.
    """

    battery_min: int = 0
    mains: bool = False
    network: Network | None = None
    free_bytes_min: int = 0
    windows: tuple[Window, ...] = ()
    idle: bool = False
    consent: bool = False
    deferrals_max: int = 3
    defer_s: float = 3600.0
    deadline_s: float = 7 * DAY_S


NOT_BETWEEN = Rule(deferrals_max=0, deadline_s=DAY_S)


class Gates(Struct, frozen=True):
    """The rules of all stages. What is being written is no time to put things off."""

    download: Rule = Rule()
    install: Rule = Rule()
    write: Rule = NOT_BETWEEN
    reboot: Rule = Rule()

    def at(self, stage: Stage) -> Rule:
        """The rule of a stage."""
        rule: Rule = getattr(self, stage.value)
        return rule


def asks_nothing(rule: Rule) -> bool:
    """Is this rule kept by doing nothing at all?"""
    asked = (rule.battery_min, rule.mains, rule.network, rule.free_bytes_min, rule.windows)
    return not (any(asked) or rule.idle or rule.consent)


def slice_s(rule: Rule) -> float:
    """How often a wait is looked at and saved: each minute, or ten times before its deadline."""
    return max(SLICE_MIN_S, min(SLICE_MAX_S, rule.deadline_s / 10))


def may_defer(rule: Rule, tally: Tally) -> bool:
    """Is there a deferral left, and time for it?"""
    return tally.deferrals < rule.deferrals_max and tally.waited_s < rule.deadline_s


def defer_until_s(rule: Rule, tally: Tally, seconds: float | None) -> float:
    """How much longer a deferral waits: as asked, or as the rule says; never past the deadline."""
    asked_s = rule.defer_s if seconds is None else max(0.0, seconds)
    return min(asked_s, max(0.0, rule.deadline_s - tally.waited_s))


def asks_for_consent(rule: Rule, tally: Tally) -> bool:
    """Is it time to ask a person? Not while the question is put off."""
    return rule.consent and tally.word is None and tally.waited_s >= tally.deferred_to_s
