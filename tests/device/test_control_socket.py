"""The control socket: who may ask, what is answered, and what nobody can do to the loop by it."""

import json
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fumo.cli.device_control import ask
from fumo.device.control import (
    Cancel,
    Check,
    Defer,
    ObjectStanding,
    Said,
    SessionStanding,
    Standing,
)
from fumo.device.edges.control_socket import ASKERS_MAX, LINE_BYTES_MAX, ControlSocket

NOW_S = 100.0
NOBODY = 65534  # a user who owns nothing
STANDING = Standing(
    SessionStanding(False, NOW_S + 42.04, 3, "done"),
    (ObjectStanding("Primary", 10, "IDLE", waits="back-off", wait_until_s=NOW_S + 5),),
)


class Loop:
    """Stands for the agent's loop: wakes when something is asked, and answers it."""

    def __init__(self, path: Path) -> None:
        self.news = threading.Event()
        about = {"device": "IMEI:1"}
        self.control = ControlSocket(str(path), self.news.set, lambda: NOW_S, about)

    def answers(self, said: Said) -> list[Any]:
        """What was asked until it was woken; each is answered so."""
        assert self.news.wait(5)
        self.news.clear()
        asked = self.control.take()
        for one in asked:
            one.answer(said)
        return [one.command for one in asked]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control"


@pytest.fixture
def loop(path: Path) -> Iterator[Loop]:
    made = Loop(path)
    with made.control:
        yield made


def asks(path: Path, command: dict[str, Any]) -> tuple[threading.Thread, list[dict[str, Any]]]:
    """Somebody who asks, in a thread of his own, and where his answer will be."""
    heard: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: heard.append(ask(str(path), command)))
    thread.start()
    return thread, heard


def test_a_status_is_answered_without_the_loop_and_in_seconds_from_now(loop: Loop, path: Path):
    assert ask(str(path), {"do": "status"}) == {"ok": False, "text": "the agent is starting"}
    loop.control.stands(STANDING)
    told = ask(str(path), {"do": "status"})["standing"]
    assert told["device"] == "IMEI:1"
    session = {"now": False, "next_in_s": 42.0, "count": 3, "last": "done", "answer": None}
    assert told["session"] == session
    assert (told["objects"][0]["waits"], told["objects"][0]["waits_s"]) == ("back-off", 5.0)
    assert not loop.news.is_set()


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ({"do": "check"}, Check()),
        ({"do": "cancel", "object": None}, Cancel()),
        ({"do": "cancel", "object": "Radio"}, Cancel("Radio")),
        ({"do": "defer", "seconds": 60}, Defer(seconds=60.0)),
    ],
)
def test_a_command_is_a_value_that_the_loop_takes_and_answers(
    loop: Loop, path: Path, words: dict[str, Any], command: Any
):
    thread, heard = asks(path, words)
    assert loop.answers(Said(True, "as you wish")) == [command]
    thread.join(5)
    assert heard == [{"ok": True, "text": "as you wish"}]
    assert loop.control.take() == []


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"hello", b"[]", b'{"do":"reboot"}', b'{"do":"defer","seconds":"x"}', b"\xff"),
        *(b'{"do":"\xff"}', b'{"do":"check","x":' + b"[" * 3000),
    ],
)
def test_what_is_no_command_is_told_so_and_reaches_nobody(loop: Loop, path: Path, line: bytes):
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
        caller.sendall(line + b"\n")
        answer = json.loads(caller.makefile().readline())
    assert answer["ok"] is False
    assert answer["text"].startswith("no command: ")
    assert not loop.news.is_set()


def test_a_line_without_an_end_is_cut(loop: Loop, path: Path):
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
        caller.sendall(b"x" * (LINE_BYTES_MAX + 1))
        assert json.loads(caller.makefile().readline())["ok"] is False


def test_many_who_say_nothing_keep_nobody_else_out_for_long(loop: Loop, path: Path):
    loop.control.stands(STANDING)
    silent = [socket.socket(socket.AF_UNIX) for _ in range(ASKERS_MAX)]
    for caller in silent:
        caller.connect(str(path))
    time.sleep(0.1)
    assert ask(str(path), {"do": "status"}) == {"ok": False, "text": "too many ask at once"}
    for caller in silent:
        caller.close()
    end_s = time.monotonic() + 5
    while not ask(str(path), {"do": "status"})["ok"] and time.monotonic() < end_s:
        time.sleep(0.05)
    assert ask(str(path), {"do": "status"})["ok"]


def test_a_socket_that_a_killed_agent_left_is_taken_over(path: Path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    loop = Loop(path)
    with loop.control:
        loop.control.stands(STANDING)
        assert ask(str(path), {"do": "status"})["ok"]
    assert not path.exists()


def test_a_place_that_somebody_uses_is_not_taken(loop: Loop, path: Path):
    with pytest.raises(OSError, match="control: another agent answers there"):
        Loop(path)
    loop.control.stands(STANDING)
    assert ask(str(path), {"do": "status"})["ok"]


def test_a_place_that_is_none_is_told_with_its_setting(tmp_path: Path):
    (tmp_path / "file").write_text("precious")
    for path, why in (
        (tmp_path / "file", "something is there, and it is no socket"),
        (tmp_path / "no" / "folder", "No such file or directory"),
        (tmp_path / ("x" * 120), "a path of more than 107 bytes"),
    ):
        with pytest.raises(OSError, match=f"control.socket: .*{why}"):
            Loop(path)
    assert (tmp_path / "file").read_text() == "precious"


@contextmanager
def nobody() -> Iterator[None]:
    """Root may do anything, so it is somebody else for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_folder_that_is_not_ours_is_told_with_its_setting(tmp_path: Path):
    tmp_path.chmod(0o500)
    with nobody(), pytest.raises(OSError, match=r"control.socket: .*Permission denied"):
        Loop(tmp_path / "control")


def test_somebody_else_is_not_heard(loop: Loop, path: Path):
    if os.geteuid() == 0:
        with nobody(), pytest.raises(OSError, match="Permission denied"):
            ask(str(path), {"do": "status"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
