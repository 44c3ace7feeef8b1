"""Tries of passwords, counted for all processes: each is counted before it is looked at.

So a thousand tries at once are no more tries than one after the other. Each call is one
transaction; its rows are locked in the order of their names.
"""

from msgspec import Struct

from fumo.errors import FumoError
from fumo.server.edges.database import Database
from fumo.server.guessing import FORGOTTEN_S, Free, counted, wait_s

LOCKED = """INSERT INTO guess (name, failures, until_s, at_s) VALUES (?1, 0, 0, ?2)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name"""
COUNTED = "UPDATE guess SET failures = ?2, until_s = ?3, at_s = ?4 WHERE name = ?1"
FORGIVEN = "UPDATE guess SET failures = failures - 1, until_s = 0 WHERE name = ?1"


class Waits(FumoError):
    """A try comes too early."""

    def __init__(self, name: str, wait_s: float) -> None:
        """What it counts against, and for how long that is shut."""
        super().__init__(name)
        self.name, self.wait_s = name, wait_s


class Guesses(Struct, frozen=True):
    """Over one `Database` that may write."""

    db: Database

    def begin(self, user: str, place: str, at_s: float, allowed: Free) -> None:
        """Count a try as failed; or Waits, and nothing is written."""
        self.db.run("DELETE FROM guess WHERE at_s < ?1", at_s - FORGOTTEN_S)
        free = counted(user, place, allowed)
        with self.db.transaction():
            there = {name: self._locked(name, at_s) for name in sorted(free)}
            ends_s, longest = max((until_s, name) for name, (_, until_s) in there.items())
            if ends_s > at_s:
                raise Waits(longest, ends_s - at_s)
            for name, (failures, _) in there.items():
                until_s = at_s + wait_s(failures + 1, free[name])
                self.db.run(COUNTED, name, failures + 1, until_s, at_s)

    def forgive(self, user: str, place: str) -> None:
        """It was the right password: this try was none, and nor were those of this user here."""
        own, *others = counted(user, place, Free())
        with self.db.transaction():
            for name in sorted((own, *others)):
                if name == own:
                    self.db.run("DELETE FROM guess WHERE name = ?1", name)
                else:
                    self.db.run(FORGIVEN, name)

    def _locked(self, name: str, at_s: float) -> tuple[int, float]:
        self.db.run(LOCKED, name, at_s)
        [(failures, until_s)] = self.db.rows(
            "SELECT failures, until_s FROM guess WHERE name = ?1", name
        )
        return failures, until_s
