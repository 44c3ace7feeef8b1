"""A server that is told to end: not ready first; what was begun is answered, within a bound."""

import http.client
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.device import Device
from tests.server.process import Process
from tests.server.test_vitals import becomes, got

FREE = "127.0.0.1:0"
GRACE_S = 2.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "d", FREE, FREE, "--grace", f"{GRACE_S:g}", "--log", "text")
    yield process
    process.stop()


def begun(server: Process, body: bytes) -> http.client.HTTPConnection:
    """A message of which the last byte is missing."""
    line = http.client.HTTPConnection(*server.address, timeout=20)
    line.putrequest("POST", "/dm")
    line.putheader("Content-Type", "application/vnd.syncml.dm+xml")
    line.putheader("Content-Length", str(len(body)))
    line.endheaders()
    line.send(body[:-1])
    return line


def test_it_is_not_ready_before_it_ends_and_answers_meanwhile(server: Process):
    body = Device().begin()
    assert got(server, "/readyz")[0] == 200
    began_s = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert becomes(lambda: got(server, "/readyz")[0] == 503)
    assert got(server, "/readyz")[1] == "the server is about to end\n"
    assert got(server, "/healthz")[0] == 200
    assert server.link.post(server.dm_url, body, "application/vnd.syncml.dm+xml").body
    _, said = server.process.communicate(timeout=20)
    assert GRACE_S <= time.monotonic() - began_s < GRACE_S + 6
    assert server.process.returncode == 0
    told = [line.split(" ", 1)[1] for line in said.splitlines()]
    assert told[1:] == [
        "info fumo.server: the server is about to end: not ready for 2 seconds",
        "info fumo.server: ended",
    ]


def test_a_message_that_was_begun_is_answered(tmp_path: Path):
    server = Process(tmp_path / "d")
    body = Device().begin()
    line = begun(server, body)
    server.process.send_signal(signal.SIGTERM)
    assert becomes(lambda: not listens(server))
    line.send(body[-1:])
    assert line.getresponse().status == 200
    assert server.stop() == (0, "")


def listens(server: Process) -> bool:
    try:
        return got(server, "/healthz")[0] > 0
    except OSError:
        return False


def test_the_second_signal_ends_it_at_once(server: Process):
    began_s = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert becomes(lambda: got(server, "/readyz")[0] == 503)
    server.process.send_signal(signal.SIGINT)
    server.process.wait(20)
    assert time.monotonic() - began_s < GRACE_S
    assert server.process.returncode == 0


def test_who_never_ends_a_message_does_not_hold_the_server(tmp_path: Path):
    server = Process(tmp_path / "d")
    line = begun(server, Device().begin())
    began_s = time.monotonic()
    code, _ = server.stop()
    assert (code, time.monotonic() - began_s < 10) == (0, True)
    line.close()
