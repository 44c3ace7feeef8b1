"""`fumo demo` as a user runs it: one whole run, its verdict, its evidence, and what it leaves.

The evidence of that run is then forged, a promise at a time, and judged again.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.fleet.evidence import (
    Ended,
    Fetched,
    Record,
    Recorder,
    Row,
    Told,
    Written,
    load,
)
from fumo.fleet.patience import Patience
from fumo.fleet.verdict import main

BUDGET_S = 90.0
FUMO = [sys.executable, "-c", "from fumo.cli import main; main()"]


class Run:
    """A demo that is over."""

    def __init__(self, folder: Path) -> None:
        began_s = time.monotonic()
        words = [*FUMO, "demo", "--exit", "--keep", str(folder)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=BUDGET_S * 2)
        self.took_s = time.monotonic() - began_s
        self.code, self.lines, self.stderr = done.returncode, done.stdout.splitlines(), done.stderr
        self.evidence = folder / "evidence"
        self.folder = folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The whole demo, once."""
    return Run(tmp_path_factory.mktemp("demo"))


def test_the_demo_ends_well_within_its_budget_and_tells_so_last(run: Run):
    assert run.code == 0, "\n".join([*run.lines[-20:], run.stderr])
    last = run.lines[-1]
    assert last.startswith("20 of 20 devices updated, ")
    for promise in (
        ", 0 packages fetched by an operation after its alert",
        ", 0 slots written by an operation after its alert",
        ", 0 results lost",
        ", 0 results counted twice",
    ):
        assert promise in last
    assert run.took_s < BUDGET_S


def test_everything_that_was_announced_happened_before_people_s_eyes(run: Run):
    said = "\n".join(run.lines)
    for words in (
        "page ",
        "is killed (-9) in its download",
        "is killed (-9) in its apply",
        "is started again",
        "tells 402 Corrupted firmware update package",
        "(the answer is lost on its way)",
        "the download is cut",
    ):
        assert words in said
    assert run.stderr == ""


def test_the_demo_leaves_no_process_behind(run: Run):
    assert run.code == 0
    assert processes_about(run.folder) == []


def test_the_evidence_of_the_demo_is_good_when_judged_again(run: Run):
    assert main([str(run.evidence)]) == 0


def first(records: list[Record], kind: type[Record], **wanted: object) -> Record:
    """The first record of a kind with these values."""
    return next(
        record
        for record in records
        if isinstance(record, kind)
        and all(getattr(record, name) == value for name, value in wanted.items())
    )


def late_fetch(records: list[Record]) -> list[Record]:
    told = first(records, Told, result=200)
    fetch = first(records, Fetched, device=told.device)
    return [*records, replace(fetch, at_ns=told.at_ns + 1_000_000, ended_ns=told.at_ns + 2_000_000)]


def late_write(records: list[Record]) -> list[Record]:
    told = first(records, Told, result=200)
    return [*records, Written(told.at_ns + 1_000_000, told.device, "slot-b", 4096)]


def lost_result(records: list[Record]) -> list[Record]:
    row = first(records, Row, result=200)
    return [replace(record, result=None) if record is row else record for record in records]


def double_result(records: list[Record]) -> list[Record]:
    return [*records, first(records, Row, result=200)]


def double_count(records: list[Record]) -> list[Record]:
    row = first(records, Row, result=200)
    return [replace(record, counted=2) if record is row else record for record in records]


def no_end(records: list[Record]) -> list[Record]:
    return [record for record in records if not isinstance(record, Ended)]


FORGERIES = {
    late_fetch: "1 packages fetched by an operation after its alert",
    late_write: "1 slots written by an operation after its alert",
    lost_result: "1 results lost",
    double_result: "1 results counted twice",
    double_count: "1 results counted twice",
    no_end: "0 results lost, 0 results counted twice",
}


@pytest.mark.parametrize("forge", FORGERIES)
def test_one_forged_record_in_the_evidence_of_the_demo_makes_it_exit_1(
    run: Run,
    forge: Callable[[list[Record]], list[Record]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    recorder = Recorder(tmp_path)
    for record in forge(list(load(run.evidence))):
        recorder.add(record)
    recorder.close()
    assert main([str(tmp_path)]) == 1
    assert FORGERIES[forge] in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_interrupted_cleans_up_and_exits_1(number: int, tmp_path: Path):
    home = tmp_path / ("a folder whose name is longer than that of a socket may be" * 2)
    home.mkdir()
    words = [*FUMO, "demo", "--exit", "--devices", "6"]
    child = subprocess.Popen(
        words, env={**os.environ, "TMPDIR": str(home)}, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    while "is ordered" not in (line := child.stdout.readline()):
        assert line, "the demo ended before it began"
    assert processes_about(home) != []
    child.send_signal(number)
    child.communicate(timeout=30)
    assert child.returncode == 1
    assert processes_about(home) == []
    assert list(home.iterdir()) == []


def test_a_demo_that_is_killed_leaves_nothing_behind(tmp_path: Path):
    words = [*FUMO, "demo", "--exit", "--devices", "6"]
    child = subprocess.Popen(
        words, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    while "is ordered" not in (line := child.stdout.readline()):
        assert line, "the demo ended before it began"
    assert processes_about(tmp_path) != []
    child.kill()
    child.communicate(timeout=30)
    Patience(15).until("no process is left", lambda: processes_about(tmp_path) == [])
    Patience(15).until("no file is left", lambda: list(tmp_path.iterdir()) == [])


def processes_about(folder: Path) -> list[str]:
    """Command lines of living processes that name a folder, or live in it."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            where = (process / "cwd").readlink()
        except OSError:
            continue
        if folder in (where, *where.parents) or (str(folder) in words and "--keep" not in words):
            lines.append(words)
    return lines
