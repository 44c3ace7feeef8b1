"""A device of the siege: it does what it is told, and remembers what it was told and what it said.

How an operation ends is written in its correlator, so that the judge knows without being told.
"""

import threading
from dataclasses import dataclass, field
from hashlib import sha256

from fumo.dm.alerts import told
from fumo.dm.message import Alert, Command, Exec, Item
from fumo.dm.session import Answered, Request
from fumo.wire.exchange import Reply
from tests.server.device import Device

REFUSED, FAILED, SUCCEEDED = 406, 410, 200
IDLE, WORKING = "10", "30"
ENDS = {SUCCEEDED: "90", FAILED: "20"}
"""The State at its end, until its result was acknowledged."""


def fate_of(correlator: str) -> int:
    """1 in 16 Execs is refused, 3 operations in 16 fail, the others succeed."""
    drawn = sha256(correlator.encode()).digest()[0] % 16
    return REFUSED if drawn == 0 else FAILED if drawn < 4 else SUCCEEDED


@dataclass
class Told:
    """What passed between a device and the servers about one correlator, in order."""

    execs: int = 0
    refusals: int = 0
    result: int | None = None
    execs_after: int = 0
    acked: bool = False


@dataclass
class Witness(Device):
    """One device; `lock` is held by whoever speaks for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    told: dict[str, Told] = field(default_factory=dict)
    owed: dict[str, Alert] = field(default_factory=dict)
    working: Exec | None = None

    def first_words(self) -> list[Request]:
        """Its alert, its DevInfo, and every result that nobody acknowledged."""
        words = super().first_words()
        return words + [Request(f"owed:{name}", alert) for name, alert in self.owed.items()]

    def hear(self, answer: Reply) -> None:
        super().hear(answer)
        for event in self.events:
            if isinstance(event, Answered) and event.purpose.startswith("owed:"):
                name = event.purpose.removeprefix("owed:")
                assert event.code == 200, f"the result of {name} was answered {event.code}"
                self.told[name].acked = True
                self.owed.pop(name, None)
                if self.state != WORKING and not self.owed:
                    self.state = IDLE

    def do(self, command: Command, uri: str) -> tuple[int, tuple[Item, ...]]:
        if not isinstance(command, Exec):
            return super().do(command, uri)
        name = command.correlator or ""
        known = self.told.setdefault(name, Told())
        known.execs += 1
        if known.result is not None:
            known.execs_after += 1
        if fate_of(name) == REFUSED:
            known.refusals += 1
            return REFUSED, ()
        if self.working is not None and self.working.correlator != name:
            return 403, ()  # one at a time
        self.working, self.state = command, WORKING
        return 202, ()

    def works(self) -> None:
        """What it was told to do comes to its end; its next session tells."""
        if self.working is None:
            return
        name = self.working.correlator or ""
        self.execs = [self.working]
        alert = self.finishes(fate_of(name), ENDS[fate_of(name)])
        assert [one.correlator for one in told(alert)] == [name]
        self.outbox.clear()  # kept by name instead
        self.owed[name], self.told[name].result = alert, fate_of(name)
        self.working = None
