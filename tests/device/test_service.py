"""What a service manager hears of us: a real socket stands for systemd's."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.device.control import ObjectStanding, OperationStanding, SessionStanding, Standing
from fumo.device.edges.news_clock import NewsClock
from fumo.device.edges.service import Service
from fumo.device.standing import in_a_line
from tests.device.test_process import Served, served, start, words

__all__ = ["served"]

PID = 4711


class Manager:
    """Listens where NOTIFY_SOCKET says."""

    def __init__(self, place: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{place[1:]}" if place.startswith("@") else place)
        self._socket.settimeout(15)
        self.place = place

    def heard(self) -> str:
        return self._socket.recv(4096).decode()

    def silent(self) -> bool:
        self._socket.setblocking(False)
        try:
            self._socket.recv(4096)
        except BlockingIOError:
            return True
        finally:
            self._socket.settimeout(15)
        return False

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    name = f"@fumo-{id(request)}" if request.param == "abstract" else str(tmp_path / "notify")
    made = Manager(name)
    yield made
    made.close()


def test_a_service_says_that_it_is_ready_alive_and_stopping(manager: Manager):
    service = Service({"NOTIFY_SOCKET": manager.place, "WATCHDOG_USEC": "3000000"}, PID)
    service.ready()
    service.alive()
    service.stopping()
    assert [manager.heard() for _ in range(3)] == ["READY=1", "WATCHDOG=1", "STOPPING=1"]
    assert service.beat_s == 1.0


def test_what_it_is_at_is_said_once_and_in_one_line(manager: Manager):
    service = Service({"NOTIFY_SOCKET": manager.place}, PID)
    service.at("downloads\nREADY=1")
    service.at("downloads\nREADY=1")
    assert manager.heard() == "STATUS=downloads READY=1"
    assert manager.silent()


def test_a_watchdog_that_is_not_meant_for_us_is_not_fed(manager: Manager):
    meant = {"NOTIFY_SOCKET": manager.place, "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}
    service = Service(meant, PID)
    service.alive()
    assert (service.beat_s, manager.silent()) == (None, True)
    odd = {"NOTIFY_SOCKET": manager.place, "WATCHDOG_USEC": "soon"}
    assert Service(odd, PID).beat_s is None


def test_without_a_manager_and_with_one_that_is_gone_nothing_happens(tmp_path: Path):
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "nobody")}):
        service = Service(environment, PID)
        service.ready()
        service.at("all is well")


@pytest.mark.parametrize("manager", ["file"], indirect=True)
def test_a_device_process_is_a_service(manager: Manager, served: Served, tmp_path: Path):
    mine = {"NOTIFY_SOCKET": manager.place, "WATCHDOG_USEC": "600000"}
    with start(words(f"{served.url}/dm", tmp_path, "--poll", "3600"), mine) as process:
        told = {manager.heard() for _ in range(30)}
        assert told == {"READY=1", "WATCHDOG=1", "STATUS=Primary idle (10)"}
        process.terminate()
        while (last := manager.heard()) == "WATCHDOG=1":
            pass
        assert last == "STOPPING=1"
        if process.stderr:
            process.stderr.read()
    assert process.returncode == 0


def test_how_objects_stand_in_a_line():
    download = OperationStanding(1, "Download", None, "download", 1, 8, 4, 16)
    standing = Standing(
        SessionStanding(False, 0.0),
        (
            ObjectStanding("Primary", 30, "DOWNLOAD_PROGRESSING", download),
            ObjectStanding("Radio", 50, "READY_TO_UPDATE", waits="install: on battery"),
        ),
    )
    assert in_a_line(standing) == (
        "Primary download progressing (30), 25 %; "
        "Radio ready to update (50), waits: install: on battery"
    )


def test_a_long_sleep_is_full_of_signs_of_life_and_ends_early_for_news():
    beats: list[float] = []
    clock = NewsClock(lambda: beats.append(time.monotonic()), 0.01)
    clock.sleep(0.1)
    assert len(beats) >= 5
    began_s = time.monotonic()
    threading.Timer(0.05, clock.wake).start()
    clock.sleep(60)
    assert time.monotonic() - began_s < 5


def test_a_sleep_is_not_longer_for_its_beats():
    clock = NewsClock(lambda: None, 0.02)
    began_s = time.monotonic()
    clock.sleep(0.05)
    assert 0.04 <= time.monotonic() - began_s < 2
