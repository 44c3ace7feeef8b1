"""A device that does not poll is woken over UDP, updates and reports: real processes, real losses.

A wire of ours stands between the server and the device, which can lose datagrams or keep them.
"""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from fumo.cli.group import fumo
from tests.device.test_process import heard, start
from tests.journeys.test_killed_download import write_package
from tests.server.process import FREE, Process

SECRETS = ("--user", "u1", "--password", "p1", "--server-password", "s1")
WAIT_S = 40.0
SENDERS = "[senders]\nattempts = 20\nwait_s = 0.3\n"


class Wire:
    """Between a server and a device: loses the first `loses` datagrams, and keeps all it saw."""

    def __init__(self, to: int, loses: int = 0) -> None:
        self.seen: list[bytes] = []
        self._to, self.loses = ("127.0.0.1", to), loses
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def waits(self, number: int) -> list[bytes]:
        """So many, once they were sent."""
        until(lambda: len(self.seen) >= number)
        return self.seen

    def close(self) -> None:
        self._socket.close()

    def _run(self) -> None:
        try:
            while True:
                datagram = self._socket.recv(2048)
                self.seen.append(datagram)
                if len(self.seen) > self.loses:
                    self._socket.sendto(datagram, self._to)
        except OSError:
            return


def until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end_s, "it does not come to that"
        time.sleep(0.05)


class Home:
    """A server with a package, and a device that came once and sleeps."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, folder / "fumo.toml"
        self.config.write_text(SENDERS)
        self.serves()
        self.says("devices", "add", "IMEI:1", *SECRETS)
        write_package(folder / "p", 1 << 20)
        added = ("--name", "fw", "--version", "2")
        self.says("package", "add", str(folder / "p"), *added)
        self.device = self.sleeps()
        self.push_port = int(heard(self.device, "Listens")["port"])
        heard(self.device, "Idle")

    def serves(self, listen: str = FREE) -> None:
        more = ("--config", str(self.config))
        self.server = Process(self.folder / "data", listen, FREE, *more)

    def says(self, *words: str) -> str:
        done = CliRunner().invoke(fumo, [*words, "--data", str(self.server.data)])
        assert done.exit_code == 0, done.output
        return done.output

    def sleeps(self) -> subprocess.Popen[str]:
        where = ["--state", str(self.folder / "state"), "--slots", str(self.folder / "slots")]
        rhythm = ["--poll", "90000", "--push", "127.0.0.1:0", "--push-gap", "0.2", "--log", "text"]
        account = ["--server", self.server.dm_url, "--id", "IMEI:1", *SECRETS]
        return start(["run", *account, *where, *rhythm])

    def orders(self, wire: Wire) -> None:
        self.says("devices", "mark", "IMEI:1", "--set", f"wake=udp:127.0.0.1:{wire.port}")
        ordered = ("--package", "fw@2", "--device", "IMEI:1", "--operation", "downloadandupdate")
        self.says("campaign", "create", *ordered, "--wake")

    def state(self) -> str:
        told = json.loads(self.says("operations", "list", "--output", "json"))
        return str(told[0]["state"])

    def contacts(self) -> list[str]:
        told = json.loads(self.says("devices", "contacts", "--oldest-first", "--output", "json"))
        return [one["contact"]["kind"] for one in told]

    def ends(self) -> None:
        self.device.terminate()
        self.device.communicate(timeout=20)
        self.server.stop()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    one = Home(tmp_path)
    yield one
    one.ends()


@pytest.mark.clause("C-NOT", "S-NOT")
@pytest.mark.parametrize("lost", [0, 2])
def test_a_sleeping_device_is_woken_updates_and_reports(home: Home, lost: int):
    wire = Wire(home.push_port, loses=lost)
    home.orders(wire)
    until(lambda: home.state() == "succeeded")
    assert len(wire.seen) >= lost + 1
    told = home.contacts()
    begins = told[: told.index("came")]
    assert len(begins) > lost  # the next one may leave before it has come
    assert set(begins) == {"asked"}
    wire.close()


@pytest.mark.clause("C-NOT", "S-NOT")
def test_a_server_that_is_killed_while_it_wakes_gives_no_session_id_twice(home: Home):
    wire = Wire(home.push_port, loses=10_000)
    home.orders(wire)
    wire.waits(2)
    listen = home.server.listen
    home.server.kill()  # what it saved last may have left or not
    before = len(wire.seen)
    home.serves(listen)
    wire.waits(before + 1)
    wire.loses = 0
    until(lambda: home.state() == "succeeded")
    attempts = home.contacts().count("asked")
    assert attempts >= len(set(wire.seen))
    asked = json.loads(home.says("devices", "contacts", "--oldest-first", "--output", "json"))
    ids = [one["contact"]["session_id"] for one in asked if one["contact"]["kind"] == "asked"]
    assert ids == sorted(ids)
    assert all(ids.count(one) <= 4 for one in ids)
    wire.close()
