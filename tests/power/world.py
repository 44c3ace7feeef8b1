"""A whole device on one recording disk, with everything around it.

Real: the agent, its sessions, the journal (SQLite), the downloader, the update agent and its boot
environment. In memory: the folders, the network, the download server, the DM server. All that is
written or synced, by SQLite and in the folders, and all that crosses the border of the device,
stands in one row of events (`Disk.events`); a `PowerWorld` can be built from what any cut of that
row leaves, and lives on from there.

What happened is noted outside the device, in `Around.seen`: `judge` looks at nothing else.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from fumo.codes import AlertCode
from fumo.device.agent import Agent, Ending
from fumo.device.compose import Parts, Ports, compose
from fumo.device.control import Asked, Cancel, Said, Standing
from fumo.device.edges.ab_file import AbFile, install_factory
from fumo.device.edges.boot_env import BootEnv
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.edges.http_body import Body
from fumo.device.edges.http_source import Wish
from fumo.device.edges.install_notify import InstallNotify
from fumo.device.edges.journal import SqliteJournal
from fumo.device.edges.journal_opening import open_journal
from fumo.device.edges.keepsake import Keepsake
from fumo.device.edges.pace import Limits
from fumo.device.edges.patching import Patching
from fumo.device.fumo_object import address
from fumo.dm.alerts import told
from fumo.dm.codec import decode
from fumo.dm.message import Alert, Envelope
from fumo.testing.disk import MemoryFiles, PowerCut
from fumo.testing.machine import AtOnce, Listened, SeededDice, VirtualClock
from fumo.testing.server import OBJECT
from fumo.testing.world import MODEL, SETUP
from fumo.update.operation import Intent, Target
from fumo.update.view import state
from tests.power.around import Around
from tests.power.events import Passed
from tests.power.folders import RecordedFiles, Slots
from tests.power.judge import Broken
from tests.power.vfs import Disk

JOURNAL = "journal.db"
LIVES_MAX = 60
ASKED_MAX = 200_000
TICK_S = 1e-6
LIMITS = Limits(checkpoint_bytes=1200)


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
        self.state = RecordedFiles("state", self, image)
        self.clock, self.dice, self.log = BoundedClock(), SeededDice(seed), Listened()
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
        with open_journal(self._folder / JOURNAL, self.log, Keepsake(self.state)) as self.journal:
            if self.log.of("JournalDamaged"):
                raise Broken("F24: a whole journal is taken for a damaged one")
            return self._agent().run(once=True)

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        """The way to the server: what leaves is noted before the server hears it."""
        if b"1226" in body:
            self._note_alerts(decode(body, media_type).commands)
        if not self.around.reachable and self._runs_something_new():
            raise ConnectionRefusedError("nobody is there")
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

    def report(self, url: str, body: bytes) -> None:
        """The way back to the download server: what became of a transfer."""
        self.note("report", url, body[:3].decode())
        self.around.depot.post(url, body)

    def take(self) -> list[Asked]:
        """What people ask of the agent."""
        after = self.around.cancel_after
        gets = sum(one[0] == "fetch" for one in self.around.seen)
        return [Cancelling(self)] if after is not None and gets >= after else []

    def stands(self, standing: Standing) -> None:
        """Nobody reads it."""

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
            circumstances=self.around,
            consent=self.around,
            controls=self,
        )
        return compose(self.around.setup, ports)

    def _parts(self, name: str) -> Parts:
        files, slots = self.files[name], self.slots[name]
        kind = SickAbFile if self.around.sick else AbFile
        update_agent = kind(slots, files, MODEL, self.dice)
        downloader = HttpDownloader(
            files,
            LIMITS,
            False,
            self.open_body,
            vouch=lambda order: self.around.vouched(order.url or ""),
            patcher=Patching(update_agent.base, self.log),
            notify=InstallNotify(files, self.report, lambda deed: deed(), lambda _pause_s: None),
        )
        return Parts(downloader, update_agent, AtOnce())

    def _runs_something_new(self) -> bool:
        envs = [BootEnv(slots).known() for slots in self.slots.values()]
        return any(env.running != env.good for env in envs)

    def _note_alerts(self, commands: tuple[object, ...]) -> None:
        for command in commands:
            if isinstance(command, Alert) and command.code == AlertCode.GENERIC:
                for one in told(command):
                    name = one.source.rpartition("/")[2]
                    held = "held" if self.files[name].exists("package") else ""
                    facts = (one.data, self.good_version(name), held)
                    self.note("alert", one.correlator or "", *facts)


class BoundedClock(VirtualClock):
    """Goes on by itself, as real clocks do, however short a sleep is.

    Whoever asks for the time again and again goes round in a circle.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked = 0

    def now_s(self) -> float:
        self._asked += 1
        if self._asked > ASKED_MAX:
            raise Broken("a life without end")
        return super().now_s()

    def sleep(self, seconds: float) -> None:
        super().sleep(max(seconds, TICK_S))


class Cancelling:
    """A person cancels, and is answered."""

    command = Cancel()

    def __init__(self, world: PowerWorld) -> None:
        self._world = world

    def answer(self, said: Said) -> None:
        """Only what is done is answered, so it stands from now on."""
        self._world.around.cancel_after = None
        if said.ok:
            self._world.note("cancelled", OBJECT)


class SickAbFile(AbFile):
    """The new image is never well."""

    def healthy(self, intent: Intent) -> bool:
        return False


def factory_slots(objects: tuple[str, ...] = SETUP.objects) -> dict[str, bytes]:
    """The slots of a new machine."""
    files = MemoryFiles()
    install_factory(files, [b"factory"], "1")
    return {f"slots {name}/{k}": v for name in objects for k, v in files.durable.items()}
