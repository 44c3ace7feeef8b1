"""`fumo serve` that cannot start: one sentence, which names what to change."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FUMO = [sys.executable, "-c", "from fumo.cli import main; main()"]
ANYWHERE = "127.0.0.1:0"


@pytest.fixture
def busy() -> Iterator[str]:
    """An address where somebody listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield f"127.0.0.1:{other.getsockname()[1]}"


def complaint(data: Path, listen: str = ANYWHERE, depot: str = ANYWHERE) -> list[str]:
    """What `fumo serve` says of why it does not start."""
    words = [*FUMO, "serve", "--data", str(data), "--listen", listen, "--depot-listen", depot]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()


def test_a_busy_port_of_the_depot_is_named_with_its_option(busy: str, tmp_path: Path):
    said = complaint(tmp_path, depot=busy)
    assert said[-1] == f"fumo serve: no depot on {busy}: choose another port by --depot-listen"
    assert [line.partition(" ")[0] for line in said[:-1]] == ["depot:"]


def test_a_busy_port_of_the_server_is_named_with_its_option(busy: str, tmp_path: Path):
    (said,) = complaint(tmp_path, listen=busy)
    assert f"--listen {busy}" in said
    assert "in use" in said


def test_a_data_folder_that_cannot_be_made_is_blamed_itself(tmp_path: Path):
    (tmp_path / "file").touch()
    (said,) = complaint(tmp_path / "file" / "data")
    assert said.startswith(f"fumo serve: --data {tmp_path}/file/data cannot be used: ")
