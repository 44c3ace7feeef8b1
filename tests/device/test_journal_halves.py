"""A process that dies between two statements of a commit leaves none of it, or all of it.

The database's files are copied before every statement, as a kill would leave them, and each copy
is opened: it tells of a moment between two steps, never of half a step.
"""

import shutil
from pathlib import Path

import pytest

from fumo.codes import Kind
from fumo.device.edges.journal import SqliteJournal
from fumo.errors import MisuseError
from fumo.update import Policy, durable, records
from fumo.update.failures import Cause
from fumo.update.happening import CleanedUp, Progressed, Woke
from fumo.update.operation import Checkpoint, Target
from fumo.update.step import step
from tests.update.story import OBJECT, Device


class Copied(Device):
    """A device whose journal is copied on the way, and the moments it may tell of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.copies: list[tuple[Path, tuple[Target, Target], str]] = []
        self.doing = "the start"
        self.now = (Target(), Target())
        self.journal = SqliteJournal(folder / "journal.db")
        self.journal._db.set_trace_callback(self.copy)
        super().__init__()

    def happen(self, happening) -> None:
        before, known = durable(self.target), len(self.saved)
        super().happen(happening)
        self.doing = type(happening).__name__
        self.now = (before, durable(self.target))
        self.journal.save(OBJECT, self.saved[known:])

    def copy(self, sql: str) -> None:
        place = self.folder / f"copy{len(self.copies)}"
        place.mkdir()
        for name in ("journal.db", "journal.db-wal"):
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, place)
        self.copies.append((place, self.now, f"{self.doing}: {sql[:40]}"))


def failed(device: Copied) -> None:
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.begin()
    device.happen(Progressed(1, Checkpoint(10, '"e"', 20)))
    device.fail(Cause.CORRUPT)
    device.acknowledge()


def updated(device: Copied) -> None:
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.fetch()
    device.apply_well()
    device.acknowledge()
    device.happen(CleanedUp(1))


@pytest.mark.clause("C16")
@pytest.mark.parametrize("life", [failed, updated])
def test_no_kill_between_two_statements_leaves_half_a_step(tmp_path, life):
    device = Copied(tmp_path)
    life(device)
    device.journal.close()
    assert len(device.copies) > 20
    for place, moments, when in device.copies:
        with SqliteJournal(place / "journal.db") as journal:
            found = journal.load().get(OBJECT, Target())
        assert found in moments, f"half a step is left before {when}"
        _goes_on(place, found, when)


def _goes_on(place: Path, found: Target, when: str) -> None:
    """Whatever is open can still be sealed: no lost half stands in the way."""
    woken = step(found, Woke(99, 0.0), Policy(boots_max=0))
    with SqliteJournal(place / "journal.db") as journal:
        try:
            journal.save(OBJECT, records(found, woken))
        except MisuseError as error:
            raise AssertionError(f"half a step is in the way before {when}: {error}") from error
        assert journal.load().get(OBJECT, Target()) == durable(woken)
