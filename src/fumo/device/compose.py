"""An agent out of its ports: the one place where the loop, sessions and work are put together."""

from dataclasses import dataclass

from fumo.device.agent import Agent
from fumo.device.answering import Answering
from fumo.device.conversation import Conversation
from fumo.device.memory import Memory
from fumo.device.ports import (
    Aside,
    Clock,
    Dice,
    Downloader,
    Journal,
    Link,
    Log,
    UpdateAgent,
)
from fumo.device.setup import Setup
from fumo.device.work import Work


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


def compose(setup: Setup, ports: Ports) -> Agent:
    """One life of the agent; reads the journal and counts a boot."""
    log, dice, clock = ports.log, ports.dice, ports.clock
    memory = Memory(ports.journal, setup.policy, log)
    answering = Answering(setup, memory, ports.downloader)
    work = Work(memory, ports.downloader, ports.update_agent, ports.aside, clock, dice, log)

    def converse() -> Conversation:
        return Conversation(setup, memory, answering, ports.link, dice, log)

    return Agent(memory, work, converse, clock, dice, setup.rhythm, log)
