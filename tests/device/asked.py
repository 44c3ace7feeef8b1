"""A device's answers to what a server says in one message, without session and network."""

from msgspec.structs import replace

from fumo.device.answering import Answering
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.memory import Memory
from fumo.device.nodes import Nodes
from fumo.device.ports import Journal
from fumo.device.setup import Setup
from fumo.dm.message import Atomic, Command, Item, Location, Meta, Sequence, name_of
from fumo.dm.session import Answer, Asked, Ref
from fumo.dm.ui import Reply
from fumo.testing.journal import MemoryJournal
from fumo.testing.machine import Listened
from fumo.testing.server import NAME, OBJECT
from fumo.testing.user import ScriptedUser
from fumo.testing.world import SETUP, DeviceWorld
from fumo.tree.node import Tree
from fumo.update.operation import Policy, Target


class Device:
    """The answering part of one life of a device; `journal` outlives it."""

    def __init__(self, *replies: Reply, journal: Journal | None = None, setup: Setup = SETUP):
        self.journal = journal or MemoryJournal()
        self.user = ScriptedUser(*replies)
        self.world = DeviceWorld(self.journal)
        self._memory = Memory(self.journal, (OBJECT,), Policy(), Listened())
        files, limits, fetch = self.world.files, self.world.limits, self.world.depot.open_body
        downloader = HttpDownloader(files, limits, True, fetch)
        self._nodes = Nodes(setup, self._memory, {OBJECT: downloader})
        self._nodes.settles()
        self.answering = Answering(setup, self._memory, self._nodes, self.user)
        self._message = 0

    @property
    def tree(self) -> Tree:
        """The tree that this life sees."""
        return self._nodes.tree()

    @property
    def target(self) -> Target:
        """What is durable of the object."""
        return self.journal.load().get(OBJECT, Target())

    def again(self, server_id: str = NAME.name) -> "Device":
        """The next life, built from what is durable; perhaps it has another server by then."""
        description = replace(SETUP.description, server_id=server_id)
        return Device(journal=self.journal, setup=replace(SETUP, description=description))

    def answers(self, *commands: Command) -> list[Answer]:
        """All commands in one message, numbered in the order in which they stand there."""
        self._message += 1
        given: list[Answer] = []
        number = 1
        for command in commands:
            one, number = _numbered(command, number)
            ref = Ref(self._message, one.cmd_id, name_of(one))
            given += self.answering.answer("1", Asked(ref, one))
        return given

    def codes(self, *commands: Command) -> list[int]:
        """The codes of all Statuses, in the order of their commands."""
        given = self.answers(*commands)
        assert [a.ref.cmd_id for a in given] == sorted(a.ref.cmd_id for a in given)
        return [int(answer.code) for answer in given]


def item(uri: str, data: str | bytes | None = None, format_: str | None = None) -> Item:
    """One Item on a node."""
    return Item(Location(uri), meta=Meta(format_) if format_ else None, data=data)


def _numbered(command: Command, number: int) -> tuple[Command, int]:
    command = replace(command, cmd_id=number)
    number += 1
    if isinstance(command, Atomic | Sequence):
        inner: list[Command] = []
        for one in command.commands:
            done, number = _numbered(one, number)
            inner.append(done)
        command = replace(command, commands=tuple(inner))
    return command, number
