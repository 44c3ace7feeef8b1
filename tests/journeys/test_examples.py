"""The examples and the code of the how-to page do what they say."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
HOWTO = ROOT / "docs/howto/drive-a-session.md"
LINES_MAX = 60


def run(*line: str | Path) -> subprocess.CompletedProcess[str]:
    """A program, to its end."""
    words = [sys.executable, *map(str, line)]
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    """The example's server on a free port."""
    line = [sys.executable, "-u", str(EXAMPLES / "dm_server.py"), "0"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield process
    process.kill()
    process.communicate()


def test_the_client_lets_the_server_read_its_tree(server: subprocess.Popen[str]):
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    client = run(EXAMPLES / "dm_client.py", url)
    assert (client.returncode, client.stderr) == (0, "")
    told = server.stdout.readline()
    assert told.startswith("dev-info 200 ")
    assert "./DevInfo/Man=Example" in told


def test_a_capture_is_read_as_it_is_and_in_hex(tmp_path: Path):
    golden = ROOT / "tests/golden/package4-exec"
    in_hex = tmp_path / "body.hex"
    in_hex.write_text(golden.with_suffix(".wbxml").read_bytes().hex(" ", 8))
    bodies = [golden.with_suffix(".xml"), golden.with_suffix(".wbxml"), in_hex]
    read = run(EXAMPLES / "read_capture.py", *bodies)
    assert read.returncode == 0
    assert read.stdout.count("Correlator") == 3


def test_an_update_agent_is_tried_with_the_power_cut_everywhere():
    tried = run(EXAMPLES / "try_update_agent.py")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert re.fullmatch(r"\d\d+ power cuts in \d+ operations: all told 200, once\n", tried.stdout)


def test_a_capture_that_is_none_is_named_in_one_line(tmp_path: Path):
    bad = tmp_path / "bad"
    bad.write_bytes(b"hello")
    read = run(EXAMPLES / "read_capture.py", bad)
    assert (read.returncode, read.stdout.count("\n")) == (1, 1)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_is_short_and_can_be_imported(path: Path):
    assert len(path.read_text("utf-8").splitlines()) <= LINES_MAX
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_the_page_runs_from_top_to_bottom(tmp_path: Path):
    blocks = re.findall(r"```python\n(.*?)```", HOWTO.read_text("utf-8"), flags=re.DOTALL)
    program = tmp_path / "page.py"
    program.write_text("\n".join(blocks), "utf-8")
    done = run(program)
    assert (done.returncode, done.stderr) == (0, "")
