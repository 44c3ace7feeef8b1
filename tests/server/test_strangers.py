"""Strangers who know a device's name: they report nothing, end nothing, shut nobody out."""

import pytest
from msgspec.structs import replace

from fumo.codes import ALERT_TYPES, Kind
from fumo.dm.alerts import generic_alert
from fumo.dm.auth import BASIC
from fumo.dm.codec import decode, encode
from fumo.dm.message import XML, Alert, Header, Location, Message, Meta, Status
from fumo.dm.session import TRIES_MAX, Request
from fumo.server.edges.pump_thread import WAITING_MAX, WAITING_OF_ONE_MAX, PumpThread
from fumo.server.proof import SLOT_S, own_address
from fumo.server.rows import OperationState
from fumo.wire.exchange import Reply
from tests.server.device import Device
from tests.server.world import World, heard

S = OperationState
DLU = ALERT_TYPES[Kind.DOWNLOAD_AND_UPDATE]


def codes(reply: Reply) -> list[int]:
    """The Statuses of a reply."""
    commands = decode(reply.body, reply.media_type).commands
    return [c.code for c in commands if isinstance(c, Status)]


def at_work(world: World, device: Device) -> Device:
    """A device in the middle of a session, believed."""
    world.orders(device)
    device.talk(world.post)
    device.hear(world.post(device, device.begin()))
    assert device.session
    assert device.session.resp_uri
    return device


def forged(device: Device, session: str, msg_id: int, ref: int) -> bytes:
    """A result, as somebody without any secret writes it into a device's session."""
    alert = replace(generic_alert(DLU, "./FwUpdate/x", 200, "informational", None), cmd_id=2)
    header = Header(session, msg_id, Location("http://x/dm"), Location(device.id))
    return encode(Message(header, (Status(ref, 0, "SyncHdr", 200, 1), alert), True), XML)


@pytest.mark.clause("S-AUT")
def test_a7_a8_nobody_reports_into_a_session_by_guessing_its_numbers(world: World, device: Device):
    at_work(world, device)
    before = world.rows("SELECT * FROM session"), world.rows("SELECT * FROM device")
    for session in range(1, device.sessions + 2):
        for msg_id in range(2, 8):
            for ref in range(1, msg_id):
                world.post(Device(), forged(device, f"{session:X}", msg_id, ref))
    assert world.states == [S.ACCEPTED]
    assert world.matches == []
    assert before == (world.rows("SELECT * FROM session"), world.rows("SELECT * FROM device"))


def test_a_session_that_is_over_is_over_even_for_who_knows_its_address(
    world: World, device: Device
):
    world.orders(device)
    device.talk(world.post)
    assert device.session
    number, last = device.session.session_id, device.session.sent
    reply = world.post(device, forged(device, number, last + 1, last))
    assert reply.status != 200 or 407 in codes(reply)
    assert world.states == [S.ACCEPTED]


@pytest.mark.clause("S-AUT")
def test_a_client_that_does_not_follow_resp_uri_proves_itself_in_each_message(world: World):
    """Basic credentials in every header, and always the first address."""

    class Plain(Device):
        address = "http://127.0.0.1:8000/dm"  # type: ignore[assignment]

        def may_say(self, *words: object) -> bytes | None:
            assert self.session
            self.session = replace(self.session, scheme=BASIC, proven=False)
            return super().may_say(*words)  # type: ignore[arg-type]

    device = world.knows(Plain())
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.ACCEPTED]
    assert len(device.execs) == 1


def test_the_same_client_without_credentials_is_asked_for_them(world: World, device: Device):
    at_work(world, device)
    assert device.session
    device.session = replace(device.session, resp_uri=None)
    more = device.say((), [Request("x", Alert(1222))])
    assert 407 in codes(world.post(device, more))


@pytest.mark.clause("S-AUT")
def test_a_first_message_of_a_stranger_does_not_end_a_session(world: World, device: Device):
    at_work(world, device)
    body = device.go_on()
    before = world.rows("SELECT * FROM session"), world.rows("SELECT * FROM reply")
    assert device.session
    stranger = Device(secret="guess", says_info=False)
    assert 407 in codes(world.post(stranger, stranger.begin(device.session.session_id)))
    assert before == (world.rows("SELECT * FROM session"), world.rows("SELECT * FROM reply"))
    assert body is None or not {401, 407} & {*codes(world.post(device, body))}


