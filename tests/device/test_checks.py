"""Requests for an update: a user's and the device's own (FUMO 7)."""

import pytest

from fumo.codes import DEVICE_REQUEST, USER_REQUEST, AlertCode, Kind
from fumo.device.agent import Agent, Ending
from fumo.device.checks import By, Check
from fumo.dm.codec import encode
from fumo.dm.message import XML, Alert, Message
from fumo.testing.network import Fault
from fumo.testing.server import OBJECT
from fumo.testing.world import URL, DeviceWorld, package

USER = Check(By.USER, OBJECT)


def alerts(message: Message) -> list[Alert]:
    """The Generic Alerts in it."""
    return [c for c in message.commands if isinstance(c, Alert) and c.code == AlertCode.GENERIC]


def asked(world: DeviceWorld, *checks: Check) -> Agent:
    """A life in which somebody asks for these before it begins."""
    world.boot()
    agent = world.agent()
    for check in checks:
        agent.check(check)
    return agent


@pytest.mark.clause("C19")
@pytest.mark.parametrize(
    ("check", "type_"),
    [
        (USER, USER_REQUEST),
        (Check(By.USER), USER_REQUEST),
        (Check(By.DEVICE, OBJECT), DEVICE_REQUEST),
        (Check(By.DEVICE), DEVICE_REQUEST),
    ],
)
def test_a_request_has_type_format_and_data_and_names_the_object_or_nothing(check, type_):
    world = DeviceWorld()
    assert asked(world, check).run(once=True) is Ending.DONE
    first = world.server.received[0].message
    (alert,) = alerts(first)
    (item,) = alert.items
    assert item.meta is not None
    assert (item.meta.type, item.meta.format, item.data) == (type_, "chr", "")
    assert (item.source.uri if item.source else None) == check.object_uri
    assert alert.correlator is None
    assert encode(first, XML).replace(b"<Data></Data>", b"<Data/>").count(b"<Data/>") == 1


@pytest.mark.clause("S06")
@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (200, "an update follows in this session"),
        (202, "heard; nothing follows now"),
        (415, "refused"),
    ],
)
def test_what_the_server_answers_is_understood_and_told(code, meaning):
    world = DeviceWorld()
    world.server.alert_codes.append(code)
    agent = asked(world, USER)
    assert agent.checked(USER) is None
    assert agent.run(once=True) is Ending.DONE
    assert agent.checked(USER) == code
    (told,) = world.log.of("UpdateAsked")
    assert told == {"by": By.USER, "object": OBJECT, "status": code, "meaning": meaning}


def test_an_update_that_follows_is_done():
    world = DeviceWorld()
    world.depot.files[URL] = package(b"firmware", "2")
    world.server.orders(Kind.DOWNLOAD, URL)
    asked(world, USER).run(once=True)
    first, *results = world.server.heard
    assert first.type == USER_REQUEST
    assert [one.number for one in results] == [200]


def test_a_202_leads_to_nothing():
    world = DeviceWorld()
    world.server.alert_codes.append(202)
    asked(world, USER).run(once=True)
    assert (world.target.operations, len(world.server.heard)) == ((), 1)


@pytest.mark.parametrize("code", [401, 407, 408, 500, 503])
def test_a_request_that_nobody_heard_is_told_again(code):
    world = DeviceWorld()
    world.server.alert_codes.extend([code, 202])
    asked(world, USER).run(once=True)
    assert [one["status"] for one in world.log.of("UpdateAsked")] == [202]
    assert len(world.server.heard) == 2


def test_also_when_the_network_fails_and_then_with_growing_pauses():
    world = DeviceWorld()
    world.network.faults.extend([Fault.REQUEST_LOST] * 8)
    agent = asked(world, USER)
    assert agent.run(once=True) is Ending.DONE
    assert agent.checked(USER) == 200
    assert world.clock.slept_s > 3 * world.setup.rhythm.resend_base_s


def test_asking_twice_is_asking_once():
    world = DeviceWorld()
    asked(world, USER, USER, Check(By.USER)).run(once=True)
    assert [one.source for one in world.server.heard] == [OBJECT, ""]


def test_a_request_while_a_session_goes_on_is_told_in_it():
    world = DeviceWorld()
    world.server.asks_state()
    agent = asked(world)
    world.network.watch = lambda: agent.check(USER) if not world.server.received else None
    assert agent.run(once=True) is Ending.DONE
    assert agent.checked(USER) == 200
    assert len(world.log.of("SessionBegins")) == 1
