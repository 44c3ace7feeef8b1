"""One state of everything. Small tuples, so that hundreds of thousands fit into memory.

Numbers named `rows`, `memory`, `doing` and `outcome` stand for values that `Rooms` keeps.
"""

from typing import NamedTuple

NOTHING = -1


class Broken(AssertionError):
    """An invariant does not hold."""


class Session(NamedTuple):
    """The device's half of a session: what it waits for, has still to take in, and has to say."""

    sid: int
    sent: int = 1
    waiting: bool = True
    inbox: tuple = ()
    answers: tuple = ()
    told: tuple = ()


class Slots(NamedTuple):
    """The boot environment. Tokens are operation numbers; 0 is no token."""

    good: int = 0  # the committed slot's token
    other: int = 0  # what is whole in the other slot
    trial: int = 0  # what will be tried, or is on trial
    left: int = 0  # boots that the trial still has
    runs_trial: bool = False
    fell: int = 0  # the token that was tried and given up


class Seen(NamedTuple):
    """What an observer outside wrote down about one operation."""

    told: int = 0  # the result that was put on the wire
    fetches: int = 0
    writes: int = 0
    flips: int = 0
    committed: bool = False


class Intention(NamedTuple):
    """One Exec that the server means to happen once."""

    phase: str = "planned"  # sent, accepted, told, refused
    result: int = 0
    counted: int = 0
    sid: int = 0  # the session it was last sent in


class Server(NamedTuple):
    """The server's rows."""

    intentions: tuple[Intention, ...]
    sid: int = 0
    heard: int = 0


class Query(NamedTuple):
    """A message of the device: answers to Execs, and alerts as (correlator, op_id, result)."""

    sid: int
    n: int
    answers: tuple
    alerts: tuple


class Reply(NamedTuple):
    """A message of the server: acknowledged op_ids, and the Exec of an intention, or None."""

    sid: int
    n: int
    acks: tuple
    exec: int | None


class World(NamedTuple):
    """Everything. The net only grows: what is sent may be lost, late, and arrive again."""

    server: Server
    rows: int
    memory: int = NOTHING  # the target; NOTHING: the power is off
    doing: int = NOTHING  # a duty whose permit is saved
    outcome: int = NOTHING  # what an effect brought, not saved yet
    connected: bool = False
    boots: int = 0
    sessions: int = 0
    crashes: int = 0
    server_crashes: int = 0
    slots: Slots = Slots()
    session: Session | None = None
    net: frozenset = frozenset()
    seen: tuple[Seen, ...] = ()

    def of(self, op_id: int) -> Seen:
        """What was seen of an operation."""
        return self.seen[op_id - 1] if op_id <= len(self.seen) else Seen()

    def noting(self, op_id: int, **changes) -> "World":
        """The world in which that was seen, too."""
        missing = (Seen(),) * (op_id - len(self.seen))
        seen = [*self.seen, *missing]
        seen[op_id - 1] = seen[op_id - 1]._replace(**changes)
        return self._replace(seen=tuple(seen))

    def off(self) -> "World":
        """The power is cut: only what was saved, and the slots, are left."""
        return self._replace(
            memory=NOTHING, doing=NOTHING, outcome=NOTHING, connected=False, session=None
        )
