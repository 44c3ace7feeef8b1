"""The depot beside `fumo serve`: killed, it comes back on its port, and ends with the server."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fumo.cli.depot_process import Depot
from fumo.cli.place import Place
from fumo.server.main import Folder

PATIENCE_S = 20.0


def until(true: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.05)


def answers(url: str) -> bool:
    host, _, port = url.removeprefix("http://").rstrip("/").rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1) as line:
            line.sendall(b"GET /nothing HTTP/1.1\r\nHost: depot\r\nConnection: close\r\n\r\n")
            return line.recv(12).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


@pytest.fixture
def depot(tmp_path: Path):
    told: list[str] = []
    running = Depot(Folder(tmp_path), Place("127.0.0.1", 0), told.append)
    yield running, told
    running.stop()


def test_a_depot_that_is_killed_serves_again_at_the_same_address(depot: tuple[Depot, list[str]]):
    running, told = depot
    assert answers(running.url)
    running.process.kill()
    until(lambda: bool(told))
    until(lambda: answers(running.url))
    assert told == ["the depot ended with code -9: it is started again"]


def test_a_stopped_depot_stays_away(depot: tuple[Depot, list[str]]):
    running, told = depot
    running.stop()
    assert not answers(running.url)
    assert told == []
