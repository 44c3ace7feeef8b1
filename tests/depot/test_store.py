"""The store, in a folder and in an S3: content is its own address, and what has a name is whole."""

import hashlib
import io
import random
import threading
import time
import urllib.error
import urllib.request

import obstore
import pytest

from fumo.depot.edges.s3 import ONE_PUT_MAX
from fumo.depot.main import open_store
from fumo.depot.places import S3Settings
from fumo.depot.ports import Part
from tests.seaweed import Seaweed

CONTENT = random.Random(7).randbytes(300_000)
LARGE = random.Random(8).randbytes(ONE_PUT_MAX + 70_000)
MISSING = "00" * 32
UPLOAD = "ab" * 16


class Broken(io.BytesIO):
    def read(self, size=-1):
        raise OSError("the cable is out")


def spoil(store, sha256: str, content: bytes) -> None:
    """Write other bytes under its name, as nothing of ours does."""
    found = store.find(sha256)
    if found.path is not None:
        found.path.chmod(0o600)
        found.path.write_bytes(content)
    else:
        obstore.put(store._store, f"sha256/{sha256[:2]}/{sha256[2:]}", content)


@pytest.mark.parametrize("content", [b"x", CONTENT, LARGE], ids=["a byte", "one put", "multipart"])
def test_what_is_added_is_found_by_its_digest(store, where, content):
    stored = store.add(io.BytesIO(content))
    assert (stored.sha256, stored.length) == (hashlib.sha256(content).hexdigest(), len(content))
    other = open_store(*where)
    assert other.find(stored.sha256).length == len(content)
    assert b"".join(other.read(stored.sha256)) == content
    assert [(named.sha256, named.length) for named in other.names()] == [
        (stored.sha256, len(content))
    ]


def test_any_range_of_it_is_read(store):
    sha256 = store.add(io.BytesIO(CONTENT)).sha256
    assert b"".join(store.read(sha256, 1000)) == CONTENT[1000:]
    assert b"".join(store.read(sha256, 299_999, 1)) == CONTENT[-1:]
    assert b"".join(store.read(sha256, 5, 70_000)) == CONTENT[5:70_005]
    assert b"".join(store.read(sha256, 5, 0)) == b""
    with pytest.raises(FileNotFoundError):
        b"".join(store.read(MISSING))


def test_the_same_content_by_many_at_once_is_one(where):
    """The first creates it; for the others it is there, and whole."""
    digests = []

    def add():
        digests.append(open_store(*where).add(io.BytesIO(CONTENT)).sha256)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digests == [hashlib.sha256(CONTENT).hexdigest()] * 4
    assert len(list(open_store(*where).names())) == 1


@pytest.mark.parametrize("sha256", [MISSING, "", "../../etc/passwd", "AB" * 32])
def test_what_is_not_there(store, sha256):
    assert store.find(sha256) is None


def test_a_stream_that_breaks_leaves_nothing(store, tmp_path):
    with pytest.raises(OSError, match="cable"):
        store.add(Broken())
    assert list(store.names()) == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_damaged_bytes_are_known_as_such_and_adding_them_again_heals(store, where):
    sha256 = store.add(io.BytesIO(CONTENT)).sha256
    spoil(store, sha256, CONTENT[:-1] + b"!")
    found = store.find(sha256)
    assert store.checked(found) is None, "nobody read it as it is now"
    assert store.check(found) is False
    assert store.checked(found) is False
    store.add(io.BytesIO(CONTENT))
    other = open_store(*where)
    assert other.check(other.find(sha256)) is True


def test_what_was_checked_is_not_read_again(store):
    found = store.find(store.add(io.BytesIO(CONTENT)).sha256)
    assert store.check(found) is True
    assert store.checked(store.find(found.sha256)) is True


def test_what_is_old_is_removed_and_what_came_again_is_not(store):
    sha256 = store.add(io.BytesIO(CONTENT)).sha256
    [named] = store.names()
    assert abs(named.at_s - time.time()) < 30
    assert store.remove(sha256, named.at_s) is False
    assert store.find(sha256) is not None
    assert store.remove(sha256, named.at_s + 1) is True
    assert store.find(sha256) is None
    assert store.remove(sha256, named.at_s + 1) is False


