"""What a reply says is on the disk before the reply leaves, and stays there when the power goes.

The stories run on a disk that remembers what was synced. Afterwards, for each reply, the database
is looked at as a power cut in the moment the reply left would have found it.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest

from fumo.codes import AlertCode, Kind
from fumo.dm.alerts import Told
from fumo.dm.alerts import told as told_in
from fumo.dm.codec import decode
from fumo.dm.message import WBXML, XML, Alert, Exec, Message, Status
from fumo.testing.disk import Damage
from fumo.wire.exchange import Reply
from tests.power.crash import Platter
from tests.power.vfs import Disk, recording
from tests.server.device import Device
from tests.server.world import World

NAME = "fumo.db"
Said: TypeAlias = tuple[int, Message, Reply]
"""How much the disk had seen when a reply left, what had been heard, and the reply."""


@dataclass
class Watched(World):
    """A server on a recorded disk."""

    disk: Disk = field(default_factory=Disk)
    said: list[Said] = field(default_factory=list)

    def posts(self, pairs: Sequence[tuple[Device, bytes]]) -> list[Reply]:
        replies = super().posts(pairs)
        for (device, body), reply in zip(pairs, replies, strict=True):
            heard = decode(body, device.media_type)
            self.said.append((len(self.disk.events), heard, reply))
        return replies


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with recording() as disk:
        world = Watched(tmp_path / NAME, disk=disk)
        yield world
        world.close()


def carried_out(world: Watched, device: Device) -> None:
    """An order, its result, and a second one that fails."""
    for result, state in ((200, "50"), (411, "20")):
        world.orders(device, kind=Kind.DOWNLOAD)
        device.talk(world.post)
        device.finishes(result, state)
        device.talk(world.post)
        device.outbox.clear()
        device.acked.clear()


def told_twice(world: Watched, device: Device) -> None:
    """The Status of an alert is lost, so the alert comes again in another session."""
    world.orders(device)
    device.talk(world.post)
    device.finishes(410, "80")
    world.post(device, device.begin())
    device.talk(world.post)
    assert device.acked == [200]


@pytest.mark.clause("S02", "S03", "S07")
@pytest.mark.parametrize("media_type", [XML, WBXML])
@pytest.mark.parametrize("story", [carried_out, told_twice])
def test_f1_f23_every_reply_says_only_what_a_power_cut_leaves(
    tmp_path: Path, watched: Watched, media_type: str, story: Callable[[Watched, Device], None]
):
    story(watched, watched.knows(Device(media_type=media_type)))
    watched.store.close()
    complaints = [
        f"reply {number}, {damage} lost: {complaint}"
        for number, damage, path, (_, heard, reply) in cuts(watched, tmp_path)
        for complaint in missing(path, heard, reply)
    ]
    assert not complaints, "\n".join(complaints)
    assert sum(acknowledges(heard, reply) for _, heard, reply in watched.said) == 2


def cuts(world: Watched, folder: Path) -> Iterator[tuple[int, Damage, Path, Said]]:
    """For each reply, what a power cut as it left would have made of the disk."""
    platter, dice, taken = Platter(), random.Random(1), 0
    for number, said in enumerate(world.said, 1):
        for event in world.disk.events[taken : said[0]]:
            platter.take(event)
        taken = said[0]
        for damage in (Damage.ALL, Damage.RANDOM):
            place = folder / f"cut{number}{damage}"
            place.mkdir()
            for name, content in platter.left(damage, dice).items():
                (place / name).write_bytes(content)
            yield number, damage, place / NAME, said


def missing(path: Path, heard: Message, reply: Reply) -> Iterator[str]:
    """S2, S4 and S5 for one reply: what it says and the disk does not hold."""
    left = sqlite3.connect(path)
    try:
        for command in decode(reply.body, reply.media_type).commands:
            if isinstance(command, Exec):
                sql = "SELECT state FROM operation WHERE correlator = ?"
                if found(left, sql, command.correlator) != [("sent",)]:
                    yield "an Exec left that is not on the disk as sent"
            elif isinstance(command, Status) and (alert := acknowledged(heard, command)):
                yield from (lost(told) for told in told_in(alert) if not kept(left, told))
        stands = found(left, "SELECT 1 FROM reply WHERE reply = ?", reply.body)
        if not stands and not refuses(reply):
            yield "a reply left that is not on the disk"
    finally:
        left.close()


def found(left: sqlite3.Connection, sql: str, value: object) -> list[tuple[object, ...]]:
    """Rows; a database that lost its tables has none."""
    try:
        return left.execute(sql, (value,)).fetchall()
    except sqlite3.OperationalError:
        return []


def kept(left: sqlite3.Connection, told: Told) -> bool:
    sql = "SELECT code FROM result JOIN operation ON id = operation_id WHERE correlator = ?"
    return found(left, sql, told.correlator) == [(told.number,)]


def lost(told: Told) -> str:
    return f"a Status left for alert {told.number}, which is not on the disk"


def acknowledged(heard: Message, status: Status) -> Alert | None:
    """The Generic Alert that this Status takes, if it does."""
    asked = next((c for c in heard.commands if c.cmd_id == status.cmd_ref), None)
    tells = isinstance(asked, Alert) and asked.code == AlertCode.GENERIC
    return asked if tells and status.code == 200 else None


def refuses(reply: Reply) -> bool:
    """A challenge, and nothing else: it follows from the message, and promises nothing."""
    commands = decode(reply.body, reply.media_type).commands
    return all(isinstance(c, Status) and c.code in (401, 407) for c in commands)


def acknowledges(heard: Message, reply: Reply) -> bool:
    commands = decode(reply.body, reply.media_type).commands
    return any(isinstance(c, Status) and acknowledged(heard, c) for c in commands)


@pytest.mark.clause("S07")
def test_an_alert_that_is_told_twice_is_counted_once(watched: Watched):
    told_twice(watched, watched.knows(Device()))
    assert watched.results == [(1, 410)]
    assert watched.matches == ["final", "repeated"]
    assert watched.tally == {"failed": 1}
