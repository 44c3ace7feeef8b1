"""A whole device on one recording disk, with everything around it.

Real: the agent, its sessions, the journal (SQLite), the downloader, the update agent and its boot
environment. In memory: the folders, the network, the download server, the DM server. All that is
written or synced, by SQLite and in the folders, and all that crosses the border of the device,
stands in one row of events (`Disk.events`); a `PowerWorld` can be built from what any cut of that
row leaves, and lives on from there.

What happened is noted outside the device, in `Around.seen`: `judge` looks at nothing else.
"""

import errno
from collections import deque
from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.device.agent import Agent, Ending
from fumo.device.compose import Parts, Ports, compose
from fumo.device.edges.ab_file import AbFile, install_factory
from fumo.device.edges.boot_env import BootEnv
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.edges.http_body import Body
from fumo.device.edges.http_source import Wish
from fumo.device.edges.journal import SqliteJournal
from fumo.device.edges.pace import Limits
from fumo.device.fumo_object import address
from fumo.dm.alerts import told
from fumo.dm.codec import decode
from fumo.dm.message import Alert, Envelope
from fumo.testing.depot import MemoryDepot
from fumo.testing.disk import MemoryFiles, PowerCut
from fumo.testing.machine import AtOnce, Listened, SeededDice, VirtualClock
from fumo.testing.world import MODEL, SETUP
from fumo.update.operation import Intent, Policy, Target
from fumo.update.view import state
from tests.power.events import Change, Deleted, Passed, Renamed, Synced, Truncated, Written
from tests.power.judge import Broken
from tests.power.orders import OrderingServer
from tests.power.vfs import FULL, Disk

JOURNAL = "journal.db"
LIVES_MAX = 60
LIMITS = Limits(checkpoint_bytes=1200)
POLICY = Policy(backoff_base_s=0.5)
COPIED = (list, dict, deque, set)


class Around:
    """The world outside the device: it does not lose its power."""

    def __init__(
        self,
        server: OrderingServer,
        depot: MemoryDepot,
        objects: tuple[str, ...] = SETUP.objects,
    ) -> None:
        """`objects` are those that the device has."""
        self.server, self.depot, self.objects = server, depot, objects
        self.seen: list[tuple[str, ...]] = []
        """What left a trace, in order: (what, of which order or object, more)."""
        self.replies_lost: deque[bool] = deque()
        """For each exchange in turn: is its reply lost?"""
        self.slot_faults: deque[bool] = deque()
        """For each write to a slot in turn: does it fail?"""
        self.replacements: deque[tuple[str, bytes]] = deque()
        """After each GET in turn: what is to be had at which URL from then on."""
        self.sick = False
        """Is every new image unwell?"""

    def copied(self) -> "Around":
        """As it is now: what happens to the one does not happen to the other."""
        one = _copied(self)
        one.server, one.depot = _copied(self.server), _copied(self.depot)
        one.server._octets = copy(self.server._octets)
        return one


def _copied(thing: Any) -> Any:
    """Its containers are its own; what is in them are values."""
    one = object.__new__(type(thing))
    one.__dict__.update(
        {k: copy(v) if isinstance(v, COPIED) else v for k, v in vars(thing).items()}
    )
    return one


class RecordedFiles(MemoryFiles):
    """A folder on the recording disk. `replace` is done as on a real one: aside, sync, rename."""

    def __init__(self, folder: str, world: "PowerWorld", image: Mapping[str, bytes]) -> None:
        """`image` has the files of all folders."""
        super().__init__()
        self._folder, self._world = f"{folder}/", world
        mine = {k[len(self._folder) :]: v for k, v in image.items() if k.startswith(self._folder)}
        self.durable = mine
        self.volatile = {name: bytearray(content) for name, content in mine.items()}

    def write(self, name: str, offset: int, data: bytes) -> None:
        self._log(Written(self._folder + name, offset, bytes(data)))
        super().write(name, offset, data)

    def truncate(self, name: str, length: int) -> None:
        self._log(Truncated(self._folder + name, length))
        super().truncate(name, length)

    def sync(self, name: str) -> None:
        self._log(Synced(self._folder + name))
        super().sync(name)

    def rename(self, name: str, new: str) -> None:
        self._log(Renamed(self._folder + name, self._folder + new))
        super().rename(name, new)

    def delete(self, name: str) -> None:
        self._log(Deleted(self._folder + name))
        super().delete(name)

    def replace(self, name: str, data: bytes) -> None:
        aside = f"{name}.new"
        self.truncate(aside, 0)
        self.write(aside, 0, data)
        self.sync(aside)
        self.rename(aside, name)

    def _log(self, event: Change | Synced | Renamed | Deleted) -> None:
        what = f"{type(event).__name__} {event.file}"
        if code := self._world.disk.log(event):
            raise OSError(errno.ENOSPC if code & 0xFF == FULL else errno.EIO, what)
        self._world.reached(what)


class Slots(RecordedFiles):
    """The folder of an object's slots: each write to one is noted, before it begins."""

    def __init__(self, name: str, world: "PowerWorld", image: Mapping[str, bytes]) -> None:
        super().__init__(f"slots {name}", world, image)
        self._object_uri = address(name)

    def write(self, name: str, offset: int, data: bytes) -> None:
        if name.startswith("slot"):
            self._world.note("slot", name, str(offset), self._object_uri)
            faults = self._world.around.slot_faults
            if faults and faults.popleft():
                raise OSError(errno.EIO, f"write {name}")
        super().write(name, offset, data)


