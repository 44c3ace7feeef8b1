"""A real device process, asked and told from beside it, as its owner does it."""

import contextlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fumo.cli.device import light_main
from fumo.cli.device_control import ask, is_over
from fumo.codes import Kind
from fumo.testing.world import package
from tests.device.test_process import Served, heard, served, start, words

__all__ = ["served"]

WAIT_S = 15.0


class Owner:
    """Sits at the device, whose process runs."""

    def __init__(self, process: subprocess.Popen[str], socket: Path) -> None:
        self.process, self.socket = process, socket

    def says(self, *command: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = light_main([*command, "--socket", str(self.socket)])
        return code, out.getvalue(), err.getvalue()

    def sees(self) -> dict[str, Any]:
        code, out, err = self.says("status", "-o", "json")
        assert code == 0, err
        told: dict[str, Any] = json.loads(out)
        return told


@pytest.fixture
def owner(served: Served, tmp_path: Path) -> Iterator[Owner]:
    """Of a device that holds a session at its start, and the next one in an hour."""
    socket = tmp_path / "control"
    line = words(f"{served.url}/dm", tmp_path, "--socket", str(socket), "--poll", "3600")
    with start(line) as process:
        heard(process, "Idle")
        yield Owner(process, socket)
        process.terminate()
        if process.stderr:
            process.stderr.read()


def test_a_status_for_people_and_for_programs(owner: Owner, served: Served):
    code, out, err = owner.says("status")
    assert (code, err) == (0, "")
    device, session, primary = out.splitlines()
    assert device == f"device   IMEI:1 at {served.url}/dm"
    assert session.startswith("session  the next in ")
    assert session.endswith(" min; the last: done")
    assert primary == "Primary  idle (10)"
    told = owner.sees()
    assert told["session"].pop("next_in_s") > 3000
    assert told.pop("life") == 1
    assert told == {
        "device": "IMEI:1",
        "server": f"{served.url}/dm",
        "session": {"now": False, "count": 1, "last": "done", "answer": None},
        "objects": [
            {
                "name": "Primary",
                "state": 10,
                "state_name": "IDLE",
                "operation": None,
                "waits": "",
                "waits_s": 0.0,
                "result": None,
                "reported": True,
            }
        ],
    }


def test_a_check_is_a_session_now(owner: Owner, served: Served):
    served.dm.asks_state()
    assert owner.says("check", "--wait") == (
        0,
        "a session with the server begins\nthe session is over: done\n"
        "the server's answer: 200, an update follows in this session\n",
        "",
    )
    assert served.dm.states == [10]
    assert owner.sees()["session"]["count"] == 2


def test_what_goes_on_is_seen_while_it_goes_on(owner: Owner, served: Served):
    served.dm.orders(Kind.DOWNLOAD, "http://127.0.0.1:1/nobody")
    assert owner.says("check")[0] == 0
    end_s = time.monotonic() + WAIT_S
    while (told := owner.sees()["objects"][0])["result"] is None and time.monotonic() < end_s:
        operation = told["operation"]
    assert (operation["kind"], operation["phase"], operation["attempts_max"]) == (
        "Download",
        "download",
        8,
    )
    assert (told["state"], told["result"]) == (20, 412)


def test_an_update_is_seen_by_its_owner_after_the_agent_started_anew(owner: Owner, served: Served):
    served.files["/p"] = package(b"new" * 1000, "2", model="fumo-device")
    served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{served.url}/p")
    owner.says("check")
    heard(owner.process, "AlertAcknowledged")
    heard(owner.process, "Idle")
    told = owner.sees()["objects"][0]
    assert (told["state"], told["result"], told["reported"]) == (100, 200, True)
    assert "update successful no data (100), result 200" in owner.says("status")[1]


@pytest.fixture
def asked(served: Served, tmp_path: Path) -> Iterator[Owner]:
    """The owner of a device that waits for a word: an update was ordered."""
    served.files["/p"] = package(b"new" * 1000, "2", model="fumo-device")
    served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{served.url}/p")
    socket = tmp_path / "control"
    consent = ["--set", "gates.download.consent=true", "--set", "gates.download.deferrals=1"]
    line = words(f"{served.url}/dm", tmp_path, "--socket", str(socket), "--poll", "3600", *consent)
    with start(line) as process:
        heard(process, "GateShut")
        heard(process, "SessionEnds")
        yield Owner(process, socket)
        process.terminate()
        if process.stderr:
            process.stderr.read()


def test_an_update_waits_for_its_owner_who_agrees(asked: Owner, served: Served):
    primary = asked.sees()["objects"][0]
    assert (primary["state"], primary["waits"]) == (30, "download: nobody has agreed yet")
    told = asked.says("status")[1].splitlines()
    assert told[2:4] == [
        "Primary  download progressing (30)",
        "  operation 1, downloadandupdate",
    ]
    assert told[4].startswith("  waits: download: nobody has agreed yet, ")
    assert served.fetched == []
    assert asked.says("agree") == (0, "agreed\n", "")
    heard(asked.process, "AlertAcknowledged")
    assert [alert.number for alert in served.dm.heard] == [200]


def test_an_update_is_put_off_as_often_as_its_gate_allows(asked: Owner, served: Served):
    assert asked.says("defer", "--for", "8h") == (0, "put off\n", "")
    refused = "it was put off 1 times: that is all there is\n"
    assert asked.says("defer", "--object", "Primary") == (1, "", refused)
    end_s = time.monotonic() + WAIT_S
    while "put off for" not in asked.sees()["objects"][0]["waits"] and time.monotonic() < end_s:
        time.sleep(0.05)
    assert "put off for 28" in asked.sees()["objects"][0]["waits"]
    assert served.fetched == []


def test_an_update_that_its_owner_does_not_want_ends_with_401(asked: Owner, served: Served):
    assert asked.says("cancel") == (0, "it ends\n", "")
    heard(asked.process, "AlertAcknowledged")
    assert [alert.number for alert in served.dm.heard] == [401]
    assert served.fetched == []
    assert asked.says("cancel") == (1, "", "no operation goes on\n")


@pytest.mark.parametrize("do", ["cancel", "defer", "agree"])
def test_a_wish_that_is_heard_late_does_nothing_to_the_next_operation(asked: Owner, do: str):
    seen = asked.sees()["objects"][0]["operation"]["id"]
    told = ask(str(asked.socket), {"do": do, "operation": seen - 1})
    assert told == {"ok": False, "text": f"operation {seen - 1} does not go on any more"}
    assert asked.sees()["objects"][0]["operation"]["id"] == seen
    assert ask(str(asked.socket), {"do": do, "operation": seen})["ok"]


@pytest.mark.parametrize("command", ["cancel", "defer", "agree"])
def test_what_cannot_be_done_is_told_and_is_exit_code_1(owner: Owner, command: str):
    assert owner.says(command) == (1, "", "no operation goes on\n")
    assert owner.says(command, "--object", "Radio") == (
        1,
        "",
        "no object Radio; there are Primary\n",
    )


def test_where_no_agent_answers_it_is_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    nowhere = str(tmp_path / "control")
    for command in ("status", "check", "cancel", "defer"):
        assert light_main([command, "--socket", nowhere]) == 3
        assert f"no agent answers at {nowhere}" in capsys.readouterr().err
    assert light_main(["status", "--config", ""]) == 2
    assert "control.socket: is missing" in capsys.readouterr().err


def test_the_socket_is_gone_when_the_agent_is(owner: Owner):
    owner.process.terminate()
    assert owner.process.wait(WAIT_S) == 0
    assert not owner.socket.exists()
    assert owner.says("status")[0] == 3


def test_two_agents_cannot_have_one_socket(owner: Owner, served: Served, tmp_path: Path):
    other = words(f"{served.url}/dm", tmp_path / "other", "--socket", str(owner.socket))
    second = start(other)
    _, told = second.communicate(timeout=WAIT_S)
    assert second.returncode == 2
    assert f"fumo-device: control.socket: {owner.socket}: another agent answers there" in told
    assert owner.says("status")[0] == 0


def test_following_prints_what_changes_until_it_is_stopped(owner: Owner, served: Served):
    script = "import sys; from fumo.cli.device import light_main; sys.exit(light_main())"
    line = [sys.executable, "-c", script, "status", "--follow", "--socket", str(owner.socket)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as eye:
        assert eye.stdout is not None
        assert eye.stdout.readline().startswith("device   IMEI:1")
        owner.says("check", "--wait")
        owner.process.terminate()
        _, err = eye.communicate(timeout=WAIT_S)
    assert eye.returncode == 3
    assert "no agent answers" in err


RSS_KIB_MAX = 36 * 1024


def test_an_idle_device_is_small(owner: Owner):
    status = Path(f"/proc/{owner.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    assert int(line.split()[1]) <= RSS_KIB_MAX


def test_a_device_of_several_objects(served: Served, tmp_path: Path):
    file, socket = tmp_path / "device.toml", tmp_path / "control"
    slots = [tmp_path / "primary", tmp_path / "radio"]
    file.write_text(
        f'[control]\nsocket = "{socket}"\n'
        f'[[object]]\nslots = "{slots[0]}"\n'
        f'[[object]]\nname = "Radio"\nslots = "{slots[1]}"\n'
    )
    line = words(f"{served.url}/dm", tmp_path, "--poll", "3600", "--config", str(file))
    at = line.index("--slots")
    served.files["/p"] = package(b"new" * 1000, "2", model="fumo-device")
    served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{served.url}/p")
    with start(line[:at] + line[at + 2 :]) as process:
        heard(process, "AlertAcknowledged")
        heard(process, "Idle")
        primary, radio = Owner(process, socket).sees()["objects"]
        process.terminate()
        if process.stderr:
            process.stderr.read()
    assert (primary["name"], primary["result"]) == ("Primary", 200)
    assert (radio["name"], radio["state"], radio["result"]) == ("Radio", 10, None)


@pytest.mark.parametrize(
    ("life", "count", "now", "over"),
    [
        (1, 3, False, False),  # nothing has happened yet
        (1, 4, True, False),  # the one that went on is over, and ours goes on
        (1, 4, False, False),  # between the two
        (1, 5, False, True),
        (2, 0, False, False),  # the agent started anew
        (2, 1, False, True),
    ],
)
def test_which_session_is_waited_for(life: int, count: int, now: bool, over: bool):
    before = {"life": 1, "session": {"count": 3, "now": True}}
    assert is_over(before, {"life": life, "session": {"count": count, "now": now}}) is over
