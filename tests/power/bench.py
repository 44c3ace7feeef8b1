"""Where lives are lived, one after the other: a recording disk, a folder, and the judge at the end.

with set_up() as bench:
    events, around = bench.live(story, Start(bench.born(), story.around()), record=True)
"""

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from fumo.codes import Kind
from fumo.device.edges.boot_env import BootEnv
from fumo.device.fumo_object import address
from fumo.testing.disk import Damage, PowerCut
from tests.power.around import POLICY, Around
from tests.power.crash import Image, Loss, Platter
from tests.power.events import Event, Passed
from tests.power.judge import Broken, Judge, losses
from tests.power.stories import FACTORY, IMAGES, Story
from tests.power.vfs import Disk, recording
from tests.power.world import JOURNAL, PowerWorld, factory_slots

SHARED_MEMORY = Path("/dev/shm")

AnyDamage: TypeAlias = Damage | Loss


class Start(Struct):
    """From where a life begins: the disk, and the world around."""

    image: Image
    around: Around


class Bench:
    """One disk and one folder. No two lives on it at once."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self.disk, self.folder = disk, folder
        self.world: PowerWorld | None = None
        """The one of the last life."""
        self.told: Mapping[str, str] = {}
        """The results of the last life, by Correlator."""
        self._seeds = 0

    def live(
        self,
        story: Story,
        start: Start,
        record: bool = False,
        patient: Callable[[], bool] = lambda: False,
    ) -> list[Event]:
        """To the end, and judged; the events, if they are wanted."""
        self._lay_out(start.image)
        self._seeds += 1
        self.disk.events, self.disk.listening = [], record
        around = start.around.copied()
        world = PowerWorld(around, self.folder, self.disk, start.image, self._seeds)
        self.world = world
        try:
            world.run(patient)
        finally:
            self.disk.listening = False
        self.told = judge_world(story, world)
        return self.disk.events

    def dies(self, story: Story, start: Start, at: str) -> Start | None:
        """The power goes at the first event of this name; None: it came to its end before."""
        self._lay_out(start.image)
        self._seeds += 1
        self.disk.events, self.disk.listening = [], True
        around = start.around.copied()
        world = PowerWorld(around, self.folder, self.disk, start.image, self._seeds)
        world.dies_at = at
        try:
            world.run()
        except PowerCut:
            return Start(self._after(start, self.disk.events), around)
        self.told = judge_world(story, world)
        return None

    def _after(self, start: Start, events: Iterable[Event]) -> Image:
        """What a cut now leaves, with all that was not synced gone."""
        platter = Platter(start.image)
        for event in events:
            platter.take(event)
        return platter.left(Damage.ALL, random.Random(0))

    def begin(self, story: Story) -> Start:
        """A device that had its first session and was never ordered anything, or a newborn one."""
        image = factory_slots(story.objects) if story.newborn else self.born(story.objects)
        return Start(image, story.around())

    def born(self, objects: tuple[str, ...]) -> Image:
        """The disk of a device after its first session."""
        idle = Story((), frozenset({10}), objects=objects)
        start = Start(factory_slots(objects), idle.around())
        platter = Platter(start.image)
        for event in self.live(idle, start, record=True):
            platter.take(event)
        return platter.left(Damage.NONE, random.Random(0))

    def _lay_out(self, image: Image) -> None:
        """The journal's files as they are after the cut; its reserve stays."""
        for name in (JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-journal"):
            (self.folder / name).unlink(missing_ok=True)
            if name in image:
                (self.folder / name).write_bytes(image[name])


@contextmanager
def set_up() -> Iterator[Bench]:
    """In memory where the system has files in memory."""
    place = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder, recording() as disk:
        yield Bench(disk, Path(folder))


def judge_world(story: Story, world: PowerWorld) -> Mapping[str, str]:
    """The results, if all is as it must be at the end of a story, or Broken."""
    server = world.around.server
    judge = Judge(story.all_orders, FACTORY, POLICY)
    judge.hear(world.around.seen)
    for trouble in losses(judge.told, server.results):
        raise Broken(trouble)
    for correlator in server.accepted - set(judge.told):
        raise Broken(f"I9: {correlator} was answered 202 and forgotten")
    for correlator in server.refused & set(judge.told):
        raise Broken(f"I3a: {correlator} was refused, and has a result")
    for name in story.objects:
        _judge_slots(judge.runs[address(name)], name, world)
    _judge_held(story, judge, world)
    for name, value in world.states().items():
        if value not in story.states:
            raise Broken(f"State of {name} is {value} in the end")
    return judge.told


def _judge_slots(version: str, name: str, world: PowerWorld) -> None:
    good = world.good_version(name)
    if good != version:
        raise Broken(f"I5: {good} runs in the end, not {version}")
    slots = world.slots[name]
    runs = slots.read(BootEnv(slots).known().good, 0, 1 << 20)
    if version in IMAGES and runs != IMAGES[version]:
        raise Broken("I5: what runs is not the image")


def _judge_held(story: Story, judge: Judge, world: PowerWorld) -> None:
    last = story.orders[-1] if story.orders else None
    if last is None or last.kind is not Kind.DOWNLOAD or judge.told[last.correlator] != "200":
        return
    files = world.files[last.object_uri.rpartition("/")[2]]
    if files.read("package", 0, 1 << 20) != world.around.depot.files[last.url or ""]:
        raise Broken("I5: what is held is not the package")


def cuts(
    start: Start, events: Iterable[Event], damages: tuple[AnyDamage, ...], dice: random.Random
) -> Iterator[tuple[str, Start]]:
    """(how it was cut, what is left), each different disk once."""
    platter, around, known = Platter(start.image), start.around, set()
    passed = 0
    for n, event in enumerate(events, start=1):
        platter.take(event)
        if isinstance(event, Passed):
            around, passed = event.around, passed + 1
        for damage in damages if not platter.is_settled() else (Damage.NONE,):
            image = platter.left(damage, dice)
            if (name := (passed, fingerprint(image))) not in known:
                known.add(name)
                yield f"event {n} ({damage})", Start(image, around)


def fingerprint(image: Image) -> bytes:
    """The same for the same files."""
    return b"".join(name.encode() + _digest(image[name]) for name in sorted(image))


@lru_cache(maxsize=4096)
def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()
