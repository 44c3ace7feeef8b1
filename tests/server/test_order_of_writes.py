"""What a reply says is on the disk before the reply leaves: seen by a second reader of the file.

Each reply of a story is read the moment it leaves, as a power cut then would find the database:
only what is committed is seen by another connection.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fumo.codes import AlertCode, Kind
from fumo.dm.alerts import told
from fumo.dm.codec import decode
from fumo.dm.message import WBXML, XML, Alert, Exec, Message, Status
from fumo.wire.exchange import Reply
from tests.server.device import Device
from tests.server.world import World


@dataclass
class Watched(World):
    """A server whose replies are compared with its file."""

    tellings: int = 0
    orders_seen: list[str] = field(default_factory=list)

    def posts(self, pairs: Sequence[tuple[Device, bytes]]) -> list[Reply]:
        replies = super().posts(pairs)
        disk = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            for (device, body), reply in zip(pairs, replies, strict=True):
                self._insist(disk, decode(body, device.media_type), reply)
        finally:
            disk.close()
        return replies

    def _insist(self, disk: sqlite3.Connection, heard: Message, reply: Reply) -> None:
        """S5, S4 and S2 for one reply."""
        stored = disk.execute("SELECT 1 FROM reply WHERE reply = ?", (reply.body,)).fetchone()
        assert stored, "a reply leaves that is not stored"
        for command in decode(reply.body, reply.media_type).commands:
            if isinstance(command, Status) and command.code == 200:
                self._insist_kept(disk, heard, command)
            if isinstance(command, Exec):
                self.orders_seen.append(str(command.correlator))
                sql = "SELECT state FROM operation WHERE correlator = ?"
                found = disk.execute(sql, (command.correlator,)).fetchall()
                assert found == [("sent",)], "an Exec leaves that is not saved as sent"

    def _insist_kept(self, disk: sqlite3.Connection, heard: Message, status: Status) -> None:
        asked = next((c for c in heard.commands if c.cmd_id == status.cmd_ref), None)
        if not isinstance(asked, Alert) or asked.code != AlertCode.GENERIC:
            return
        self.tellings += 1
        for item in told(asked):
            sql = "SELECT code FROM result JOIN operation ON id = operation_id WHERE correlator = ?"
            found = disk.execute(sql, (item.correlator,)).fetchall()
            assert found == [(item.number,)], "a Status leaves for an alert that is not saved"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    world = Watched(tmp_path / "fumo.db")
    yield world
    world.close()


@pytest.mark.clause("S02", "S03", "S07")
@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_every_reply_says_only_what_is_committed(watched: Watched, media_type: str):
    device = watched.knows(Device(media_type=media_type))
    watched.orders(device, kind=Kind.DOWNLOAD)
    device.talk(watched.post)
    device.finishes(200, "50")
    device.talk(watched.post)
    assert (watched.tellings, len(watched.orders_seen)) == (1, 1)


@pytest.mark.clause("S07")
def test_a_server_that_dies_after_its_status_still_has_the_result(watched: Watched):
    device = watched.knows(Device())
    watched.orders(device)
    device.talk(watched.post)
    device.finishes(410, "80")
    device.talk(watched.post)
    watched.restart()
    assert device.acked == [200]
    assert watched.results == [(1, 410)]
