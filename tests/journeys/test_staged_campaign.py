"""The page on campaigns in stages, word for word: real processes, one of whose devices fails."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.process import Process

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "staged-campaign.md"
ADDRESS = "127.0.0.1:8080"
LIMIT_S = 120.0
FUMO = f"""#!/bin/sh
exec {shlex.quote(sys.executable)} -c 'from fumo.cli import main; main()' "$@"
"""
BEGIN = "set -e; trap 'kill $(jobs -p)' EXIT\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "fumo-data")
    yield process
    process.stop()


@pytest.fixture
def said(server: Process, tmp_path: Path) -> str:
    """All that the page's commands print."""
    serve, *blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.S | re.M)
    assert serve == f"fumo serve --data fumo-data --listen {ADDRESS}\n"
    script = BEGIN + "".join(blocks).replace(ADDRESS, server.listen)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "fumo").write_text(FUMO)
    (tmp_path / "bin" / "fumo").chmod(0o755)
    (tmp_path / "firmware.bin").write_bytes(os.urandom(50_000))
    with subprocess.Popen(
        ["bash", "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
        env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
    ) as shell:  # fmt: skip
        try:
            out, err = shell.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            raise AssertionError(shell.communicate()) from None
    assert shell.returncode == 0, (out, err)
    return out


def test_a_campaign_is_approved_pauses_by_its_errors_and_ends_well(said: str, server: Process):
    assert "campaign 1: 5 operations planned, waiting_approval" in said
    assert "refused: 1" in said, "nobody approves what they made"
    assert "campaign 1: running, group 1 of 3" in said
    paused = re.search(r"^1 .*paused, group 2 of 3: 1 errors in group 2.*$", said, re.M)
    assert paused
    assert "2 held" in paused[0], "the last group was not touched"
    assert "2 succeeded" in paused[0]
    assert "campaign 1: 1 operation planned anew" in said
    finished = re.search(r"^1 .*finished, group 3 of 3: every operation ended.*$", said, re.M)
    assert finished
    assert "1 failed, 5 succeeded" in finished[0]
    assert re.search(r"ben .*campaigns.approve", said)
