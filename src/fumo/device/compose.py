"""An agent out of its ports: the one place where the loop, sessions and work are put together."""

from dataclasses import dataclass

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
class Ports:
    """Everything of the world that an agent touches."""

    journal: Journal
    link: Link
    downloader: Downloader
    update_agent: UpdateAgent
    aside: Aside
    clock: Clock
    dice: Dice
    log: Log
    pushes: Pushes = SILENCE
    user: User = NOBODY


def compose(setup: Setup, ports: Ports) -> Agent:
    """One life of the agent; reads the journal and counts a boot."""
    log, dice, clock = ports.log, ports.dice, ports.clock
    memory = Memory(ports.journal, setup.policy, log)
    nodes = Nodes(setup, memory, ports.downloader)
    nodes.settles()
    answering = Answering(setup, memory, nodes, ports.user)
    work = Work(memory, ports.downloader, ports.update_agent, ports.aside, clock, dice, log)

    notices = Notices(setup, ports.journal, ports.pushes, ports.user, clock, dice, log)

    def converse(notice: Notice | None) -> Conversation:
        return Conversation(setup, memory, answering, ports.link, dice, log, notice, clock.now_s)

    return Agent(memory, work, converse, notices, clock, dice, setup.rhythm, log)
