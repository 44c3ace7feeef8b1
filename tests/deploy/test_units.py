"""The units of the server and the device: systemd itself reads them, and finds them hardened."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fumo.cli.serve import main as serve
from tests.server.process import Process

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "fumo-server@.service"
EXPOSURE_MAX = 1.5
MISSING = shutil.which("systemd-analyze") is None and not os.environ.get("CI")
NEEDED = pytest.mark.skipif(MISSING, reason="needs systemd-analyze (Debian: systemd)")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """As it is installed, but for the program's place."""
    path = tmp_path / UNIT.name
    path.write_text(
        re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", UNIT.read_text(), flags=re.M)
    )
    return path


def run(*words: str | Path) -> str:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@NEEDED
def test_systemd_has_nothing_to_say_against_it(unit: Path):
    one_of_them = unit.with_name("fumo-server@a.service")
    assert run("systemd-analyze", "verify", "--man=no", one_of_them) == ""


@NEEDED
def test_it_is_hardened(unit: Path):
    told = run("systemd-analyze", "security", "--offline=true", unit)
    exposure = re.search(r"Overall exposure level for \S+: (\d+\.\d)", told)
    assert exposure is not None, told
    assert float(exposure[1]) <= EXPOSURE_MAX


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