class PowerWorld:
    """One device in its surroundings, from what a disk holds to the end of its orders."""

    def __init__(
        self,
        around: Around,
        folder: Path,
        disk: Disk,
        image: Mapping[str, bytes],
        seed: int = 0,
    ) -> None:
        """`folder` is for the journal; `image` has the other files. `seed`: two lives of one
        device never throw the same dice."""
        self.around, self.disk, self._folder = around, disk, folder
        self.files = {name: RecordedFiles(f"files {name}", self, image) for name in around.objects}
        self.slots = {name: Slots(name, self, image) for name in around.objects}
        self.clock, self.dice, self.log = VirtualClock(), SeededDice(seed), Listened()
        self.journal: SqliteJournal | None = None
        self.lives = 0
        self.dies_at: str | None = None
        """The power goes at every event of this name: a crash loop."""

    def note(self, *what: str) -> None:
        """Something left the device, or came; it stands in the row of events, too."""
        self.around.seen.append(what)
        self.passed(what[0])
        self.reached(what[0])

    def reached(self, name: str) -> None:
        """PowerCut, if the power is to go here."""
        if name == self.dies_at:
            raise PowerCut(name)

    def passed(self, what: str) -> None:
        """The world around is another one from here on."""
        if self.disk.listening:
            self.disk.events.append(Passed(what, self.around.copied()))

    def run(self, patient: Callable[[], bool] = lambda: False) -> None:
        """Live until the server has all its answers and the device owes nothing.

        A disk that fails ends a life, not the world, while `patient` says so.
        """
        while self.lives < LIVES_MAX:
            self.lives += 1
            try:
                ending = self.live()
            except OSError:
                if not patient():
                    raise
                continue
            if ending is not Ending.REBOOT and self.around.server.satisfied:
                return
        server = self.around.server
        lost = sorted(server.accepted - set(server.results))
        raise Broken(f"I9: {LIVES_MAX} lives, and what was answered 202 never ended: {lost}")

    def live(self) -> Ending:
        """One life, from a start of the machine."""
        self._boot()
        with SqliteJournal(self._folder / JOURNAL) as self.journal:
            return self._agent().run(once=True)

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        """The way to the server: what leaves is noted before the server hears it."""
        if b"1226" in body:
            self._note_alerts(decode(body, media_type).commands)
        server = self.around.server
        known = len(server.ordered)
        reply = server.post(url, body, media_type, mac)
        self.around.seen += [("ordered", one) for one in server.ordered[known:]]
        self.passed("answered")
        if self.around.replies_lost and self.around.replies_lost.popleft():
            raise ConnectionResetError("the reply was lost")
        return reply

    def open_body(self, wish: Wish, timeout_s: float, redirects_max: int) -> Body:
        """The way to the download server: each GET is noted, answered or not."""
        try:
            return self.around.depot.open_body(wish, timeout_s, redirects_max)
        finally:
            if self.around.replacements:
                self.around.depot.files.update([self.around.replacements.popleft()])
            self.note("fetch", wish.url)

    def good_version(self, name: str) -> str:
        """The version that the environment of this object is committed to."""
        env = BootEnv(self.slots[name]).known()
        return env.images[env.good].version

    def states(self) -> dict[str, int]:
        """The value of each State node, as the journal tells it."""
        with SqliteJournal(self._folder / JOURNAL) as journal:
            targets = journal.load()
        return {n: int(state(targets.get(address(n), Target()))) for n in self.around.objects}

    def _boot(self) -> None:
        """The machine chooses what to start; a trial is noted."""
        for name, slots in self.slots.items():
            env = BootEnv(slots).boot()
            if env.trial is not None:
                self.note("trial", env.trial.token, address(name))

    def _agent(self) -> Agent:
        assert self.journal is not None
        ports = Ports(
            journal=self.journal,
            link=self,
            objects={name: self._parts(name) for name in self.around.objects},
            clock=self.clock,
            dice=self.dice,
            log=self.log,
        )
        return compose(replace(SETUP, policy=POLICY, objects=self.around.objects), ports)

    def _parts(self, name: str) -> Parts:
        files, slots = self.files[name], self.slots[name]
        kind = SickAbFile if self.around.sick else AbFile
        downloader = HttpDownloader(files, LIMITS, False, self.open_body)
        return Parts(downloader, kind(slots, files, MODEL, self.dice), AtOnce())

    def _note_alerts(self, commands: tuple[object, ...]) -> None:
        for command in commands:
            if isinstance(command, Alert) and command.code == AlertCode.GENERIC:
                for one in told(command):
                    name = one.source.rpartition("/")[2]
                    held = "held" if self.files[name].exists("package") else ""
                    facts = (one.data, self.good_version(name), held)
                    self.note("alert", one.correlator or "", *facts)


class SickAbFile(AbFile):
    """The new image is never well."""

    def healthy(self, intent: Intent) -> bool:
        return False


def factory_slots(objects: tuple[str, ...] = SETUP.objects) -> dict[str, bytes]:
    """The slots of a new machine."""
    files = MemoryFiles()
    install_factory(files, [b"factory"], "1")
    return {f"slots {name}/{k}": v for name in objects for k, v in files.durable.items()}
