"""A server asks a device for a session: what it sends, to whom it cannot, and that it counts."""

import socket

import pytest

from fumo.dm.auth import Login
from fumo.dm.notification import SESSION_ID_MAX, Trigger, UiMode, Worth, parse, worth
from fumo.dm.wsp import NOTIFICATION
from fumo.dm.wsp import parse as parse_push
from fumo.server.edges.udp_push import place, send
from fumo.server.notify import next_session
from fumo.server.office import Missing, Office
from fumo.server.operation import shown
from fumo.server.rollout import Denied
from fumo.server.rows import OperationState
from tests.server.device import Device
from tests.server.world import World


def office(world: World) -> Office:
    return Office(world.store, world.dice.octets)


@pytest.mark.clause("S-NOT", "N1-09")
def test_a_device_that_came_once_can_be_notified_with_the_nonce_it_gave(
    world: World, device: Device
):
    device.talk(world.post)
    made = office(world).notice(device.id, "informative", world.at_s)
    push = parse_push(made.datagram)
    heard = parse(push.body)
    assert (push.media_type, push.application) == (NOTIFICATION, 7)
    assert heard.trigger == Trigger("fumo", made.session_id, UiMode.INFORMATIVE)
    login = Login("fumo", device.server_secret)
    assert worth(heard, login, device.nonces.peer, resync=False) is Worth.GOOD


@pytest.mark.clause("S-NOT")
def test_a10_a11_each_notification_asks_for_a_session_of_its_own_also_over_a_restart(
    world: World, device: Device
):
    device.talk(world.post)
    first = [office(world).notice(device.id, "background", world.at_s).session_id for _ in range(3)]
    world.restart()
    assert [*first, office(world).notice(device.id, "background", world.at_s).session_id] == [
        1,
        2,
        3,
        4,
    ]


def test_session_ids_begin_again_after_the_last():
    assert [next_session(None), next_session(1), next_session(SESSION_ID_MAX)] == [1, 2, 1]


@pytest.mark.clause("S-NOT")
def test_who_cannot_be_notified(world: World, device: Device):
    with pytest.raises(Denied, match="come once by itself"):
        office(world).notice(device.id, "background", world.at_s)
    with pytest.raises(Missing):
        office(world).notice("nobody", "background", world.at_s)
    device.talk(world.post)
    with pytest.raises(Denied, match="there are unspecified, background"):
        office(world).notice(device.id, "loudly", world.at_s)
    assert office(world).notice(device.id, "background", world.at_s).session_id == 1


def test_one_datagram_is_sent():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        ours.settimeout(5)
        send(b"push", ours.getsockname())
        assert ours.recv(100) == b"push"


@pytest.mark.parametrize(
    ("text", "found"),
    [("10.0.0.1", ("10.0.0.1", 2948)), ("[::1]:5", ("::1", 5)), ("h.example:9", ("h.example", 9))],
)
def test_a_place(text: str, found: tuple[str, int]):
    assert place(text) == found


@pytest.mark.parametrize("text", ["", ":1", "h:0", "a/b", "u@h", "h:99999", "h:x"])
def test_no_place(text: str):
    with pytest.raises(ValueError, match=r"."):
        place(text)


def test_what_waits_for_a_device_is_shown_as_notified(world: World, device: Device):
    device.talk(world.post)
    world.orders(device)
    assert shown(world.operation()) == "planned"
    office(world).notice(device.id, "background", world.at_s)
    assert shown(world.operation()) == "notified"
    assert world.states == [OperationState.PLANNED]
    device.talk(world.post)
    assert world.states == [OperationState.ACCEPTED]
    assert world.rows("SELECT count(*) FROM note WHERE text LIKE 'a notification%'") == [(1,)]
