"""The README's walk, taken word for word: what a newcomer types does what it says."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
FUMO = [sys.executable, "-c", "from fumo.cli import main; main()"]
ADDRESS = "127.0.0.1:8080"
WAIT_S = 60.0


def walk() -> list[list[str]]:
    """The commands of the README's walk."""
    chapter = README.read_text().partition("## Run it for real")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```\n(.*?)^```", chapter, re.S | re.M)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


SERVE, *STEPS = walk()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server as the README starts it, but where nobody listens."""
    port = _two_free_ports()
    address = f"127.0.0.1:{port}"
    words = [word.replace(ADDRESS, address) for word in SERVE]
    server = subprocess.Popen([*FUMO, *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    said = [server.stdout.readline() for _ in range(3)]
    assert said[0].split() == ["DM", "server", f"http://{address}/dm"]
    yield address
    server.send_signal(signal.SIGTERM)
    assert server.wait(WAIT_S) == 0


def test_the_walk_of_the_readme_ends_with_an_updated_device(address: str, tmp_path: Path):
    (tmp_path / "firmware.bin").write_bytes(os.urandom(100_000))
    said = [_fumo(tmp_path, [word.replace(ADDRESS, address) for word in step]) for step in STEPS]
    assert SERVE[0] == "serve"
    assert [step[0] for step in STEPS[-2:]] == ["device", "operations"]
    assert "succeeded" in said[-1]
    assert "200 Successful" in said[-1]
    unknown = [*FUMO, "operations", "list", "--device", "nope"]
    done = subprocess.run(unknown, cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 1
    assert "device 'nope' is unknown" in done.stderr


def _fumo(folder: Path, words: list[str]) -> str:
    done = subprocess.run(
        [*FUMO, *words], cwd=folder, capture_output=True, text=True, timeout=WAIT_S
    )
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def _two_free_ports() -> int:
    """A port that is free, as is the next one, where the depot goes."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