def test_adding_again_makes_it_young(store):
    sha256 = store.add(io.BytesIO(CONTENT)).sha256
    [old] = store.names()
    time.sleep(1.1)  # an S3 tells whole seconds
    store.add(io.BytesIO(CONTENT))
    assert store.remove(sha256, old.at_s + 1) is False


def test_pieces_of_an_upload(store, where):
    store.put_part(UPLOAD, 1, b"first")
    store.put_part(UPLOAD, 3, b"third")
    store.put_part(UPLOAD, 2, b"other")
    store.put_part(UPLOAD, 2, b"second")
    other = open_store(*where)
    assert other.parts(UPLOAD) == [Part(1, 5), Part(2, 6), Part(3, 5)]
    assert b"".join(other.read_part(UPLOAD, n) for n in (1, 2, 3)) == b"firstsecondthird"
    assert list(other.uploads()) == [UPLOAD]
    with pytest.raises(FileNotFoundError):
        other.read_part(UPLOAD, 9)
    other.drop(UPLOAD)
    other.drop(UPLOAD)
    assert store.parts(UPLOAD) == []
    assert list(store.uploads()) == []
    assert list(store.names()) == []


def test_plain_files(store, where):
    assert store.plain("metadata/root.json") is None
    store.put_plain("metadata/root.json", b"1")
    store.put_plain("metadata/root.json", b"2")
    assert open_store(*where).plain("metadata/root.json") == b"2"
    assert store.plain("metadata") is None
    assert list(store.names()) == []


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "a//b", "a/..", ".hidden", "a\0"])
def test_a_name_that_leads_elsewhere_is_none(store, name):
    assert store.plain(name) is None
    with pytest.raises(ValueError, match="no name"):
        store.put_plain(name, b"")
    with pytest.raises(ValueError, match="no name"):
        store.parts(name)


def test_a_presigned_address_gives_ranges_to_whoever_has_it(s3):
    store = open_store(s3.bucket(), s3.settings)
    url = store.lead(store.add(io.BytesIO(CONTENT)).sha256, 60)
    assert s3.secret not in url
    asked = urllib.request.Request(url, headers={"Range": "bytes=1000-"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 1000-299999/{len(CONTENT)}"
        assert answer.read() == CONTENT[1000:]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.partition("?")[0], timeout=10)


def test_what_is_created_is_not_created_again(s3):
    """The condition is the S3's own: two that ask nothing before are told apart."""
    store = open_store(s3.bucket(), s3.settings)
    store._put("plain/one", b"first", "create")
    with pytest.raises(FileExistsError):
        store._put("plain/one", b"second", "create")
    assert store.plain("one") == b"first"


def test_an_s3_that_does_not_let_us_in_is_one_sentence_without_a_secret(s3):
    wrong = S3Settings(endpoint=s3.endpoint, access_key_id="nobody", secret_access_key="hush-hush")
    with pytest.raises(OSError, match=r"^the S3: ") as told:
        open_store(s3.bucket(), wrong).add(io.BytesIO(CONTENT))
    assert "hush-hush" not in str(told.value)
    assert "\n" not in str(told.value)
    assert "hush-hush" not in repr(wrong)


def test_devices_may_be_led_to_another_address_than_ours(s3):
    given = S3Settings(
        endpoint=s3.endpoint, access_key_id="k", secret_access_key="s",
        public_endpoint="https://packages.example",
    )  # fmt: skip
    led = open_store("s3://packages/depot", given).lead(MISSING, 60)
    assert led.startswith(f"https://packages.example/packages/depot/sha256/00/{MISSING[2:]}?")


@pytest.mark.parametrize("length", [100, ONE_PUT_MAX + 1])
def test_an_s3_says_of_a_content_that_it_is_bytes(s3: Seaweed, length: int):
    """A descriptor says so too, and a device that reads another type refuses the package."""
    store = open_store(s3.bucket(), s3.settings)
    url = store.lead(store.add(io.BytesIO(b"text" * length)).sha256, 60)
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"
