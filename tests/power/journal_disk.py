"""Every power cut of a device's life, seen by its journal: which promises does the disk break?

    python -m tests.power.journal_disk      exit 1 if any is broken, with their number

The life runs once on a recording disk. Then the power goes after each event of that disk, with
nothing, everything and some of what was unsynced lost; the journal is opened on what is left, and
must tell what was promised when the last call before the cut returned, or what the call under way
was about to promise. Nothing here knows how the journal is configured.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from fumo.codes import Kind
from fumo.device.edges.journal import SqliteJournal
from fumo.testing.disk import Damage
from fumo.tree.written import Written
from fumo.update import Policy, Target, durable
from fumo.update.failures import Cause
from fumo.update.happening import (
    AlertRefused,
    CleanedUp,
    Concluded,
    PackageReplaced,
    Progressed,
)
from fumo.update.operation import Checkpoint, Sealed, Settled
from tests.power.crash import Image, Platter
from tests.power.vfs import recording
from tests.update.story import OBJECT, Device, held

NAME = "journal.db"
RANDOM_DISKS = 4


class Promise(Struct, frozen=True):
    """What has been told to the world, or may have been, once a call has returned."""

    target: Target
    boots: int = 0
    sessions: int = 0
    nodes: tuple[tuple[str, Written], ...] = ()


class Life(Device):
    """The device of the update stories with a real journal; notes every promise it makes."""

    def __init__(self, path: Path, note: Callable[[Promise], None]) -> None:
        self._path, self._note = path, note
        self._journal = SqliteJournal(path)
        self._promise = Promise(Target())
        try:
            super().__init__(Policy(backoff_base_s=0.0, tombstones_max=1))
        except OSError:
            self._journal.close()
            raise

    def happen(self, happening) -> None:
        known = len(self.saved)
        super().happen(happening)
        self._journal.save(OBJECT, self.saved[known:])
        self._promised(target=durable(self.target))

    def boot(self) -> None:
        """A start of the agent: the journal is closed and opened, and a boot counted."""
        self._journal.close()
        self._journal = SqliteJournal(self._path)
        self._promised(boots=self._journal.new_boot())
        super().boot()

    def session(self) -> None:
        self._promised(sessions=int(self._journal.new_session(), 16))
        changing = Written("chr", "", str(self._promise.sessions), "", "Get=*")
        nodes = {"./A": changing, "./B": Written(value=b"x")}
        self._journal.save_nodes(nodes)
        self._promised(nodes=tuple(nodes.items()))

    def close(self) -> None:
        self._journal.close()

    def _promised(self, **changes) -> None:
        told = {name: getattr(self._promise, name) for name in Promise.__struct_fields__}
        self._promise = Promise(**(told | changes))
        self._note(self._promise)


def one_order(life: Life) -> None:
    """A download that fails once, with its alert acknowledged."""
    life.session()
    life.exec(Kind.DOWNLOAD)
    life.begin()
    life.happen(Progressed(life.op_id, Checkpoint(10, '"e"', 20)))
    life.fail(Cause.NOT_THERE)
    life.session()
    life.acknowledge()


def whole_life(life: Life) -> None:
    """Three orders: one through cuts and a retry to the end, one that fails, one by PkgData."""
    life.session()
    life.exec(Kind.DOWNLOAD_AND_UPDATE)
    life.begin()
    life.happen(Progressed(life.op_id, Checkpoint(10, '"e"', 20)))
    life.fail(Cause.RESET)
    life.begin()
    life.boot()
    life.fetch()
    life.apply_well()
    life.session()
    life.acknowledge()
    life.happen(CleanedUp(life.op_id))
    one_order(life)
    life.happen(PackageReplaced(held()))
    life.exec(Kind.UPDATE)
    life.apply_well()
    life.happen(AlertRefused(life.op_id, 406))
    life.acknowledge()
    life.exec(Kind.DOWNLOAD)
    life.fetch()
    life.happen(Concluded(life.op_id))


class Recorded(Struct):
    """A life: its events, and after how many of them each promise stood."""

    events: list
    promises: list[tuple[int, Promise]]


def record(live: Callable[[Life], None], folder: Path) -> Recorded:
    """Live it once, on a disk that loses nothing."""
    promises: list[tuple[int, Promise]] = []
    with recording() as disk:
        life = Life(folder / NAME, lambda told: promises.append((len(disk.events), told)))
        live(life)
        life.close()
        return Recorded(disk.events, promises)


def disks(recorded: Recorded, seed: int) -> Iterator[tuple[int, Image]]:
    """(events before the cut, what the cut left), for every cut and damage."""
    platter, dice = Platter(), random.Random(seed)
    random_ones = [Damage.RANDOM] * RANDOM_DISKS
    for before, event in enumerate(recorded.events, start=1):
        platter.take(event)
        settled = platter.is_settled()
        damages = [Damage.NONE] if settled else [Damage.NONE, Damage.ALL, *random_ones]
        for damage in damages:
            yield before, platter.left(damage, dice)


def broken(image: Image, folder: Path, stood: Promise, coming: Promise) -> str | None:
    """Open the journal on what is left: None when it keeps its word."""
    for old in folder.iterdir():
        old.unlink()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    try:
        found = read(folder / NAME)
    except OSError:
        return "the journal cannot be opened"
    if found in (stood, coming):
        return None
    return lost(stood, found)


def read(path: Path) -> Promise:
    """What the journal at `path` tells, the next boot and session included."""
    with SqliteJournal(path) as journal:
        nodes = tuple(sorted(journal.nodes().items(), key=lambda pair: pair[0]))
        target = journal.load().get(OBJECT, Target())
        boots, sessions = journal.new_boot() - 1, int(journal.new_session(), 16) - 1
    return Promise(target, boots, sessions, nodes)


def lost(stood: Promise, found: Promise) -> str:
    """The name of what was promised and is gone, the gravest first."""
    operations = {one.order.op_id: one for one in found.target.operations}
    for one in stood.target.operations:
        there = operations.get(one.order.op_id)
        if isinstance(one, (Sealed, Settled)) and not isinstance(there, (Sealed, Settled)):
            return "an alert may have been sent, its seal is gone"
        if there is None:
            return "an accepted operation is gone"
        attempts = len(getattr(there, "attempts", ()))
        if len(getattr(one, "attempts", ())) > attempts and not isinstance(there, Sealed):
            return "an attempt counter went back"
    if found.boots < stood.boots or found.sessions < stood.sessions:
        return "a boot or session was uncounted"
    return "something else is not as it was promised"


def judge(live: Callable[[Life], None], seed: int = 0) -> tuple[int, Counter[str]]:
    """(disks seen, broken promises by name)."""
    found: Counter[str] = Counter()
    seen = 0
    with tempfile.TemporaryDirectory() as place:
        first, second = Path(place, "life"), Path(place, "after")
        first.mkdir()
        second.mkdir()
        recorded = record(live, first)
        with recording():  # its syncs cost nothing
            for before, image in disks(recorded, seed):
                seen += 1
                stood, coming = around(recorded.promises, before)
                if (fault := broken(image, second, stood, coming)) is not None:
                    found[fault] += 1
    return seen, found


def around(promises: list[tuple[int, Promise]], events: int) -> tuple[Promise, Promise]:
    """What had been promised after so many events, and what was promised next."""
    groups = [(at, list(told)[-1][1]) for at, told in groupby(promises, key=lambda one: one[0])]
    stood = [told for at, told in groups if at <= events]
    coming = [told for at, told in promises if at > events]
    before = stood[-1] if stood else Promise(Target())
    return before, coming[0] if coming else before


def main() -> int:
    """Judge a whole life and say what was found."""
    seen, found = judge(whole_life)
    count = sum(found.values())
    print(f"{seen} disks after power cuts: {count} broke a promise")
    for name, times in found.most_common():
        print(f"  {times:6} {name}")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
