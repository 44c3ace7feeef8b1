"""What a reply says is on the disk before the reply leaves, and stays there when the power goes.

The stories run on a disk that remembers what was synced. Afterwards, for each reply, the database
is looked at as a power cut in the moment the reply left would have found it.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fumo.codes import AlertCode, Kind
from fumo.dm.alerts import told
from fumo.dm.codec import decode
from fumo.dm.message import WBXML, XML, Alert, Exec, Message, Status
from fumo.testing.disk import Damage
from fumo.wire.exchange import Reply
from tests.power.crash import Platter
from tests.power.vfs import Disk, recording
from tests.server.device import Device
from tests.server.world import World

NAME = "fumo.db"


@dataclass
class Watched(World):
    """A server on a recorded disk; `said` holds, for each reply, how much the disk had seen."""

    disk: Disk = field(default_factory=Disk)
    said: list[tuple[int, Message, Reply]] = field(default_factory=list)

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
def test_every_reply_says_only_what_a_power_cut_leaves(
    tmp_path: Path, watched: Watched, media_type: str, story: Callable[[Watched, Device], None]
):
    story(watched, watched.knows(Device(media_type=media_type)))
    watched.store.close()
    platter, dice, taken, tellings = Platter(), random.Random(1), 0, 0
    for number, (events, heard, reply) in enumerate(watched.said):
        for event in watched.disk.events[taken:events]:
            platter.take(event)
        taken = events
        for damage in (Damage.ALL, Damage.RANDOM):
            place = tmp_path / f"cut{number}{damage}"
            place.mkdir()
            for name, content in platter.left(damage, dice).items():
                (place / name).write_bytes(content)
            tellings += insist(place / NAME, heard, reply)
    assert tellings >= 4


def insist(path: Path, heard: Message, reply: Reply) -> int:
    """S5, S4 and S2 for one reply; how many alerts it acknowledged."""
    left = sqlite3.connect(path)
    try:
        stored = left.execute("SELECT 1 FROM reply WHERE reply = ?", (reply.body,)).fetchone()
        assert stored, "a reply left that is not stored"
        return sum(kept(left, heard, c) for c in decode(reply.body, reply.media_type).commands)
    finally:
        left.close()


def kept(left: sqlite3.Connection, heard: Message, command: object) -> int:
    """Is what this command of a reply says on the disk? 1 if it acknowledged an alert."""
    if isinstance(command, Exec):
        sql = "SELECT state FROM operation WHERE correlator = ?"
        found = left.execute(sql, (command.correlator,)).fetchall()
        assert found == [("sent",)], "an Exec left that is not saved as sent"
    if not isinstance(command, Status) or command.code != 200:
        return 0
    asked = next((c for c in heard.commands if c.cmd_id == command.cmd_ref), None)
    if not isinstance(asked, Alert) or asked.code != AlertCode.GENERIC:
        return 0
    for item in told(asked):
        sql = "SELECT code FROM result JOIN operation ON id = operation_id WHERE correlator = ?"
        found = left.execute(sql, (item.correlator,)).fetchall()
        assert found == [(item.number,)], "a Status left for an alert that is not on the disk"
    return 1


@pytest.mark.clause("S07")
def test_an_alert_that_is_told_twice_is_counted_once(watched: Watched):
    told_twice(watched, watched.knows(Device()))
    assert watched.results == [(1, 410)]
    assert watched.matches == ["final", "repeated"]
    assert watched.tally == {"failed": 1}
