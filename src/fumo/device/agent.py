"""The device's one loop: work and DM sessions by turns, until the machine reboots or stops.

    woke (saved first) → [ one piece of work · one message of a session ] → sleep till there is more

Sessions are held at the start, every `poll_s`, when a notification or a person asks for one, and at
once when a result is sealed; while it is not delivered they come again with growing, random pauses,
for ever (`schedule` has the moments). A normal run and the recovery after a power cut are this same
loop: what is owed is read from the journal alone.
"""

from collections.abc import Callable
from enum import StrEnum

from fumo.device.checks import By, Check, Checks
from fumo.device.control import SessionStanding
from fumo.device.conversation import Conversation
from fumo.device.memory import Memory
from fumo.device.notices import Notice, Notices
from fumo.device.operating import Operating
from fumo.device.ports import Clock, Dice, Log
from fumo.device.schedule import Schedule
from fumo.device.setup import Rhythm
from fumo.device.wishing import Wishes
from fumo.device.work import Busy, Did, Nothing, Progress, RebootOwed
from fumo.device.works import Works
from fumo.update.duty import Wait

LOOKS_S = 60.0  # an effect that ends wakes us sooner
ONCE_TRIES_MAX = 6  # sessions without success that a run of `once` holds before it gives up


class Ending(StrEnum):
    """Why the loop ended."""

    REBOOT = "reboot"
    STOPPED = "stopped"
    DONE = "done"
    UNDELIVERED = "undelivered"


class Agent:
    """One life of the agent, from a start of the machine to the next."""

    def __init__(
        self,
        memory: Memory,
        works: Works,
        converse: Callable[[Notice | None], Conversation],
        notices: Notices,
        clock: Clock,
        dice: Dice,
        rhythm: Rhythm,
        log: Log,
        wishes: Wishes,
        checks: Checks,
        operating: Operating,
    ) -> None:
        """`converse` opens a new session, on its own or as a notice asks."""
        self.wishes = wishes
        """What a person may ask of the operations, in this loop's thread."""
        self._memory, self._works, self._converse = memory, works, converse
        self._notices, self._operating = notices, operating
        self._clock, self._rhythm, self._log = clock, rhythm, log
        self._checks = checks
        self._schedule = Schedule(rhythm, clock, dice)
        self._conversation: Conversation | None = None
        self._told: set[int] = set()
        self._met_once = False
        self._held, self._last_reason = 0, ""
        self._told_rest_s: float | None = None

    def run(self, once: bool, stopping: Callable[[], bool] = lambda: False) -> Ending:
        """Live. `once`: at least one session, then until nothing is owed any more."""
        self._memory.wakes(self._clock.now_s())
        if not once:
            self._schedule.spreads()
        while not stopping():
            self._notices.hear()
            if self._operating.hear():
                self.check(Check(By.USER))
            progress = self._works.advance()
            self._converse_if_due()
            self._operating.tell(self._standing())
            if self._conversation is not None:
                continue
            if isinstance(progress, RebootOwed):
                return Ending.REBOOT
            if once and (ending := self._finished(progress)) is not None:
                return ending
            self._rest(progress)
        return Ending.STOPPED

    def check(self, check: Check) -> None:
        """Somebody asks for an update: a session now, or as soon as one may be (FUMO 7)."""
        self._checks.asks(check)

    def checked(self, check: Check) -> int | None:
        """What the server answered to it; None: nothing yet."""
        return self._checks.told.get(check)

    def _converse_if_due(self) -> None:
        """One message, if a session goes on or is due. Never two at once (F20)."""
        if self._conversation is None:
            if self._works.keep_silent() or not self._schedule.is_due(urgent=True):
                return
            notice = self._notices.take()
            if notice is None and not self._session_is_due():
                return
            self._prepare_words(polls=notice is None)
            self._conversation = self._converse(notice)
        self._conversation.turn()
        if self._conversation.over:
            self._held, self._last_reason = self._held + 1, self._conversation.reason
            self._after_session(self._conversation)
            self._conversation = None

    def _prepare_words(self, polls: bool) -> None:
        if self._urgent():
            self._schedule.refreshed()
        elif polls and self._rhythm.requests and self._memory.at_rest():
            self._checks.asks(Check(By.DEVICE))

    def _standing(self) -> SessionStanding:
        now = self._conversation is not None
        next_s = self._schedule.due_s(self._urgent())
        answer = self.checked(Check(By.USER))
        return SessionStanding(now, next_s, self._held, self._last_reason, answer)

    def _session_is_due(self) -> bool:
        return self._schedule.is_due(self._urgent())

    def _urgent(self) -> bool:
        return bool(self._news()) or self._checks.new

    def _news(self) -> set[int]:
        """Operations sealed since anybody was told: these do not wait."""
        return {one.op_id for one in self._memory.reports()} - self._told

    def _after_session(self, held: Conversation) -> None:
        """When the next one is due: later and later while a result is not taken."""
        owed = {one.op_id for one in self._memory.reports()}
        self._told = owed & (held.told | self._told) if held.met else owed
        self._met_once = self._met_once or held.met
        self._checks.tried()
        self._schedule.held(in_vain=bool(owed or self._checks.pending) or not held.met)

    def _finished(self, progress: Progress) -> Ending | None:
        """Is a run of `once` at its end?"""
        working = not isinstance(progress, Nothing)
        if working or self._urgent() or self._notices.due_s() is not None:
            return None
        owed = bool(self._memory.reports() or self._checks.pending)
        if self._met_once and not owed:
            return Ending.DONE
        if self._schedule.in_vain < ONCE_TRIES_MAX:
            return None
        self._log("GivesUp", sessions=self._schedule.in_vain, reason=self._last_reason)
        return Ending.UNDELIVERED

    def _rest(self, progress: Progress) -> None:
        """Sleep until the next thing is due; an effect that ends wakes us."""
        if isinstance(progress, Busy) and self._works.keep_silent():
            return self._clock.sleep(LOOKS_S)
        if isinstance(progress, Did) or self._session_is_due():
            return
        until_s = self._schedule.due_s(self._urgent())
        if isinstance(progress, Wait):
            until_s = min(until_s, progress.until_s)
        self._tell_rest(progress, until_s)
        if (asked_s := self._notices.due_s()) is not None:
            until_s = min(until_s, max(asked_s, self._schedule.due_s(urgent=True)))
        self._clock.sleep(max(0.0, until_s - self._clock.now_s()))

    def _tell_rest(self, progress: Progress, until_s: float) -> None:
        """Once for one moment, however often it is woken: pushes must not fill a log."""
        quiet = isinstance(progress, Busy) or (isinstance(progress, Wait) and progress.quiet)
        if quiet or until_s == self._told_rest_s:
            return
        self._told_rest_s = until_s
        seconds = round(until_s - self._clock.now_s(), 1)
        if isinstance(progress, Wait):
            self._log("Waits", seconds=seconds, reason=progress.reason)
        else:
            self._log("Idle", seconds=seconds)
