"""An agent out of its ports: the one place where the loop, sessions and work are put together."""

from collections.abc import Mapping
from dataclasses import dataclass

from fumo.device import fumo_object
from fumo.device.agent import Agent
from fumo.device.answering import Answering
from fumo.device.asking import Request
from fumo.device.checks import Checks
from fumo.device.control import NO_CONTROLS, Controls
from fumo.device.conversation import Conversation
from fumo.device.gatekeeper import Gatekeeper
from fumo.device.health import Contact, HealthGate
from fumo.device.memory import Memory
from fumo.device.nodes import Nodes
from fumo.device.notices import Notice, Notices
from fumo.device.operating import Operating
from fumo.device.ports import (
    Aside,
    Circumstances,
    Clock,
    Consent,
    Dice,
    Downloader,
    Journal,
    Link,
    Log,
    Pushes,
    UpdateAgent,
    User,
)
from fumo.device.setup import Setup
from fumo.device.wishing import Wishes
from fumo.device.work import Work, in_turn
from fumo.device.works import Works
from fumo.dm.ui import Question, Reply, Said
from fumo.update.conditions import Conditions


class Silence:
    """Implements `Pushes` where nobody listens."""

    def take(self) -> tuple[bytes, ...]:
        """Nothing came."""
        return ()


SILENCE = Silence()


class Nobody:
    """Implements `User` where nobody is: whoever asks is told that this is not supported (406)."""

    def ask(self, question: Question) -> Reply:
        """There is nobody."""
        return Said.NOBODY


NOBODY = Nobody()


class Unseen:
    """Implements `Circumstances` where nobody looks: gates that ask for anything stay shut."""

    def look(self) -> Conditions:
        """Nothing is known."""
        return Conditions()


UNSEEN = Unseen()


class Unasked:
    """Implements `Consent` where nobody can be asked: an answer can come from elsewhere only."""

    def answer(self, request: Request) -> None:
        """Nobody said anything."""
        return None


UNASKED = Unasked()


@dataclass(frozen=True)
class Parts:
    """What carries out the operations of one FUMO object. No two objects share a folder."""

    downloader: Downloader
    update_agent: UpdateAgent
    aside: Aside

    @property
    def all(self) -> tuple[Downloader, UpdateAgent, Aside]:
        """In the order in which `Work` takes them."""
        return self.downloader, self.update_agent, self.aside


@dataclass(frozen=True)
class Ports:
    """Everything of the world that an agent touches. `objects` has a row for each of the setup."""

    journal: Journal
    link: Link
    objects: Mapping[str, Parts]
    clock: Clock
    dice: Dice
    log: Log
    pushes: Pushes = SILENCE
    user: User = NOBODY
    circumstances: Circumstances = UNSEEN
    consent: Consent = UNASKED
    controls: Controls = NO_CONTROLS


def compose(setup: Setup, ports: Ports) -> Agent:
    """One life of the agent; reads the journal and counts a boot."""
    log, dice, clock = ports.log, ports.dice, ports.clock
    objects = {fumo_object.address(name): ports.objects[name] for name in setup.objects}
    memory = Memory(ports.journal, objects, setup.policy, log)
    nodes = Nodes(setup, memory, {uri: parts.downloader for uri, parts in objects.items()})
    nodes.settles()
    answering = Answering(setup, memory, nodes, ports.user)
    around = (ports.circumstances, ports.consent, clock, log)
    keepers = {uri: Gatekeeper(uri, setup.gates, *around) for uri in objects}
    contact = Contact()
    works = {
        uri: Work(uri, memory, *parts.all, clock, dice, log, in_turn(health, keepers[uri]))
        for uri, parts in objects.items()
        for health in [HealthGate(setup.health, contact, clock, log)]
    }
    wishes = Wishes(memory, setup.gates, works, keepers, log)

    notices = Notices(setup, ports.journal, ports.pushes, ports.user, clock, dice, log)

    checks = Checks(log)

    def converse(notice: Notice | None) -> Conversation:
        way = (ports.link, dice, log, clock.now_s, checks)
        conversation = Conversation(setup, memory, answering, *way, notice)
        contact.watches(conversation)
        return conversation

    together = Works(list(works.values()))
    names = {fumo_object.address(name): name for name in setup.objects}
    operating = Operating(names, memory, together, wishes, ports.controls, setup.policy)
    loop = (memory, together, converse, notices)
    return Agent(*loop, clock, dice, setup.rhythm, log, wishes, checks, operating)
