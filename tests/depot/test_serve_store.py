"""`fumo serve --store s3://…`: packages go there, and what DM carries comes from there."""

import hashlib
import io
import sys
from pathlib import Path

import pytest

from fumo.cli.admin import Admin
from fumo.cli.depot_addresses import REMEMBERED_MAX, DepotAddresses
from fumo.cli.uploading import send
from fumo.depot.main import open_store
from fumo.server.rows import Package
from tests.depot.test_store import spoil
from tests.server.process import Process

SHA256 = hashlib.sha256(b"bytes").hexdigest()
KEY = b"a key for tests only"


def package(sha256: str, length: int = 5) -> Package:
    return Package(1, "fw", "2", sha256, length)


def lines_of(pid: int) -> list[str]:
    """The command lines of a server and its depot, as all users of the machine see them."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert children
    return [Path(f"/proc/{one}/cmdline").read_text() for one in (pid, *children)]


def test_a_package_lands_in_the_s3_that_the_file_names(s3, tmp_path):
    where = s3.bucket()
    (tmp_path / "secret").write_text(s3.secret)
    config = tmp_path / "fumo.toml"
    config.write_text(
        f'[serve]\nstore = "{where}"\n[s3]\nendpoint = "{s3.endpoint}"\n'
        f'access_key_id = "{s3.key}"\nsecret_access_key_file = "{tmp_path / "secret"}"\n'
    )
    server = Process(tmp_path / "d", "127.0.0.1:0", "127.0.0.1:0", "--config", str(config))
    try:
        (tmp_path / "file").write_bytes(b"bytes")
        send(Admin(tmp_path / "d"), tmp_path / "file", 5, SHA256)
        assert open_store(where, s3.settings).find(SHA256).length == 5
        assert list(open_store(where, s3.settings).uploads()) == []
        assert not list((tmp_path / "d").rglob("sha256/*"))
        for line in lines_of(server.process.pid):
            assert where in line or "--config" in line
            assert s3.secret not in line
    finally:
        _, said = server.stop()
    assert s3.secret not in said


def test_a_store_that_is_none_is_one_sentence(tmp_path):
    with pytest.raises(AssertionError, match="'ftp://x' is no store: give a folder"):
        Process(tmp_path / "d", "127.0.0.1:0", "127.0.0.1:0", "--store", "ftp://x")


def test_what_dm_carries_is_read_once(store):
    stored = store.add(io.BytesIO(b"bytes"))
    addresses = DepotAddresses("http://depot", KEY, store)
    assert addresses.data(package(stored.sha256)) == b"bytes"
    store.remove(stored.sha256, 1e12)
    assert addresses.data(package(stored.sha256)) == b"bytes"
    for number in range(REMEMBERED_MAX):
        addresses.data(package(store.add(io.BytesIO(b"%d" % number)).sha256))
    assert addresses.data(package(stored.sha256)) is None


def test_what_is_not_what_its_name_says_is_not_carried(store):
    stored = store.add(io.BytesIO(b"bytes"))
    spoil(store, stored.sha256, b"bytez")
    assert DepotAddresses("http://depot", KEY, store).data(package(stored.sha256)) is None


def test_a_store_that_does_not_answer_is_left_alone_for_a_while(s3):
    """Messages wait while it is asked: so one of them waits, and not all of them."""
    now = [0.0]
    away = open_store("s3://nobody/depot", s3.settings.__class__(endpoint="http://127.0.0.1:1"))
    addresses = DepotAddresses("http://depot", KEY, away, lambda: now[0])
    with pytest.raises(OSError, match="the S3"):
        addresses.data(package("00" * 32))
    with pytest.raises(OSError, match="just now"):
        addresses.data(package("00" * 32))
    now[0] += 60
    with pytest.raises(OSError, match="the S3"):
        addresses.data(package("00" * 32))


def test_without_the_extra_it_is_one_sentence_that_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(OSError, match=r"needs the extra s3: pip install 'fumo\[s3\]'"):
        open_store("s3://packages")
