"""Carries out what is owed, one small piece a call; never waits.

    save the permit · act · save what the act brought

Long effects run aside, so that sessions go on meanwhile. What an effect brings is stamped here
with the time and the jitter, since effects know neither.
"""

import contextlib
from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from fumo.device.memory import Memory
from fumo.device.ports import Aside, Clock, Dice, Downloader, Log, UpdateAgent
from fumo.update.duty import (
    CheckHealth,
    CleanUp,
    Conclude,
    Download,
    Duty,
    Flip,
    Inspect,
    MarkGood,
    Prepare,
    Reboot,
    Report,
    Wait,
    Write,
    duty,
)
from fumo.update.failures import FAILURES, Cause
from fumo.update.happening import (
    CleanedUp,
    Failed,
    GivenUp,
    Happening,
    HealthFailed,
    HealthOk,
    Inspected,
    MarkedGood,
)
from fumo.update.operation import Applying, Evidence, Intent, Sealed, Settled, Target
from fumo.update.target import open_operation
from fumo.update.wishes import cancel

CLEAN_UP_AGAIN_S = 60.0  # after the disk would not delete


class Did(Struct, frozen=True):
    """Something was done: ask again at once."""


class Busy(Struct, frozen=True):
    """An effect runs aside; it will wake the clock."""


class Nothing(Struct, frozen=True):
    """Nothing is owed."""


class RebootOwed(Struct, frozen=True):
    """The machine has to start again."""


Progress: TypeAlias = Did | Busy | Nothing | RebootOwed | Wait
Owed: TypeAlias = Duty | Busy | Wait | Happening | None


Gate: TypeAlias = Callable[[Duty, Target], Wait | Happening | None]
"""Asked before the permit of each duty: None lets it begin, a Wait asks again later, and a
happening takes its place."""


def open_gate(owed: Duty, target: Target) -> None:
    """Everything may begin at once."""


def in_turn(*gates: Gate) -> Gate:
    """One gate behind the other: a shut one is asked before those behind it."""

    def gate(owed: Duty, target: Target) -> Wait | Happening | None:
        for one in gates:
            if (told := one(owed, target)) is not None:
                return told
        return None

    return gate


