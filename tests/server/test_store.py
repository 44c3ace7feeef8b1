"""What the database refuses by itself, whoever writes."""

import pytest

from fumo.server.edges.admin_store import Clash
from fumo.server.edges.database import Forbidden
from fumo.server.edges.message_log import LOGGED_MAX
from fumo.server.rows import Package
from tests.server.device import Device
from tests.server.world import World


@pytest.fixture
def done(world: World, device: Device) -> World:
    """One operation with its result."""
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    device.talk(world.post)
    return world


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE alert SET data = '0'", "never changes"),
        ("DELETE FROM alert", "is kept"),
        ("UPDATE result SET code = 500", "never changes"),
        ("DELETE FROM result", "never changes"),
        ("INSERT INTO result VALUES (1, 500, 0)", "(?i)unique"),
        ("UPDATE operation SET result = 500", "never changes"),
        ("UPDATE operation SET state = 'planned'", "never changes"),
        ("UPDATE operation SET correlator = 'x'", "never changes"),
    ],
)
def test_a_result_cannot_be_unmade(done: World, sql: str, why: str):
    with pytest.raises(Forbidden, match=why):
        done.runs(sql)


def test_a_correlator_is_never_used_twice(done: World):
    columns = "device_id, campaign_id, package_id, kind, correlator, state, created_at_s"
    more = "due_at_s, sendings, asked, deadline_s, reason"
    sql = f"""INSERT INTO operation ({columns}, {more})
        SELECT {columns}, {more} FROM operation"""
    with pytest.raises(Forbidden, match="correlator"):
        done.runs(sql)


def test_a_package_of_the_same_name_is_the_same_file(world: World):
    one = world.store.add_package(Package(0, "fw", "1", "aa" * 32, 5))
    assert world.store.add_package(Package(0, "fw", "1", "aa" * 32, 5)) == one
    with pytest.raises(Clash, match="another content"):
        world.store.add_package(Package(0, "fw", "1", "bb" * 32, 5))


def test_the_tally_is_what_the_operations_say(done: World):
    told = "SELECT campaign_id, state, number FROM tally WHERE number > 0"
    counted = "SELECT campaign_id, state, count(*) FROM operation GROUP BY 1, 2"
    assert sorted(done.rows(told)) == sorted(done.rows(counted))


def test_secrets_do_not_show(world: World, device: Device):
    assert device.secret not in repr(world.store.device(device.id))


def test_the_log_of_a_device_keeps_its_newest_messages(world: World, device: Device):
    """The other device's log stays, and so does what the timeline needs of the newest ones."""
    other = world.knows(Device("IMEI:2"))
    other.talk(world.post)
    theirs = world.rows("SELECT id FROM message")
    world.orders(device)
    device.talk(world.post)
    [(old,)] = world.rows("SELECT max(id) FROM message")
    columns = "device_id, inbound, session_id, msg_id, at_s, media_type, body"
    world.runs(
        f"""INSERT INTO message ({columns}) SELECT {columns} FROM message
            JOIN (WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < {LOGGED_MAX})
            SELECT i FROM n) AS n ON true WHERE id = {old}""",
    )
    device.talk(world.post)
    [(number,)] = world.rows(f"SELECT count(*) FROM message WHERE device_id = '{device.id}'")
    assert isinstance(number, int)
    assert LOGGED_MAX < number < LOGGED_MAX + 20
    assert set(theirs) <= set(world.rows("SELECT id FROM message"))
    assert world.rows(f"SELECT count(*) FROM message WHERE id <= {old}") == [(len(theirs),)]
    lost = "SELECT message_id FROM about WHERE message_id NOT IN (SELECT id FROM message)"
    assert world.rows(lost) == []
