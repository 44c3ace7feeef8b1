"""A server that names its commands with words instead of numbers is understood."""

import uuid
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.edges.journal import SqliteJournal
from fumo.dm.message import Id, Sequence, Status
from fumo.testing.server import OBJECT, exec_node, get, replace_leaf
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.operation import Order
from fumo.update.record import ExecIn

DOWNLOAD = f"{OBJECT}/Download"
NAMES = [str(uuid.UUID(int=number)) for number in range(3)]

pytestmark = pytest.mark.clause("P2-08")


def test_each_named_command_is_done_and_answered_by_its_name():
    world = DeviceWorld()
    world.depot.files[URL] = package(b"image" * 500, "2")
    commands = (
        replace_leaf(f"{DOWNLOAD}/PkgURL", URL),
        exec_node(DOWNLOAD),
        get(f"{OBJECT}/State"),
    )
    named = zip(commands, NAMES, strict=True)
    world.server.says.append([Sequence(tuple(replace(c, cmd_id=name) for c, name in named))])
    world.run()
    said: dict[Id, int] = {
        command.cmd_ref: command.code
        for message in world.server.received
        for command in message.message.commands
        if isinstance(command, Status) and command.cmd_ref in NAMES
    }
    assert said == dict(zip(NAMES, (200, 202, 200), strict=True))
    assert len(world.depot.fetches) == 1
    assert len(world.server.heard) == 1


def test_the_journal_keeps_the_name_of_an_order(tmp_path: Path):
    order = Order(1, "s", "o", Kind.DOWNLOAD, "c", "1", 1, NAMES[0], "u")
    with SqliteJournal(tmp_path / "journal") as journal:
        journal.save("o", [ExecIn(order)])
    with SqliteJournal(tmp_path / "journal") as journal:
        assert [one.order for one in journal.load()["o"].operations] == [order]
