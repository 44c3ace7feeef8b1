"""Stored evidence is judged again by `python -m fumo.fleet.verdict`."""

from pathlib import Path

import pytest

from fumo.fleet.evidence import FILE, Ended, Fetched, Record, Recorder, load
from fumo.fleet.verdict import main
from tests.fleet.world import good_run


def store(folder: Path, records: list[Record]) -> str:
    """Evidence as a run leaves it."""
    recorder = Recorder(folder)
    for record in records:
        recorder.add(record)
    recorder.close()
    return str(folder)


def test_what_is_stored_is_what_was_seen(tmp_path: Path):
    store(tmp_path, good_run())
    assert list(load(tmp_path)) == good_run()


def test_good_evidence_gives_0_and_the_sentence_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main([store(tmp_path, good_run())]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("5 of 5 devices updated")


def test_bad_evidence_gives_1_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    late = Fetched(500, 501, "a", "/packages/1/x", "", 206, 5)
    assert main([store(tmp_path, [*good_run(), late])]) == 1
    said = capsys.readouterr()
    assert "1 packages fetched by an operation after its alert" in said.out
    assert "wrong: a fetched after its alert" in said.err


@pytest.mark.parametrize("text", [b"", b"{}\n", b"nonsense\n", b'{"seen":"Ended"'])
def test_evidence_that_cannot_be_read_proves_nothing(tmp_path: Path, text: bytes):
    (tmp_path / FILE).write_bytes(text)
    assert main([str(tmp_path)]) == 1


def test_no_evidence_proves_nothing(tmp_path: Path):
    assert main([str(tmp_path)]) == 1
    assert main([]) == 1


def test_a_torn_last_line_is_no_end(tmp_path: Path):
    store(tmp_path, [record for record in good_run() if not isinstance(record, Ended)])
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"seen":"En')
    assert main([str(tmp_path)]) == 1
