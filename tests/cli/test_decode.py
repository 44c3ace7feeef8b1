"""`fumo decode`: any message printed; a bad one in one line and exit code 1."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fumo.cli.group import fumo
from fumo.dm import XML, encode
from tests.dm.golden import GOLDEN

FOLDER = Path(__file__).parents[1] / "golden"
BODIES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".xml", ".wbxml"))


def run(*words: str, body: bytes = b"") -> Result:
    """`fumo decode` with these words."""
    return CliRunner().invoke(fumo, ["decode", *words], input=body)


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.name)
def test_any_message_is_printed(path: Path):
    result = run(str(path))
    origin, _, lines = path.with_suffix(".txt").read_text().partition("\n")
    assert origin.startswith("# ")
    assert (result.exit_code, result.stdout.replace("dmtnds+wbxml]", "dmtnds+xml]")) == (0, lines)


def test_a_message_comes_from_standard_input_too():
    result = run("-", body=encode(GOLDEN["abort"].message, XML))
    assert result.exit_code == 0
    assert "Alert 2: 1223 session abort\n" in result.stdout


BAD = {
    b"": "neither XML nor WBXML (at byte 0)",
    b"hello": "neither XML nor WBXML (at byte 0)",
    b"<SyncML><SyncHdr>": "not XML: no element found (at line 1, column 18)",
    b"<SyncML/>": "no SyncHdr (at SyncML)",
    bytes.fromhex("02 A4 01 6A 00 6D 3F"): "the unknown token 0x3F on code page 0 (at byte 6)",
    b"<" + b" " * (1 << 21): "a body of 1048577 bytes, more than 1048576",
}


@pytest.mark.parametrize(("body", "says"), BAD.items(), ids=BAD.values())
def test_a_bad_message_gets_one_line(body: bytes, says: str, tmp_path: Path):
    path = tmp_path / "message"
    path.write_bytes(body)
    result = run(str(path))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == f"{path}: {says}\n"


def test_a_file_that_is_not_there_is_a_mistake_of_the_caller(tmp_path: Path):
    result = run(str(tmp_path / "nothing"))
    assert result.exit_code == 2
    assert "No such file" in result.stderr


def test_a_file_that_cannot_be_read_is_one_line():
    result = run("/proc/self/mem")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
