"""The units of the server and the device: systemd itself reads them, and finds them hardened."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fumo.cli.group import fumo
from fumo.cli.serve import main as serve
from fumo.depot.tuf.rules import DAYS, NEAR_DAYS, TIMESTAMP
from tests.depot.signed import Signed, version_of
from tests.server.process import Process

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "fumo-server@.service"
REFRESH, TIMER = DEPLOY / "fumo-refresh.service", DEPLOY / "fumo-refresh.timer"
EXPOSURE_MAX = 1.5
MISSING = shutil.which("systemd-analyze") is None and not os.environ.get("CI")
NEEDED = pytest.mark.skipif(MISSING, reason="needs systemd-analyze (Debian: systemd)")


def installed(unit: Path, folder: Path) -> Path:
    """As it is installed, but for the program's place."""
    path = folder / unit.name
    path.write_text(
        re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", unit.read_text(), flags=re.M)
    )
    return path


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """A server's."""
    return installed(UNIT, tmp_path)


def run(*words: str | Path) -> str:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@NEEDED
def test_systemd_has_nothing_to_say_against_it(unit: Path):
    one_of_them = unit.with_name("fumo-server@a.service")
    assert run("systemd-analyze", "verify", "--man=no", one_of_them) == ""


@NEEDED
def test_systemd_has_nothing_to_say_against_what_keeps_metadata_fresh(tmp_path: Path):
    installed(REFRESH, tmp_path)
    timer = installed(TIMER, tmp_path)
    assert run("systemd-analyze", "verify", "--man=no", timer, tmp_path / REFRESH.name) == ""
    assert run("systemd-analyze", "calendar", setting(TIMER, "OnCalendar"))


@NEEDED
@pytest.mark.parametrize("which", [UNIT, REFRESH], ids=lambda path: path.name)
def test_it_is_hardened(which: Path, tmp_path: Path):
    told = run("systemd-analyze", "security", "--offline=true", installed(which, tmp_path))
    exposure = re.search(r"Overall exposure level for \S+: (\d+\.\d)", told)
    assert exposure is not None, told
    assert float(exposure[1]) <= EXPOSURE_MAX


def setting(unit: Path, name: str) -> str:
    [value] = re.findall(rf"^{name}=(.*)$", unit.read_text(), re.M)
    return str(value)


@NEEDED
def test_its_user_is_one_that_systemd_can_make():
    told = run("systemd-sysusers", "--dry-run", DEPLOY / "fumo-server.conf")
    [user] = re.findall(r"^User=(\S+)$", UNIT.read_text(), re.M)
    assert f"user '{user}'" in told or f"{user}:" in Path("/etc/passwd").read_text()


def test_its_command_is_one_of_ours():
    [line] = re.findall(r"^ExecStart=\S+ (.*)$", UNIT.read_text(), re.M)
    command, *words = line.split()
    assert command == "serve"
    options = {word for option in serve.params for word in option.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_what_keeps_metadata_fresh_signs_it(tmp_path: Path):
    signed = Signed(tmp_path)
    program, *words = setting(REFRESH, "ExecStart").split()
    [where] = re.findall(r"^Environment=FUMO_STORE=(.*)$", REFRESH.read_text(), re.M)
    assert (program, where) == ("/usr/bin/fumo", f"/var/lib/{setting(REFRESH, 'StateDirectory')}")
    assert setting(UNIT, "InaccessiblePaths").lstrip("-") == words[-1]
    put = {"${FUMO_STORE}": str(tmp_path / "depot"), words[-1]: str(tmp_path / "keys")}
    done = CliRunner().invoke(fumo, [put.get(word, word) for word in words])
    assert done.exit_code == 0, done.output
    assert version_of(signed.published) == 2


def test_one_that_fails_is_repeated_before_anybody_is_told():
    [hours] = re.findall(r"00/(\d+):", setting(TIMER, "OnCalendar"))
    room_days = DAYS[TIMESTAMP] - NEAR_DAYS[TIMESTAMP]
    assert 2 * int(hours) < room_days * 24


def test_a_server_says_when_it_is_ready_and_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "n"))
        server = Process(tmp_path / "d")
        assert manager.recv(100) == b"READY=1"
        assert server.stop()[0] == 0
        assert manager.recv(100) == b"STOPPING=1"
