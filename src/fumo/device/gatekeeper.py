"""Stands before each duty: lets it begin, has it wait with a reason, or ends it.

    gatekeeper(owed, target) -> None | Wait | Happening

Promises: what a person said, how often it was put off and how long it was waited are given to the
journal before anything relies on them; a wait is never longer than a slice without a new look; a
rule that asks for nothing costs nothing. Changes nothing by itself: `Work` saves what comes of it.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fumo.device.asking import Request
from fumo.device.ports import Circumstances, Clock, Consent, Log
from fumo.update.duty import Duty, Wait
from fumo.update.gates import End, Go, Shut, Stay, ruling, told, words_for
from fumo.update.happening import Failed, GivenUp, Happening, Tallied
from fumo.update.operation import Failure, Target
from fumo.update.rule import Gates, Rule, asks_for_consent, asks_nothing, slice_s
from fumo.update.tally import Stage, Tally, Word, carried, refused, tally_at, waited
from fumo.update.wishes import stage_before


class Waiting(Struct, frozen=True):
    """What an operation waits for just now: for status."""

    op_id: int
    stage: Stage
    shut: tuple[Shut, ...]
    waited_s: float
    deadline_s: float

    @property
    def reason(self) -> str:
        """For people."""
        return "; ".join(one.reason for one in self.shut)


class Gatekeeper:
    """The gates of one FUMO object, in one life of the agent."""

    def __init__(
        self,
        uri: str,
        gates: Gates,
        circumstances: Circumstances,
        consent: Consent,
        clock: Clock,
        log: Log,
    ) -> None:
        """`uri` is the object's address."""
        self._uri, self._gates = uri, gates
        self._circumstances, self._consent = circumstances, consent
        self._clock, self._log = clock, log
        self._at: tuple[int, Stage] | None = None
        self._from_s = 0.0
        self.waiting: Waiting | None = None
        """None: no gate is in the way."""

    def __call__(self, owed: Duty, target: Target) -> Wait | Happening | None:
        """None: it may begin. A happening comes instead, and then it is asked again."""
        stage = stage_before(owed, target)
        if stage is None:
            return None
        rule, saved = self._gates.at(stage), tally_at(target.tallies, stage)
        if asks_nothing(rule) and not target.tallies:
            self._opens(owed.op_id, stage)
            return None
        tally = self._counted(owed.op_id, rule, saved)
        if refused(target.tallies):
            tally = replace(tally, word=Word.NO)
        tally = self._asked(owed.op_id, rule, tally)
        match ruling(stage, rule, self._circumstances.look(), tally):
            case End(why):
                return self._ends(owed.op_id, stage, why)
            case Stay(shut):
                return self._stays(owed.op_id, rule, saved, tally, shut)
            case Go(forced):
                return self._goes(owed.op_id, saved, tally, forced)

    def _counted(self, op_id: int, rule: Rule, saved: Tally) -> Tally:
        """With what was waited since it was saved."""
        now_s, known = self._clock.now_s(), self._at == (op_id, saved.stage)
        if known and saved.waiting:
            return waited(saved, now_s - self._from_s)
        self._at, self._from_s = (op_id, saved.stage), now_s
        return saved if known else carried(saved, slice_s(rule))

    def _asked(self, op_id: int, rule: Rule, tally: Tally) -> Tally:
        """With what a person says, who is asked on meanwhile."""
        if not asks_for_consent(rule, tally):
            return tally
        words = words_for(tally.stage, rule, tally)
        word = self._consent.answer(Request(op_id, tally.stage, self._uri, words))
        if word is not None:
            self._log("Answered", operation=op_id, stage=tally.stage, word=word)
        return told(tally.stage, rule, tally, word)

    def _stays(
        self, op_id: int, rule: Rule, saved: Tally, tally: Tally, shut: Sequence[Shut]
    ) -> Wait | Happening:
        before = self.waiting
        now = Waiting(op_id, tally.stage, tuple(shut), tally.waited_s, rule.deadline_s)
        self.waiting = now
        if before is None or _names(before.shut) != _names(shut):
            at = ",".join(_names(shut))
            self._log("GateShut", operation=op_id, stage=tally.stage, gate=at, reason=now.reason)
        if _is_worth_saving(saved, tally, rule):
            return self._saves(op_id, replace(tally, waiting=True))
        return Wait(self._from_s + slice_s(rule), f"{tally.stage}: {now.reason}", quiet=True)

    def _goes(
        self, op_id: int, saved: Tally, tally: Tally, forced: Sequence[Shut]
    ) -> Happening | None:
        """The journal knows that nothing waits any more before anything begins."""
        if forced and saved.waiting:
            at, waited_s = ",".join(_names(forced)), round(tally.waited_s)
            self._log("GateForced", operation=op_id, stage=tally.stage, gate=at, seconds=waited_s)
        after = replace(tally, waiting=False)
        if saved.waiting or _was_told(saved, tally):
            return self._saves(op_id, after)
        self._opens(op_id, tally.stage)
        return None

    def _opens(self, op_id: int, stage: Stage) -> None:
        if self.waiting is not None:
            self._log("GateOpen", operation=op_id, stage=stage)
            self.waiting = None

    def _ends(self, op_id: int, stage: Stage, why: Failure) -> Happening:
        """Before the intent the operation is given up; once it stands, only its attempt fails."""
        self.waiting = None
        self._log("GateEnds", operation=op_id, stage=stage, cause=why.cause)
        return Failed(op_id, why) if stage is Stage.WRITE else GivenUp(op_id, why)

    def _saves(self, op_id: int, tally: Tally) -> Tallied:
        self._from_s = self._clock.now_s()
        return Tallied(op_id, tally)


def _names(shut: Sequence[Shut]) -> list[str]:
    return [one.gate.value for one in shut]


def _is_worth_saving(saved: Tally, tally: Tally, rule: Rule) -> bool:
    long = tally.waited_s - saved.waited_s >= slice_s(rule)
    return long or not saved.waiting or _was_told(saved, tally)


def _was_told(saved: Tally, tally: Tally) -> bool:
    """Has a person said anything since?"""
    return (saved.word, saved.deferrals) != (tally.word, tally.deferrals)