class Work:
    """The effects of one FUMO object."""

    def __init__(
        self,
        uri: str,
        memory: Memory,
        downloader: Downloader,
        update_agent: UpdateAgent,
        aside: Aside,
        clock: Clock,
        dice: Dice,
        log: Log,
        gate: Gate = open_gate,
    ) -> None:
        """All effects go through these ports; `uri` is the object's address."""
        self.uri, self._gate = uri, gate
        self._memory, self._downloader, self._update_agent = memory, downloader, update_agent
        self._aside, self._clock, self._dice, self._log = aside, clock, dice, log
        self._clean_up_from_s = 0.0
        self._abandoned = False
        self._cancelled: int | None = None

    @property
    def busy(self) -> bool:
        """Does an effect run, or was what it brought not taken in yet?"""
        return self._aside.busy

    def cancels(self, op_id: int) -> None:
        """A person does not want this operation: it ends as soon as no effect runs."""
        self._cancelled = op_id

    @property
    def target(self) -> Target:
        """The object's own."""
        return self._memory.targets[self.uri]

    def owed(self) -> Owed:
        """What is to be done now, once its gate is open; to be given to `advance`."""
        if self._aside.busy:
            return Busy()
        if (given_up := self._given_up()) is not None:
            return given_up
        owed = duty(self.target, self._clock.now_s(), self._memory.boot_id)
        if owed is None or isinstance(owed, Wait):
            return owed
        return self._gate(owed, self.target) or owed

    def advance(self, owed: Owed, held_up: bool) -> Progress:
        """Take in what an effect brought, or begin what is owed.

        `held_up`: the machine is about to start again. What that would cut is not begun; what is
        on trial is judged all the same, or it would use up its trials unjudged.
        """
        match owed:
            case Busy():
                return self._collect()
            case Reboot():
                return RebootOwed()
            case Wait() if held_up and on_trial(self.target):
                return owed
            case Wait() | Download() | Write() | CleanUp() if held_up:
                return Nothing()
            case None:
                return self._rest()
            case Wait():
                return owed
            case CleanUp():
                return self._clean_up(owed)
            case _ if isinstance(owed, Duty):
                return self._begin(owed)
            case Failed() if (intent := intent_of(self.target)) is not None:
                self._aside.begin(lambda: self._undone(intent, owed))
                return Did()
            case _:
                return self._instead(owed)

    def _given_up(self) -> Happening | None:
        """What a person cancelled, if it is not too late by now."""
        op_id, self._cancelled = self._cancelled, None
        wish = cancel(self.target) if op_id is not None else None
        return wish if isinstance(wish, GivenUp) and wish.op_id == op_id else None

    def _rest(self) -> Progress:
        """Nothing is owed, so nobody goes on with a part file; it could fill the disk."""
        if not self._abandoned:
            self._abandoned = True
            with contextlib.suppress(OSError):
                self._downloader.abandon(self._was_cancelled())
        return Nothing()

    def _was_cancelled(self) -> bool:
        """Did a person end the newest operation?"""
        newest = self.target.operations[-1:]
        sealed = [one for one in newest if isinstance(one, Sealed | Settled)]
        return any(one.alert.result == FAILURES[Cause.CANCELLED][0] for one in sealed)

    def _collect(self) -> Progress:
        happening = self._aside.poll()
        if happening is None:
            return Busy()
        return self._instead(happening)

    def _instead(self, happening: Happening) -> Progress:
        self._memory.happens(self.uri, self._stamped(happening))
        return Did()

    def _begin(self, owed: Duty) -> Progress:
        """The permit is on disk before the effect starts."""
        self._abandoned = False
        if owed.permit is not None:
            self._memory.happens(self.uri, owed.permit)
        effect = self._effect(owed)
        if effect is not None:
            self._aside.begin(effect)
        return Did()

    def _effect(self, owed: Duty) -> Callable[[], Happening] | None:
        target, agent = self.target, self._update_agent
        match owed:
            case Download(order=order):
                return lambda: self._downloader.fetch(order, target)
            case Prepare(order=order):
                return lambda: agent.prepare(order, target)
            case Inspect(op_id=op_id, intent=intent):
                return lambda: self._seen(target, Inspected(op_id, agent.evidence(intent)), intent)
            case Write(intent=intent):
                return lambda: self._tried(intent, agent.apply)
            case Flip(intent=intent):
                return lambda: self._tried(intent, agent.flip)
            case CheckHealth():
                return lambda: self._health(owed)
            case MarkGood():
                return lambda: self._marked(owed)
            case Conclude() | Report() | Reboot() | CleanUp():
                return None

    def _seen(self, target: Target, seen: Inspected, intent: Intent) -> Happening:
        """What is armed when its boots are spent is never tried: its result is told now."""
        armed = seen.evidence is Evidence.FLIPPED
        return self._undone(intent, seen) if armed and self._memory.ends(target, seen) else seen

    def _tried(self, intent: Intent, deed: Callable[[Intent], Happening]) -> Happening:
        """What failed for good is undone before it is told: then nothing of it can still begin."""
        brought = deed(intent)
        final = isinstance(brought, Failed) and not brought.failure.temporary
        return self._undone(intent, brought) if final else brought

    def _undone(self, intent: Intent, brought: Happening) -> Happening:
        with contextlib.suppress(OSError):
            self._update_agent.abort(intent)
        return brought

    def _health(self, owed: CheckHealth) -> Happening:
        well = self._update_agent.healthy(owed.intent)
        return HealthOk(owed.op_id) if well else HealthFailed(owed.op_id)

    def _marked(self, owed: MarkGood) -> Happening:
        self._update_agent.mark_good(owed.intent)
        return MarkedGood(owed.op_id)

    def _clean_up(self, owed: CleanUp) -> Progress:
        """Short, and not aside: a new order may come and use what is held."""
        now_s = self._clock.now_s()
        if now_s < self._clean_up_from_s:
            return Wait(self._clean_up_from_s, "cleaning up failed")
        try:
            self._downloader.discard()
        except OSError as error:
            self._log("CleanUpFailed", operation=owed.op_id, error=str(error))
            self._clean_up_from_s = now_s + CLEAN_UP_AGAIN_S
            return Did()
        self._memory.happens(self.uri, CleanedUp(owed.op_id))
        return Did()

    def _stamped(self, happening: Happening) -> Happening:
        if not isinstance(happening, Failed):
            return happening
        return replace(happening, at_s=self._clock.now_s(), jitter=self._dice.fraction())


def intent_of(target: Target) -> Intent | None:
    """What is being applied."""
    operation = open_operation(target)
    return operation.intent if isinstance(operation, Applying) else None


def on_trial(target: Target) -> bool:
    """Does an image run that was not judged yet?"""
    match open_operation(target):
        case Applying(evidence=Evidence.TRIAL, healthy=None):
            return True
        case _:
            return False


def keeps_silent(target: Target) -> bool:
    """Was what is applied not looked at since the start, or is it on trial and given up?"""
    match open_operation(target):
        case Applying(evidence=None) | Applying(evidence=Evidence.TRIAL, healthy=False):
            return True
        case _:
            return False
