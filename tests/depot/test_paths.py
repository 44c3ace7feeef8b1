"""One table of requests, told alike on every path that the bytes of a package may take.

And the device's own downloader goes on after a cut, on each of them.
"""

import random
import time

import pytest

from fumo.depot.urls import Lane
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.pace import Limits
from tests.depot.sites import PATHS, asked, site
from tests.device.downloads import Fetch, package

PACKAGE = package(random.Random(9).randbytes(2_500_000))
LENGTH = len(PACKAGE)
OTHER = f'"{"cd" * 32}"'
DATE = "Sat, 29 Oct 1994 19:43:31 GMT"
LATER = "Sat, 29 Oct 2044 19:43:31 GMT"
LIMITS = Limits(checkpoint_bytes=1_000_000, io_timeout_s=10.0)


@pytest.fixture(scope="module", params=PATHS)
def there(request, tmp_path_factory):
    """The package, by each path."""
    root = tmp_path_factory.mktemp("d")
    with site(request.param, root, lambda: request.getfixturevalue("s3"), PACKAGE) as opened:
        yield opened


WHOLE = (200, PACKAGE, None)
NOTHING = (416, b"", f"bytes */{LENGTH}")


def part(start: int, end: int = LENGTH) -> tuple[int, bytes, str]:
    """What a range is answered with."""
    return 206, PACKAGE[start:end], f"bytes {start}-{end - 1}/{LENGTH}"


TABLE = [
    ({}, WHOLE),
    ({"range": "bytes=0-"}, part(0)),
    ({"range": "bytes=100-199"}, part(100, 200)),
    ({"range": "bytes=2000000-99999999"}, part(2_000_000)),
    ({"range": "bytes=-10"}, part(LENGTH - 10)),
    ({"range": "Bytes = 5-9"}, part(5, 10)),
    ({"range": f"bytes={LENGTH}-"}, NOTHING),
    ({"range": "bytes=99999999-"}, NOTHING),
    ({"range": "bytes=9-5"}, WHOLE),
    ({"range": "bytes=0-1,5-6"}, WHOLE),
    ({"range": "lines=1-2"}, WHOLE),
    ({"range": "bytes=100-", "if_range": "TAG"}, part(100)),
    ({"range": "bytes=100-", "if_range": "SHA"}, part(100)),
    ({"range": "bytes=100-", "if_range": OTHER}, WHOLE),
    ({"range": "bytes=100-", "if_range": "W/TAG"}, WHOLE),
    ({"range": "bytes=100-", "if_range": DATE}, WHOLE),
    ({"range": "bytes=99999999-", "if_range": OTHER}, WHOLE),
    ({"if_none_match": "TAG"}, (304, b"", None)),
    ({"if_none_match": "W/SHA"}, (304, b"", None)),
    ({"if_none_match": "*"}, (304, b"", None)),
    ({"if_none_match": OTHER}, WHOLE),
    ({"if_none_match": OTHER, "range": "bytes=7-"}, part(7)),
    ({"if_match": OTHER}, (412, b"", None)),
    ({"if_match": "TAG"}, WHOLE),
    ({"if_match": "SHA", "range": "bytes=7-"}, part(7)),
    ({"if_modified_since": LATER}, WHOLE),
    ({"if_unmodified_since": DATE}, WHOLE),
]


@pytest.mark.parametrize(("fields", "expected"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_a_request_is_answered_alike_on_every_path(there, fields, expected):
    own = {"TAG": there.tag, "SHA": f'"{there.sha256}"'}
    for word, tag in own.items():
        fields = {name: value.replace(word, tag) for name, value in fields.items()}
    answer = there.ask(**fields)
    told = (answer.status, answer.body, answer.fields.get("content-range"))
    assert told[::2] == expected[::2]
    assert told[1] == expected[1]
    if answer.status in (200, 206):
        assert answer.fields["etag"] in own.values()
        assert answer.fields["content-length"] == str(len(answer.body))
        assert "last-modified" not in answer.fields or there.path == "led"


def test_head_tells_the_same_and_sends_nothing(there):
    answer = there.ask("HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.fields["content-length"] == str(LENGTH)
    assert answer.fields["etag"] == f'"{there.sha256}"'
    assert there.ask("HEAD", range="bytes=5-9").status == 206
    assert there.ask("HEAD", range="bytes=99999999-").status == 416


def test_the_depot_logs_each_request_whoever_sends(there):
    before = len(there.depot.log())
    there.ask(range="bytes=10-19")
    there.ask("HEAD")
    told = [(one.operation, one.status, one.start, one.end, one.via)
            for one in there.depot.log()[before:]]  # fmt: skip
    sends = {"nginx": "nginx", "led": "store"}.get(there.path, "")
    status = 302 if there.path == "led" else 206
    assert told == [("op-1", status, 10, 20, sends), ("op-1", 200, 0, LENGTH, "")]


def test_a_strangers_address_leads_nowhere(there):
    url = there.url()
    assert asked("GET", url.replace("op-1", "op-2")).status == 404
    inside = f"/internal/{there.sha256[:2]}/{there.sha256[2:]}"
    host = url.partition("/packages/")[0]
    assert asked("GET", host + inside).status == 404


def test_a_speed_is_kept_and_nobody_else_sends(there):
    """A megabyte and a half at a megabyte a second, less what is made up for at the start."""
    lane, before = Lane("c7", 1_000_000), len(there.depot.log())
    began_s = time.monotonic()
    answer = asked("GET", there.url(lane=lane), range="bytes=0-1499999")
    assert time.monotonic() - began_s > 1.0
    assert (answer.status, answer.body) == (206, PACKAGE[:1_500_000])
    assert [one.via for one in there.depot.log()[before:]] == [""]


def test_f14_the_device_goes_on_behind_its_checkpoint(there, tmp_path):
    before = len(there.depot.log())
    fetch = Fetch(there.url(), DiskFolder(tmp_path), LIMITS)
    fetch.once()
    fetch.downloader.fetch(fetch.target.operations[0].order, fetch.target)  # never recorded
    fetch.start()
    fetch.run()
    assert fetch.content() == PACKAGE
    assert fetch.causes == []
    assert None not in fetch.checkpoints  # it never began anew
    asked_for = [(one.start, one.end) for one in there.depot.log()[before:]]
    assert asked_for == [(0, LENGTH), (1_000_000, LENGTH)]
