"""A disk that fails at the n-th write or sync, once or for ever: is every word kept all the same?

    python -m tests.power.failing [story ...]      exit 1 if an invariant broke

EIO: the operation is not done. ENOSPC: a file that would grow does not; for ever means that the
disk stays full to the end of the story, and only what is deleted gives room: the journal's reserve
is then all the room there is, and the result must be told all the same.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from enum import StrEnum
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from fumo.device.edges.journal import RESERVE_BYTES
from tests.power.bench import Bench, Start, set_up
from tests.power.crash import Image
from tests.power.events import Deleted, Event, Renamed, Synced, Truncated, Written
from tests.power.stories import STORIES, Story
from tests.power.vfs import FULL, IOERR_FSYNC, IOERR_WRITE, OK
from tests.power.world import JOURNAL

WORKERS = 2
FAILING_LIVES = 3  # then somebody exchanges a disk that fails for ever
FULL_LIVES = 8
BROKEN_MAX = 20
TROUBLE = frozenset({"400", "410", "501", "502"})
"""What a disk may make of any operation."""
ANY_STATE = frozenset({10, 20, 40, 50, 70, 80, 90, 100})


class Fault(StrEnum):
    """How the disk fails from the n-th operation on."""

    EIO_ONCE = "EIO once"
    EIO_FOR_EVER = "EIO for ever"
    FULL_ONCE = "ENOSPC once"
    FULL_FOR_EVER = "ENOSPC for ever"


class FailingDisk:
    """What a disk refuses; counts the operations that it could refuse."""

    def __init__(self, fault: Fault, at: int, image: Image, reserve: Path) -> None:
        self._fault, self._at, self._reserve = fault, at, reserve
        self._sizes = {name: len(content) for name, content in image.items()}
        self._reserved, self._room = RESERVE_BYTES, 0
        self.count, self.lives = 0, 0
        self.mended = False

    def patient(self) -> bool:
        """A life has ended by it; after some, the disk is a good one again."""
        self.lives += 1
        for_ever = FULL_LIVES if self._fault is Fault.FULL_FOR_EVER else FAILING_LIVES
        self.mended = self.mended or self.lives >= for_ever
        return True

    def refuse(self, event: Event) -> int:
        """The code of SQLite with which the operation fails, or OK."""
        grows = self._growth(event)
        self.count += 1
        code = OK if self.mended or self.count < self._at else self._code(event, grows)
        if code == OK:
            self._follow(event, grows)
        return code

    def _code(self, event: Event, grows: int) -> int:
        first = self.count == self._at
        eio = IOERR_FSYNC if isinstance(event, Synced) else IOERR_WRITE
        match self._fault:
            case Fault.EIO_ONCE:
                return eio if first else OK
            case Fault.EIO_FOR_EVER:
                return eio
            case Fault.FULL_ONCE:
                return FULL if first and isinstance(event, Written) else OK
            case Fault.FULL_FOR_EVER:
                return FULL if grows > self._free() else OK

    def _free(self) -> int:
        """The reserve is given up once, and then there is room; it is not made again."""
        if self._reserved and not self._reserve.exists():
            self._room, self._reserved = self._room + self._reserved, 0
        return self._room

    def _growth(self, event: Event) -> int:
        if not isinstance(event, Written):
            return 0
        return max(0, event.offset + len(event.data) - self._sizes.get(event.file, 0))

    def _follow(self, event: Event, grows: int) -> None:
        """What the operation does to the room and the sizes."""
        sizes = self._sizes
        match event:
            case Written(name):
                sizes[name] = sizes.get(name, 0) + grows
                self._room -= grows if self.count >= self._at else 0
            case Truncated(name, length):
                self._room += max(0, sizes.get(name, 0) - length)
                sizes[name] = length
            case Deleted(name):
                self._room += sizes.pop(name, 0)
            case Renamed(name, new):
                self._room += sizes.pop(new, 0)
                sizes[new] = sizes.pop(name, 0)


class Failed(Struct):
    """What came of one story."""

    story: str
    operations: int = 0
    lives: int = 0
    """Stories lived with a failing disk."""
    mended: int = 0
    """Of those on a full disk, how many needed more room before their result was told."""
    results: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    took_s: float = 0.0


def fail_story(name: str, step: int = 1) -> Failed:
    """Every `step`-th operation of one story fails, in each way."""
    began_s, found, story = time.perf_counter(), Failed(name), tolerant(STORIES[name])
    with set_up() as bench:
        start = bench.begin(story)
        found.operations = operations(bench, story, start)
        for fault in Fault:
            for at in range(1, found.operations + 1, step):
                if broken := _fail(bench, story, start, fault, at, found):
                    found.broken.append(f"{name}, {fault} at operation {at}: {broken}")
                if len(found.broken) >= BROKEN_MAX:
                    break
    found.took_s = time.perf_counter() - began_s
    return found


def tolerant(story: Story) -> Story:
    """The same, with the results and States that a failing disk may bring about."""
    orders = tuple(replace(one, results=one.results | TROUBLE) for one in story.orders)
    return replace(story, orders=orders, states=story.states | ANY_STATE)


def operations(bench: Bench, story: Story, start: Start) -> int:
    """How many operations of the story could fail."""
    events = bench.live(story, start, record=True)
    return sum(isinstance(e, (Written, Synced, Truncated, Deleted, Renamed)) for e in events)


def _fail(bench: Bench, story: Story, start: Start, fault: Fault, at: int, found: Failed) -> str:
    """What broke, if anything did."""
    disk = FailingDisk(fault, at, start.image, bench.folder / f"{JOURNAL}.reserve")
    bench.disk.refuse = disk.refuse
    found.lives += 1
    try:
        bench.live(story, start, patient=disk.patient)
        found.results.update(bench.told.values())
    except (AssertionError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        bench.disk.refuse = lambda _event: OK
        found.mended += disk.mended and fault is Fault.FULL_FOR_EVER
    return ""


def fail_all(names: Iterable[str], step: int = 1) -> list[Failed]:
    """Each story in one of the worker processes."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        return list(pool.map(fail_story, names, repeat(step)))


def figures(found: list[Failed]) -> Iterator[str]:
    """A line a story, and what broke."""
    yield f"{'story':16}{'I/Os':>7}{'faults':>9}{'mended':>9}{'broken':>7}{'seconds':>8}"
    for one in found:
        counts = f"{one.operations:7}{one.lives:9}{one.mended:9}{len(one.broken):7}"
        yield f"{one.story:16}{counts}{one.took_s:8.1f}"
    yield f"{sum(f.lives for f in found)} stories on failing disks"
    results = sum((f.results for f in found), Counter())
    yield f"results: {dict(sorted(results.items()))}"
    yield from (text for one in found for text in one.broken[:4])


def main(arguments: list[str]) -> int:
    """Let the disk fail, and say what came of it."""
    found = fail_all(arguments or list(STORIES))
    print("\n".join(figures(found)))
    return 1 if any(one.broken for one in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
