"""`fumo package delta`: out of two files, without a server."""

import json
import random
from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner, Result

from fumo.cli.group import fumo
from tests.depot.test_deltas import NEW_PACKAGE, OLD, OLD_PACKAGE


def delta(folder: Path, *more: str, new: bytes = NEW_PACKAGE) -> Result:
    """From the old package to this one."""
    (folder / "old").write_bytes(OLD_PACKAGE)
    (folder / "new").write_bytes(new)
    words = [str(folder / "old"), str(folder / "new"), "--to", str(folder / "deltas"), *more]
    return CliRunner().invoke(fumo, ["package", "delta", *words])


def test_it_writes_the_delta_under_its_digest_and_tells_what_is_to_be_signed(tmp_path: Path):
    result = delta(tmp_path, "-o", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    [file] = (tmp_path / "deltas").iterdir()
    assert file.name == told["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert told["url"] == f"deltas/{file.name}"
    assert (told["format"], told["length"]) == ("zstd", file.stat().st_size)
    assert told["base_sha256"] == sha256(OLD).hexdigest()


def test_people_are_told_how_small_it_is_and_what_it_cost(tmp_path: Path):
    result = delta(tmp_path, "--format", "bsdiff4")
    assert result.exit_code == 0
    assert f" % of {len(NEW_PACKAGE):,}, in " in result.stdout


def test_one_that_is_not_worth_it_is_not_written(tmp_path: Path):
    result = delta(tmp_path, new=random.Random(3).randbytes(9000))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "not worth it" in result.stderr
    assert list((tmp_path / "deltas").iterdir()) == []
