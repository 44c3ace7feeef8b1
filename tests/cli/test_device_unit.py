"""The systemd unit: systemd itself reads it, and finds it hardened."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fumo.cli.device import parser

UNIT = Path(__file__).parents[2] / "deploy/fumo-device.service"
EXPOSURE_MAX = 2.0

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze"
)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """As it is installed, but for the program's place."""
    text = UNIT.read_text()
    path = tmp_path / UNIT.name
    path.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.M))
    return path


def analyze(*words: str | Path) -> str:
    line = ["systemd-analyze", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_has_nothing_to_say_against_it(unit: Path):
    assert analyze("verify", "--man=no", unit) == ""


def test_it_is_hardened(unit: Path):
    told = analyze("security", "--offline=true", unit)
    exposure = re.search(r"Overall exposure level for \S+: (\d+\.\d)", told)
    assert exposure is not None, told
    assert float(exposure[1]) <= EXPOSURE_MAX


def test_its_command_is_one_of_ours():
    [line] = re.findall(r"^ExecStart=\S+ (.*)$", UNIT.read_text(), re.M)
    options = parser().parse_args(line.split())
    assert options.config == "/etc/fumo/device.toml"
