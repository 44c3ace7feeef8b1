"""`fumo db`: each word of it, by a file; what it says when it cannot."""

from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result

from fumo.cli.db import main
from fumo.server.edges.opening import open_database
from fumo.server.main import HEAD


def said(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_file_is_upgraded_copied_and_told_that_it_is_a_copy(tmp_path: Path):
    folder, copy = tmp_path / "d", tmp_path / "copy"
    folder.mkdir()
    assert said("upgrade", folder / "server.db").output == f"the database is of revision {HEAD}\n"
    assert (
        said("backup", folder, copy).output
        == f"{copy} is a copy of {folder}, without its packages\n"
    )
    done = said("restored", copy / "server.db")
    assert (done.exit_code, done.output) == (0, "paused campaigns: 0, unknown operations: 0\n")
    with closing(open_database(copy / "server.db")) as database:
        assert database.rows("SELECT kind FROM event") == [("database.restored",)]
    with closing(open_database(folder / "server.db")) as database:
        assert database.rows("SELECT kind FROM event") == []


def test_what_cannot_be_done_is_said_and_no_success(tmp_path: Path):
    none = said("backup", tmp_path, tmp_path / "copy")
    assert none.exit_code == 1
    assert "holds no server.db: name the data folder" in none.output
    other = said("restored", "mysql://h/x")
    assert other.exit_code == 1
    assert "no database of ours" in other.output
    missing = said("restored", tmp_path / "server.db")
    assert missing.exit_code == 1
    assert "is not there" in missing.output
    assert list(tmp_path.iterdir()) == []