@pytest.mark.clause("A3-05")
def test_a8_a_device_gets_in_however_many_strangers_use_its_name(world: World, device: Device):
    def crowded(peer: Device, body: bytes) -> Reply:
        reply = world.post(peer, body)
        for number in range(20):
            stranger = Device(secret="?", sessions=500 + number)
            world.post(stranger, stranger.begin())
        return reply

    device.talk(crowded)
    assert device.session
    assert device.session.proven


@pytest.mark.clause("A3-05")
def test_a_whole_update_goes_on_while_a_stranger_never_stops_to_try(world: World, device: Device):
    """Before each message of the device, one with its name and a wrong password."""
    refused = []

    def besieged(peer: Device, body: bytes) -> Reply:
        name = peer.session.session_id if peer.session else None
        stranger = Device(secret="?", sessions=900 + len(refused))
        for session in (name, None):
            refused.append({401, 407} & {*codes(world.post(stranger, stranger.begin(session)))})
        return world.post(peer, body)

    world.orders(device)
    device.talk(besieged)
    device.finishes(200, "90")
    device.talk(besieged)
    assert world.states == [S.SUCCEEDED]
    assert device.outbox == []
    assert len(refused) > 2 * TRIES_MAX
    assert all(refused)


def test_a17_one_name_does_not_fill_the_queue(world: World):
    one, other = Device(), Device("IMEI:2")
    thread = PumpThread(world.pump)  # not started: what waits, waits
    waiting = [thread.message(heard(one, one.begin())) for _ in range(WAITING_MAX)]
    assert sum(not future.done() for future in waiting) == WAITING_OF_ONE_MAX
    assert not thread.message(heard(other, other.begin())).done()


# --- challenges out of nothing --------------------------------------------------------------------


def challenged(world: World, device: Device) -> bytes:
    """A device's answer to its challenge."""
    device.hear(world.post(device, device.begin()))
    body = device.go_on()
    assert body is not None
    return body


@pytest.mark.parametrize(("later_s", "good"), [(0, True), (SLOT_S, True), (2 * SLOT_S, False)])
def test_a_challenge_is_good_for_a_while(world: World, device: Device, later_s: float, good: bool):
    body = challenged(world, device)
    world.at_s += later_s
    assert (212 in codes(world.post(device, body))) == good


@pytest.mark.clause("S-AUT")
def test_a7_a_challenge_serves_once(world: World, device: Device):
    """Whoever read along says the same credentials again, with words of its own."""
    body = challenged(world, device)
    assert 212 in codes(world.post(device, body))
    said = decode(body, XML)
    other = encode(replace(said, commands=said.commands[:1]), XML)
    assert 401 in codes(world.post(Device(), other))


def test_a_challenge_is_of_one_session(world: World, device: Device):
    said = decode(challenged(world, device), XML)
    other = encode(replace(said, header=replace(said.header, session_id="other")), XML)
    assert 401 in codes(world.post(Device(), other))


def test_a_challenge_outlives_the_server(world: World, device: Device):
    body = challenged(world, device)
    world.restart()
    assert 212 in codes(world.post(device, body))


# --- the address of a session ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("http://h:1/dm", "http://h:1/dm?s="),
        ("https://h/dm?a=1&s=old&b=2", "https://h/dm?a=1&b=2&s="),
        ("http://[::1]:8/dm?s=old", "http://[::1]:8/dm?s="),
    ],
)
def test_a_session_has_the_address_that_the_device_used_and_a_token(uri: str, place: str):
    one, other = own_address(b"k", uri, b"1"), own_address(b"k", uri, b"2")
    assert one
    assert one.startswith(place)
    assert len(one) == len(place) + 32
    assert one != other


@pytest.mark.parametrize(
    "uri", ["", "fumo", "ftp://h/dm", "http://h/a b", "http://h/\n", "http://h/" + "x" * 500]
)
def test_what_is_no_address_is_not_said_again(uri: str):
    assert own_address(b"k", uri, b"1") is None


@pytest.mark.clause("R4-01")
def test_a_session_that_changes_its_media_type_is_answered_in_the_type_of_the_question(
    world: World, device: Device
):
    at_work(world, device)
    assert device.session
    device.media_type = "application/vnd.syncml.dm+wbxml"
    device.session = replace(device.session, media_type=device.media_type)
    reply = world.post(device, device.say((), [Request("x", Alert(1222))]))
    assert reply.media_type == device.media_type
    assert 200 in codes(reply)


def test_who_takes_no_answer_gets_a_reason(world: World, device: Device):
    said = decode(device.begin(), XML)
    tiny = replace(said.header, meta=Meta(max_msg_size=10))
    reply = world.post(device, encode(replace(said, header=tiny), XML))
    assert reply.status == 400
