"""The same message again gets the same bytes and does nothing again (F22)."""

import pytest
from msgspec.structs import replace

from fumo.dm.codec import decode, encode
from fumo.dm.message import WBXML, XML
from fumo.server.proof import SESSION_AGE_S
from fumo.server.rows import OperationState
from tests.server.device import Device
from tests.server.world import World

S = OperationState


def all_rows(world: World) -> list[list[tuple[object, ...]]]:
    tables = ("device", "session", "reply", "operation", "result", "alert", "note", "message")
    return [world.rows(f"SELECT * FROM {table}") for table in tables]


@pytest.mark.clause("S-DUP", "P9-01")
@pytest.mark.parametrize("media_type", [XML, WBXML])
@pytest.mark.parametrize("restarts", [False, True])
def test_f8_f22_each_message_of_a_whole_job_may_come_twice(
    world: World, media_type: str, restarts: bool
):
    device = world.knows(Device(media_type=media_type))
    world.orders(device)

    def twice(peer: Device, body: bytes) -> object:
        first = world.post(peer, body)
        before = all_rows(world)
        if restarts:
            world.restart()
        assert world.post(peer, body) == first
        assert all_rows(world) == before
        return first

    device.talk(twice)  # type: ignore[arg-type]
    device.finishes(200, "90")
    device.talk(twice)  # type: ignore[arg-type]
    assert len(device.execs) == 1
    assert world.results == [(1, 200)]
    assert world.matches == ["final"]


@pytest.mark.clause("S-DUP")
def test_f12_f22_any_message_of_the_session_may_come_again_late(world: World, device: Device):
    device.talk(world.post)
    world.orders(device)
    said: list[tuple[bytes, bytes]] = []

    def noted(peer: Device, body: bytes) -> object:
        answer = world.post(peer, body)
        said.append((body, answer.body))
        for old, reply in said:
            assert world.post(peer, old).body == reply
        return answer

    device.talk(noted)  # type: ignore[arg-type]
    assert len(said) >= 4
    assert world.states == [S.ACCEPTED]


@pytest.mark.clause("S-DUP", "P9-02")
def test_a_repeat_is_found_before_credentials_are_judged(world: World, device: Device):
    """The nonce has moved on, so the same bytes could not be believed a second time."""
    device.talk(world.post)
    body = device.begin()
    first = world.post(device, body)
    assert world.post(device, body) == first
    assert b">212<" in first.body


@pytest.mark.clause("P9-03")
def test_f13_f22_message_1_with_other_words_begins_a_new_session(world: World, device: Device):
    world.orders(device)
    device.begin("7")
    first = world.post(device, device.begin("7"))
    device.hear(first)
    device.says_info = False
    second = world.post(device, device.begin("7"))
    assert second.status == 200
    device.hear(second)
    assert device.session
    assert device.session.heard == 1


@pytest.mark.clause("P9-03")
def test_f22_a_later_message_with_other_words_is_no_message_of_the_session(
    world: World, device: Device
):
    device.talk(world.post)
    world.orders(device)
    device.hear(world.post(device, device.begin()))
    body = device.go_on()
    assert body is not None
    assert world.post(device, body).status == 200
    message = decode(body, XML)
    other = encode(replace(message, commands=message.commands[:-1]), XML)
    answer = world.post(device, other)
    assert answer.status == 400
    assert b"message 2 after message 2" in answer.body


def test_f12_a_reply_to_an_older_message_of_ours_is_not_heard(world: World, device: Device):
    """Lock-step: a Status for the Exec counts only in the answer to the message that carried it."""
    world.orders(device)
    bodies: list[bytes] = []

    def noted(peer: Device, body: bytes) -> object:
        bodies.append(body)
        return world.post(peer, body)

    device.talk(noted)  # type: ignore[arg-type]
    old = decode(bodies[1], XML)
    late = encode(replace(old, header=replace(old.header, msg_id=len(bodies) + 1)), XML)
    assert world.post(device, late).status == 400


def test_the_same_first_words_begin_a_new_session_when_nothing_in_them_is_fresh(world: World):
    """A client that keeps one SessionID, and sends no credentials with its first words."""
    device = world.knows(Device())
    for _ in range(3):
        device.forgets()
        device.sessions = 0
        device.talk(world.post, "1")
        assert device.session
        assert device.session.proven
    world.orders(device)
    device.forgets()
    device.talk(world.post, "1")
    assert len(device.execs) == 1


@pytest.mark.clause("P9-02")
def test_f22_a7_no_stored_reply_is_given_after_the_session_grew_old(world: World, device: Device):
    device.talk(world.post)
    body = device.begin()
    first = world.post(device, body)
    world.at_s += SESSION_AGE_S + 1
    second = world.post(device, body)
    assert second != first
    assert b">401<" in second.body


def test_f20_a_new_session_ends_the_old_one(world: World, device: Device):
    world.orders(device)
    device.hear(world.post(device, device.begin()))
    old = device.go_on()
    assert old is not None
    device.talk(world.post)
    answer = world.post(device, old)
    assert b">202<" not in answer.body
    assert world.states == [S.ACCEPTED]
    assert world.rows("SELECT count(*) FROM session") == [(1,)]
