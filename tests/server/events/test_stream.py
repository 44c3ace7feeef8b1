"""The feed over real sockets: by page, as a stream, after a lost connection, at another process."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.cli.admin import Admin
from tests.postgres import Cluster
from tests.server.device import Device
from tests.server.events.follower import Follower, orders, viewer
from tests.server.process import Process

FREE = "127.0.0.1:0"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "d")
    yield process
    process.stop()


def test_a_stream_tells_what_happens_and_goes_on_where_it_was_cut(server: Process):
    follower, device = Follower(server, viewer(server)), Device()
    with follower.stream() as stream:
        orders(server)
        assert stream.until("campaign.created") == ["package.added", "campaign.created"]
        device.talk(server.post)
        told = stream.until("operation.accepted")
        seen = stream.seen
    assert told[0] == "device.seen"
    device.finishes(200, "90")
    device.talk(server.post)
    with follower.stream(**{"Last-Event-ID": str(seen)}) as again:
        assert again.until("operation.succeeded") == ["alert.final", "operation.succeeded"]
    with follower.stream("?after=0&kind=operation") as narrow:
        assert narrow.until("operation.succeeded")[0] == "operation.note"
    status, page = follower.page("?kind=alert&kind=campaign&limit=1")
    assert (status, [event["kind"] for event in page["items"]]) == (200, ["campaign.created"])
    _, rest = follower.page(f"?kind=alert&after={page['next']}")
    assert [event["kind"] for event in rest["items"]] == ["alert.final"]
    assert rest["next"] == again.seen
    assert "audit.devices.add" not in {
        one["kind"] for one in follower.page("?limit=500")[1]["items"]
    }
    owner = Admin(server.data).get("/events", kind="audit")["items"]
    assert "owner at socket: IMEI:1" in [one["text"] for one in owner]


def test_a_number_that_never_was_is_refused_before_the_stream(server: Process):
    follower = Follower(server, viewer(server))
    for query in ("?after=5", "?after=-1", "?after=x", "?limit=0"):
        status, told = follower.page(query)
        assert status in (400, 409)
        assert told["detail"]
    with pytest.raises(AssertionError, match="older copy"), follower.stream("?after=5"):
        pass
    bad = {"Last-Event-ID": "1e3"}
    with pytest.raises(AssertionError, match="Last-Event-ID"), follower.stream(**bad):
        pass


def test_a_server_that_ends_does_not_wait_for_its_listeners(server: Process):
    follower = Follower(server, viewer(server))
    with follower.stream() as stream:
        orders(server)
        stream.until("campaign.created")
        began_s = time.monotonic()
        assert server.stop() == (0, "")
        assert time.monotonic() - began_s < 3
        assert stream.next() is None


def test_what_happens_at_one_process_is_told_at_the_other(postgres: Cluster, tmp_path: Path):
    where = ("--database", postgres.fresh())
    one, other = (Process(tmp_path / name, FREE, FREE, *where) for name in "ab")
    try:
        device = Device()
        with Follower(other, viewer(one)).stream() as stream:
            orders(one)
            device.talk(one.post)
            assert stream.until("operation.accepted")[:2] == ["package.added", "campaign.created"]
            device.finishes(200, "90")
            device.talk(other.post)
            assert stream.until("operation.succeeded") == ["alert.final", "operation.succeeded"]
    finally:
        one.stop()
        other.stop()
