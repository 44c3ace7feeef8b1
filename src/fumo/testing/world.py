"""A device and its surroundings in one process: server, depot, network, machine, all in memory.

    world = DeviceWorld()
    world.depot.files[URL] = package(b"new firmware", "2")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)
    world.run()
    assert [alert.number for alert in world.server.heard] == [200]

Everything but the ports is the real device. `live` is one life of the agent, from a start of the
machine to its next end; `run` starts it again until it has nothing to do.
"""

from collections.abc import Iterable
from hashlib import sha256

from msgspec.structs import replace

from fumo.device import fumo_object
from fumo.device.agent import Agent, Ending
from fumo.device.compose import Parts, Ports, compose
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.edges.pace import Limits
from fumo.device.ports import Circumstances, Consent, Journal, Link, UpdateAgent, User
from fumo.device.setup import Setup
from fumo.dm.auth import Account
from fumo.errors import MisuseError
from fumo.package.manifest import Manifest, build
from fumo.testing.circumstances import ScriptedCircumstances, ScriptedConsent
from fumo.testing.depot import MemoryDepot
from fumo.testing.disk import MemoryFiles
from fumo.testing.journal import MemoryJournal
from fumo.testing.machine import AtOnce, Letterbox, Listened, SeededDice, VirtualClock
from fumo.testing.network import Network
from fumo.testing.server import NAME, USER, ScriptedServer
from fumo.testing.update_agent import Environment, ScriptedUpdateAgent
from fumo.testing.user import ScriptedUser
from fumo.tree.objects import Description
from fumo.update.operation import Policy, Target
from fumo.update.view import state

MODEL = "world"
SERVER_URL = "http://127.0.0.1/dm"
URL = "http://127.0.0.1/package"
DESCRIPTION = Description("IMEI:490154203237518", mod=MODEL, server_id=NAME.name, user=USER.name)
SETUP = Setup(Account(USER, NAME), SERVER_URL, DESCRIPTION)
LIVES_MAX = 100


class Place:
    """What one FUMO object has for itself: a folder, and what boots it."""

    def __init__(self) -> None:
        """Empty, with the factory's version."""
        self.files = MemoryFiles()
        self.environment = Environment()


class DeviceWorld:
    """One device. Every part may be looked at, changed, or replaced before the next life.

    `files`, `environment`, `target` and `state` are those of the first object, Primary; `others`
    has a place for each further one.
    """

    def __init__(
        self,
        journal: Journal | None = None,
        policy: Policy | None = None,
        limits: Limits | None = None,
        seed: int = 0,
        others: Iterable[str] = (),
    ) -> None:
        """A new device that was never ordered anything. `others` names its further objects."""
        self.others = {name: Place() for name in others}
        objects = (*SETUP.objects, *self.others)
        self.setup = replace(SETUP, policy=policy or Policy(), objects=objects)
        self.limits = limits or Limits()
        self.journal: Journal = journal or MemoryJournal()
        self.files = MemoryFiles()
        self.environment = Environment()
        self.depot = MemoryDepot()
        self.server = ScriptedServer()
        self.network = Network(self.server)
        self.clock, self.dice, self.log = VirtualClock(), SeededDice(seed), Listened()
        self.pushes = Letterbox(self.clock)
        self.user: User = ScriptedUser()
        self.circumstances: Circumstances = ScriptedCircumstances()
        self.consent: Consent = ScriptedConsent()
        self.endings: list[Ending] = []

    @property
    def link(self) -> Link:
        """The way to the server."""
        return self.network

    @property
    def target(self) -> Target:
        """What the journal tells."""
        return self.target_of(self.setup.objects[0])

    @property
    def state(self) -> int:
        """The State node's value."""
        return int(state(self.target))

    def target_of(self, name: str) -> Target:
        """What the journal tells of the object of this name."""
        return self.journal.load().get(fumo_object.address(name), Target())

    def state_of(self, name: str) -> int:
        """The value of the State node of the object of this name."""
        return int(state(self.target_of(name)))

    def update_agent(self) -> UpdateAgent:
        """The update agent of the next life."""
        return ScriptedUpdateAgent(self.environment)

    def agent(self) -> Agent:
        """The agent of the next life, built from what is durable alone."""
        ports = Ports(
            journal=self.journal,
            link=self.link,
            objects=self.parts(),
            clock=self.clock,
            dice=self.dice,
            log=self.log,
            pushes=self.pushes,
            user=self.user,
            circumstances=self.circumstances,
            consent=self.consent,
        )
        return compose(self.setup, ports)

    def parts(self) -> dict[str, Parts]:
        """What each object has for the next life."""
        first = Parts(self._downloader(self.files), self.update_agent(), AtOnce())
        return {self.setup.objects[0]: first} | {
            name: Parts(
                self._downloader(place.files), ScriptedUpdateAgent(place.environment), AtOnce()
            )
            for name, place in self.others.items()
        }

    def _downloader(self, files: MemoryFiles) -> HttpDownloader:
        notify = self.depot.notify(files)
        return HttpDownloader(files, self.limits, True, self.depot.open_body, notify=notify)

    def boot(self) -> None:
        """The machine starts, before the agent does."""
        self.environment.boot()
        for place in self.others.values():
            place.environment.boot()

    def live(self) -> Ending:
        """One life, from a start of the machine to a reboot or until nothing is owed."""
        self.boot()
        self.endings.append(self.agent().run(once=True))
        return self.endings[-1]

    def run(self) -> Ending:
        """Live until no reboot is owed any more."""
        for _ in range(LIVES_MAX):
            if (ending := self.live()) is not Ending.REBOOT:
                return ending
        raise MisuseError(f"{LIVES_MAX} reboots and no end")


def package(image: bytes, version: str, model: str = MODEL) -> bytes:
    """An update package of this image."""
    manifest = Manifest(model, version, len(image), sha256(image).hexdigest())
    return b"".join(build(manifest, _whole(image)))


def _whole(image: bytes) -> Iterable[bytes]:
    yield image
