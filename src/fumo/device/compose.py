"""An agent out of its ports: the one place where the loop, sessions and work are put together."""

from collections.abc import Mapping
from dataclasses import dataclass

from fumo.device import fumo_object
from fumo.device.agent import Agent
from fumo.device.answering import Answering
from fumo.device.conversation import Conversation
from fumo.device.memory import Memory
from fumo.device.nodes import Nodes
from fumo.device.notices import Notice, Notices
from fumo.device.ports import (
    Aside,
    Clock,
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
from fumo.device.work import Work
from fumo.device.works import Works
from fumo.dm.ui import Question, Reply, Said


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


@dataclass(frozen=True)
class Parts:
    """What carries out the operations of one FUMO object. No two objects share a folder."""

    downloader: Downloader
    update_agent: UpdateAgent
    aside: Aside


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


def compose(setup: Setup, ports: Ports) -> Agent:
    """One life of the agent; reads the journal and counts a boot."""
    log, dice, clock = ports.log, ports.dice, ports.clock
    objects = {fumo_object.address(name): ports.objects[name] for name in setup.objects}
    memory = Memory(ports.journal, objects, setup.policy, log)
    nodes = Nodes(setup, memory, {uri: parts.downloader for uri, parts in objects.items()})
    nodes.settles()
    answering = Answering(setup, memory, nodes, ports.user)
    works = [
        Work(uri, memory, parts.downloader, parts.update_agent, parts.aside, clock, dice, log)
        for uri, parts in objects.items()
    ]

    notices = Notices(setup, ports.journal, ports.pushes, ports.user, clock, dice, log)

    def converse(notice: Notice | None) -> Conversation:
        return Conversation(setup, memory, answering, ports.link, dice, log, clock.now_s, notice)

    return Agent(memory, Works(works), converse, notices, clock, dice, setup.rhythm, log)
