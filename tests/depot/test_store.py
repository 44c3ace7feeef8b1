"""The package store: content is its own address, and what has a name is whole."""

import hashlib
import io

import pytest

from fumo.depot.edges.folder import FolderStore


def test_what_is_added_is_found_by_its_digest(tmp_path):
    content = bytes(range(256)) * 9000
    store = FolderStore(tmp_path)
    stored = store.add(io.BytesIO(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.length == len(content)
    assert store.find(stored.sha256).path.read_bytes() == content
    assert FolderStore(tmp_path).find(stored.sha256) is not None


def test_the_same_content_twice_is_one_file(tmp_path):
    store = FolderStore(tmp_path)
    store.add(io.BytesIO(b"same"))
    store.add(io.BytesIO(b"same"))
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("sha256", ["00" * 32, "", "../../etc/passwd", "AB" * 32])
def test_what_is_not_there(tmp_path, sha256):
    assert FolderStore(tmp_path).find(sha256) is None


def test_a_stream_that_breaks_leaves_nothing(tmp_path):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError("the cable is out")

    with pytest.raises(OSError, match="cable"):
        FolderStore(tmp_path).add(Broken())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
