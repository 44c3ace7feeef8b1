"""The page on working from elsewhere, taken word for word: its commands in a shell, in order."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.process import Process

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "work-from-elsewhere.md"
ELSEWHERE = "https://fumo.example:8080"
FUMO = f"""set -e
fumo() {{ {shlex.quote(sys.executable)} -c 'from fumo.cli import main; main()' "$@"; }}
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "fumo-data")
    yield process
    process.stop()


def test_what_the_page_says_is_what_happens(server: Process, tmp_path: Path):
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.S | re.M)
    assert len(blocks) == 5
    script = FUMO + "".join(blocks).replace(ELSEWHERE, f"http://{server.listen}")
    (tmp_path / "firmware.bin").write_bytes(b"new firmware" * 1000)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "ann: operator, from 127.0.0.1" in done.stdout
    assert "campaign 1: 1 operation planned" in done.stdout
    assert "3 devices" in done.stdout
    assert "refused: 1" in done.stdout
    assert (tmp_path / "events.jsonl").read_text().count("\n") == 2
    assert "campaigns.begin" in done.stdout, "the audit log knows"
    assert done.stdout.splitlines()[-1]
    assert "user ann removed" in done.stdout
