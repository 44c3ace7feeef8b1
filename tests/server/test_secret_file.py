"""PostgreSQL's password may stand in a file, as containers hand it over."""

from pathlib import Path

import pytest

from fumo.server.edges.database import StoreError
from fumo.server.edges.opening import open_database
from fumo.server.edges.secret_file import VARIABLE, password
from tests.postgres import Cluster


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "password"))
    return tmp_path / "password"


def test_it_is_read_to_the_end_of_its_line(file: Path):
    file.write_text("secret-1 \n")
    assert password() == "secret-1 "


def test_postgresqls_own_variable_wins(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PGPASSWORD", "secret-2")
    assert password() is None
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv(VARIABLE, "")
    assert password() is None


def test_a_file_that_is_not_there_is_named(file: Path):
    with pytest.raises(StoreError, match=str(file)):
        password()


def test_a_server_proves_itself_by_it(file: Path, postgres: Cluster):
    file.write_text("secret-1\n")
    where = postgres.asking_for("secret-1")
    open_database(where).close()
    file.write_text("secret-2\n")
    with pytest.raises(StoreError):
        open_database(where)
