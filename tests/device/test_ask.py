"""`fumo-device run --ask terminal`: a real process on a real terminal, asked by a real server."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fumo.codes import AlertCode
from fumo.dm.message import Alert, Item
from tests.device.test_process import Served, words
from tests.device.test_process import served as served  # the fixture

ASK = Alert(AlertCode.CONFIRM, items=(Item(), Item(data="Update now?")))
PROGRAM = [
    sys.executable,
    "-c",
    "import sys; from fumo.cli.device import light_main; sys.exit(light_main())",
]
WAIT_S = 20.0


def until(screen: int, what: str) -> str:
    """Read until this was written, and give all of it."""
    seen, end_s = "", time.monotonic() + WAIT_S
    while what not in seen and time.monotonic() < end_s:
        if select.select([screen], [], [], 0.2)[0]:
            seen += os.read(screen, 4096).decode()
    return seen


@pytest.mark.clause("P6-05", "P6-09")
@pytest.mark.parametrize(
    ("options", "typed", "code"),
    [(["--ask", "terminal"], b"y\n", 200), (["--ask", "terminal"], b"n\n", 304), ([], b"", 406)],
)
def test_a_person_answers_the_server(served: Served, tmp_path: Path, options, typed, code):
    served.dm.says.append([ASK])
    screen, terminal = pty.openpty()
    try:
        line = [*PROGRAM, *words(f"{served.url}/dm", tmp_path, "--once", *options)]
        process = subprocess.Popen(line, stdin=terminal, stdout=terminal, stderr=terminal)
        if typed:
            assert "Update now?" in until(screen, "[y]es, [n]o or [c]ancel")
            os.write(screen, typed)
        until(screen, "SessionEnds")
        assert process.wait(WAIT_S) == 0
    finally:
        os.close(screen)
        os.close(terminal)
    assert served.dm.codes == [code]
