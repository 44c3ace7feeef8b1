"""Webhooks of real servers and a real receiver: made by the API, told once, signed, and steered."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fumo.cli.admin import Admin
from tests.postgres import Cluster
from tests.server.device import Device
from tests.server.events.follower import Follower, orders, viewer
from tests.server.events.receiver import Receiver, receiver
from tests.server.process import Process
from tests.server.test_vitals import becomes

FREE = "127.0.0.1:0"
INSIDE = ("--webhook-net", "127.0.0.0/8")
UPDATES = 12


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def two(postgres: Cluster, tmp_path: Path) -> Iterator[list[Process]]:
    """Two servers on one PostgreSQL."""
    where = ("--database", postgres.fresh(), *INSIDE)
    servers = [Process(tmp_path / name, FREE, FREE, *where) for name in "ab"]
    yield servers
    for one in servers:
        one.stop()


def hook(server: Process) -> dict[str, Any]:
    [one] = Admin(server.data).get("/webhooks")["items"]
    return dict(one)


def test_two_servers_tell_each_event_once_and_in_its_order(two: list[Process], there: Receiver):
    one, other = two
    made = Admin(one.data).post_once("/webhooks", {"url": there.url(), "after": 0})
    for n in range(UPDATES):
        device = Device(f"d{n}")
        orders(one if n % 2 else other, device.id)
        device.talk(two[n % 2].post)
    last = Follower(one, viewer(one)).page("?limit=500")[1]["next"]
    while there.numbers()[-1:] != [last]:
        there.waits(len(there.came) + 1)
    assert there.numbers() == list(range(1, last + 1))
    assert there.open_max == 1
    assert there.proven(made["secret"])
    assert made["secret"] not in json.dumps(Admin(one.data).get("/webhooks"))
    assert made["secret"] not in json.dumps(Admin(one.data).get("/audit?limit=500"))


def test_a_receiver_that_was_away_is_told_what_it_missed(tmp_path: Path, there: Receiver):
    server = Process(tmp_path / "d", FREE, FREE, *INSIDE)
    try:
        admin = Admin(server.data)
        made = admin.post_once("/webhooks", {"url": there.url(), "kinds": ["campaign", "package"]})
        there.statuses = [500, 200]
        orders(server)
        there.waits(1)
        Device().talk(server.post)
        there.waits(2)
        first, second = (json.loads(body)["events"] for _, body in there.came)
        assert first[0] == second[0]
        kinds = [event["kind"] for event in second]
        assert kinds == ["package.added", "campaign.created"]
        assert there.proven(made["secret"])
        fresh = admin.post_once(f"/webhooks/{made['id']}/rotate")["secret"]
        assert fresh != made["secret"]
        assert admin.post(f"/webhooks/{made['id']}/pause")["state"] == "paused"
        assert admin.post(f"/webhooks/{made['id']}/resume")["state"] == "active"
        admin.post(f"/webhooks/{made['id']}/remove")
        assert admin.get("/webhooks")["items"] == []
        code, words = server.stop()
        assert code == 0
        assert words.count("webhook 1 is active, try 1: it answered 500") == 1
        assert made["secret"] not in words
    finally:
        server.stop()


def test_an_address_inside_is_told_nothing_and_its_admin_why(tmp_path: Path, there: Receiver):
    server = Process(tmp_path / "d")
    try:
        admin = Admin(server.data)
        for bad in ("ftp://x/", "https://u:p@x/", "x"):
            with pytest.raises(SystemExit):
                admin.post_once("/webhooks", {"url": bad})
        admin.post_once("/webhooks", {"url": there.url("localhost"), "after": 0})
        orders(server)
        with Follower(server, viewer(server)).stream("?after=0") as stream:
            stream.until("campaign.created")
        assert becomes(lambda: "is no address outside" in hook(server)["reason"])
        assert hook(server)["state"] == "active"
        assert there.came == []
    finally:
        server.stop()
