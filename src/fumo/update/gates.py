"""The gates: what must be so before an operation goes on, as a table. Pure.

    ruling(stage, rule, conditions, tally) -> Go | Stay | End

A stage has one `Rule`; each part of a rule is one gate, judged by one row of `TESTS`. A gate that
stays shut past the deadline of its stage ends what may still be ended, each in its own way
(`PAST_DEADLINE`). State needs no value of its own: an operation that waits stays where it is
(FUMO 5 knows no deferral).
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from fumo.update.conditions import Conditions, Network
from fumo.update.failures import Cause, failure
from fumo.update.operation import Failure
from fumo.update.rule import Gate, Rule, defer_until_s, may_defer
from fumo.update.tally import Stage, Tally, Word, deferred
from fumo.update.windows import opens_in_min


class Shut(Struct, frozen=True):
    """A gate that is shut, and why, for people."""

    gate: Gate
    reason: str


class Go(Struct, frozen=True):
    """Nothing is in the way; `forced`: what was, is not waited for any longer."""

    forced: tuple[Shut, ...] = ()


class Stay(Struct, frozen=True):
    """Wait at these gates."""

    at: tuple[Shut, ...]


class End(Struct, frozen=True):
    """The operation ends with this, or its attempt does once there is an intent."""

    failure: Failure


Ruling: TypeAlias = Go | Stay | End


class Past(Enum):
    """What the deadline of a stage does."""

    ENDS = "ends"
    OPENS = "opens"


PAST_DEADLINE: Mapping[Stage, Past] = {
    Stage.DOWNLOAD: Past.ENDS,
    Stage.INSTALL: Past.ENDS,
    Stage.WRITE: Past.ENDS,
    # Everything is in place by now: only the start is missing, and no order can take it back.
    Stage.REBOOT: Past.OPENS,
}

CAUSES: Mapping[tuple[Stage, Gate], Cause] = {
    (Stage.DOWNLOAD, Gate.SPACE): Cause.NO_SPACE_DOWNLOAD,
    (Stage.INSTALL, Gate.SPACE): Cause.NO_SPACE_UPDATE,
    (Stage.WRITE, Gate.SPACE): Cause.NO_SPACE_UPDATE,
}
"""Gates with a result code of their own (FUMO 6.2); all others end in 400."""


def ruling(stage: Stage, rule: Rule, conditions: Conditions, tally: Tally) -> Ruling:
    """May the work of this stage go on now?"""
    if tally.word is Word.NO and PAST_DEADLINE[stage] is Past.ENDS:
        return End(failure(Cause.CANCELLED))
    found = shut(rule, conditions, tally)
    if not found:
        return Go()
    if tally.waited_s < rule.deadline_s:
        return Stay(found)
    if PAST_DEADLINE[stage] is Past.OPENS:
        return Go(forced=found)
    return End(failure(CAUSES.get((stage, found[0].gate), Cause.GATE_SHUT)))


def shut(rule: Rule, conditions: Conditions, tally: Tally) -> tuple[Shut, ...]:
    """All gates that are shut, in the order of `TESTS`."""
    told = ((gate, test(rule, conditions, tally)) for gate, test in TESTS.items())
    return tuple(Shut(gate, reason) for gate, reason in told if reason)


def words_for(stage: Stage, rule: Rule, tally: Tally) -> tuple[Word, ...]:
    """What a person may answer here: later as often as the rule says, no while it can end."""
    may = {
        Word.YES: True,
        Word.LATER: may_defer(rule, tally),
        Word.NO: PAST_DEADLINE[stage] is Past.ENDS,
    }
    return tuple(word for word in Word if may[word])


def told(stage: Stage, rule: Rule, tally: Tally, word: Word | None) -> Tally:
    """The tally once a person has said this; what may not be said changes nothing."""
    if word is None or word not in words_for(stage, rule, tally):
        return tally
    if word is Word.LATER:
        return deferred(tally, defer_until_s(rule, tally, None))
    return replace(tally, word=word)


def _deferred(rule: Rule, conditions: Conditions, tally: Tally) -> str:
    left_s = tally.deferred_to_s - tally.waited_s
    return f"put off for {round(left_s)} s more" if left_s > 0 else ""


def _consent(rule: Rule, conditions: Conditions, tally: Tally) -> str:
    return "nobody has agreed yet" if rule.consent and tally.word is not Word.YES else ""


def _window(rule: Rule, conditions: Conditions, tally: Tally) -> str:
    if not rule.windows:
        return ""
    if conditions.week_min is None:
        return "nobody knows the time of day"
    wait_min = opens_in_min(rule.windows, conditions.week_min)
    return f"the window opens in {wait_min} minutes" if wait_min else ""


def _power(rule: Rule, conditions: Conditions, tally: Tally) -> str:
    if not (rule.mains or rule.battery_min) or conditions.mains:
        return ""
    if rule.mains:
        return "not on mains power"
    if conditions.battery is None:
        return "nobody knows how full the battery is"
    enough = conditions.battery >= rule.battery_min
    return "" if enough else f"battery at {conditions.battery} %, {rule.battery_min} % are needed"


def _network(rule: Rule, conditions: Conditions, tally: Tally) -> str:
    if rule.network is None or rule.network is Network.OFFLINE:
        return ""
    if conditions.network is None:
        return "nobody knows what the network costs"
    enough = COSTS.index(conditions.network) >= COSTS.index(rule.network)
    return "" if enough else f"the network is {conditions.network}, it must be {rule.network}"


COSTS = (Network.OFFLINE, Network.METERED, Network.UNMETERED)


def _space(rule: Rule, conditions: Conditions, tally: Tally) -> str:
    if not rule.free_bytes_min:
        return ""
    if conditions.free_bytes is None:
        return "nobody knows how much room there is"
    enough = conditions.free_bytes >= rule.free_bytes_min
    return "" if enough else f"{conditions.free_bytes} bytes are free, not {rule.free_bytes_min}"


def _idle(rule: Rule, conditions: Conditions, tally: Tally) -> str:
    if not rule.idle or conditions.in_use is False:
        return ""
    return "in use" if conditions.in_use else "nobody knows whether it is in use"


TESTS: Mapping[Gate, Callable[[Rule, Conditions, Tally], str]] = {
    Gate.DEFERRED: _deferred,
    Gate.CONSENT: _consent,
    Gate.WINDOW: _window,
    Gate.POWER: _power,
    Gate.NETWORK: _network,
    Gate.SPACE: _space,
    Gate.IDLE: _idle,
}
"""The policy table: a gate, and what says why it is shut ("" when it is open).

A person comes first: who is asked at noon may agree to what the window allows at night.
"""
