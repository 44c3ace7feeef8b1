"""Is the new image well? Asked while it runs on trial, before it may be committed (fault F26).

    the image is the intended one (`UpdateAgent.healthy`) · the maker's program agrees · within
    `timeout_s` of this start the device was answered by its server, which proved itself

An image that boots but cannot reach its server could never be updated again: it is not marked
good, so the boot environment falls back, and the failure is reported from the old image. Each
start on trial has the whole time; it is counted by the monotonic clock, so no calendar matters.
"""

from typing import Protocol

from msgspec import Struct

from fumo.device.ports import Clock, Log
from fumo.update.duty import CheckHealth, Duty, Wait
from fumo.update.happening import Happening, HealthFailed
from fumo.update.operation import Target


class HealthRule(Struct, frozen=True):
    """What is asked of a new image. `session`: to have met the server, within `timeout_s`."""

    session: bool = True
    timeout_s: float = 600.0


class Session(Protocol):
    """A session, as far as it matters here."""

    @property
    def met(self) -> bool:
        """The server proved itself in it, and answered."""


class Contact:
    """Has this life of the agent met its server?"""

    def __init__(self) -> None:
        """Not yet."""
        self._met = False
        self._held: Session | None = None

    @property
    def met(self) -> bool:
        """In any session so far."""
        return self._met or (self._held is not None and self._held.met)

    def watches(self, session: Session) -> None:
        """From now on this one is held."""
        self._met, self._held = self.met, session


class HealthGate:
    """A gate (`fumo.device.work`): no health check begins before the server was met."""

    def __init__(self, rule: HealthRule, contact: Contact, clock: Clock, log: Log) -> None:
        """One for each object and life."""
        self._rule, self._contact, self._clock, self._log = rule, contact, clock, log
        self._until_s: float | None = None

    def __call__(self, owed: Duty, target: Target) -> Wait | Happening | None:
        """Wait while there is time, then it is not well; any other duty may begin."""
        if not isinstance(owed, CheckHealth) or not self._rule.session or self._contact.met:
            return None
        now_s = self._clock.now_s()
        if self._until_s is None:
            self._until_s = now_s + self._rule.timeout_s
        if now_s < self._until_s:
            return Wait(self._until_s, "on trial: has not met its server yet")
        self._log("NotMet", operation=owed.op_id, seconds=self._rule.timeout_s)
        return HealthFailed(owed.op_id)
