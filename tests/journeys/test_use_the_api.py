"""The page on the API, taken word for word: its commands in a shell, in order, by curl."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.process import Process

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "use-the-api.md"
SERVER = "https://fumo.example:8080"
FUMO = f"""set -e
fumo() {{ {shlex.quote(sys.executable)} -c 'from fumo.cli import main; main()' "$@"; }}
"""
EACH = 'echo "--- {}"\n'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "fumo-data")
    yield process
    process.stop()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_what_the_page_says_is_what_happens(server: Process, tmp_path: Path):
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.S | re.M)
    marked = "".join(
        block + f"\necho; echo '--- {number}'\n" for number, block in enumerate(blocks)
    )
    (tmp_path / "firmware.bin").write_bytes(b"new firmware" * 1000)
    done = subprocess.run(
        ["bash", "-c", FUMO + marked.replace(SERVER, f"http://{server.listen}")],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout, done.stderr)
    me, orders, changes, listing, problems, quotas, _ = re.split(r"\n--- \d\n", done.stdout)
    assert json.loads(me.splitlines()[-1])["role"] == "operator"
    first, again = re.findall(r'\{"id":"dev-1".*?\}(?=\{"id")', orders)[:2]
    assert first == again
    assert '"state":"draft"' in orders
    assert "it was changed since you read it" in changes
    assert changes.rstrip().endswith("somebody was faster")
    assert json.loads((tmp_path / "started.json").read_text())["state"] == "running"
    assert [one["device"] for one in json.loads(listing)["items"]] == ["dev-1"]
    assert "no campaign 99" in problems
    assert "ann is operator here, and this asks for admin" in problems
    assert "running-campaigns" in quotas
