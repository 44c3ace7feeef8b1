"""Who is believed: 407, 401, 212, nonces, and what a stranger can find out or change (none)."""

import pytest
from msgspec.structs import replace

from fumo.codes import ALERT_TYPES, Kind
from fumo.dm.alerts import generic_alert
from fumo.dm.auth import BASIC, challenge
from fumo.dm.codec import decode, encode
from fumo.dm.message import XML, Message, Status
from fumo.dm.session import TRIES_MAX, Nonces
from tests.server.device import Device
from tests.server.world import World

TABLES = ("device", "session", "reply", "operation", "result", "alert", "note", "message")


def count(world: World, *tables: str) -> dict[str, object]:
    return {t: world.rows(f"SELECT count(*) FROM {t}")[0][0] for t in tables}


def all_rows(world: World) -> list[list[tuple[object, ...]]]:
    return [world.rows(f"SELECT * FROM {table}") for table in TABLES]


def message(world: World, device: Device, body: bytes) -> Message:
    answer = world.post(device, body)
    assert answer.status == 200, answer.body
    return decode(answer.body, answer.media_type)


def codes(message: Message) -> list[int]:
    return [c.code for c in message.commands if isinstance(c, Status)]


@pytest.mark.clause("S-AUT")
def test_without_credentials_all_is_answered_407_with_a_challenge(world: World, device: Device):
    answer = message(world, device, device.begin())
    assert codes(answer) == [407, 407, 407]
    head = answer.commands[0]
    assert isinstance(head, Status)
    assert head.chal is not None
    assert head.chal.meta.next_nonce
    assert all(isinstance(c, Status) for c in answer.commands)
    assert answer.header.cred is None, "who only asks shall not collect proofs of ours"


@pytest.mark.clause("S-AUT")
def test_a_stale_nonce_gets_one_more_challenge_and_then_all_goes_well(world: World, device: Device):
    device.talk(world.post)
    device.nonces = Nonces(b"some old nonce..", device.nonces.peer)
    answer = message(world, device, device.begin())
    assert codes(answer)[0] == 401
    device.sessions += 1
    assert device.talk(world.post) >= 2
    assert device.session
    assert device.session.proven


@pytest.mark.clause("S-AUT")
def test_the_nonce_of_212_serves_the_next_session(world: World, device: Device):
    device.talk(world.post)
    assert codes(message(world, device, device.begin()))[0] == 212


@pytest.mark.clause("S-AUT", "A2-15")
def test_a9_the_server_proves_itself_with_another_secret_for_each_device(world: World):
    one = world.knows(Device("IMEI:1", server_secret="a"))
    other = world.knows(Device("IMEI:2", server_secret="b"))
    for device in (one, other):
        device.talk(world.post)
        assert device.session
        assert device.session.trusted
    one.server_secret = "b"
    one.begin()
    answer = world.post(one, one.begin())
    one.hear(answer)
    assert one.session
    assert not one.session.trusted


def test_a_device_that_wants_proof_first_gets_it(world: World, device: Device):
    """The very first session: neither side has a nonce for the other."""
    assert device.talk(world.post) <= 4
    assert device.session
    assert device.session.trusted
    assert device.session.proven


@pytest.mark.clause("S-AUT")
def test_a8_an_alert_in_an_unauthenticated_message_never_counts(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    liar = Device(secret="wrong", sessions=500)
    kind = ALERT_TYPES[Kind.DOWNLOAD_AND_UPDATE]
    correlator = world.operation().correlator
    liar.outbox = [generic_alert(kind, "./FwUpdate/x", 200, "informational", correlator)]
    before = all_rows(world)
    assert codes(message(world, liar, liar.begin())) == [407] * 4
    assert world.results == []
    assert world.matches == []
    assert all_rows(world) == before


@pytest.mark.clause("S-AUT", "S-FZZ")
def test_wrong_credentials_end_the_session_after_five_tries(world: World):
    world.knows(Device())
    liar = Device(secret="wrong")
    answers = []
    body = liar.begin()
    for _ in range(TRIES_MAX + 1):
        answers.append(world.post(liar, body))
        if answers[-1].status != 200:
            break
        liar.hear(answers[-1])
        assert liar.session
        liar.session = replace(liar.session, ended=False, refusals=0)
        body = liar.say((), liar.first_words())
    assert [a.status for a in answers] == [200] * TRIES_MAX + [400]
    assert b"ended" in answers[-1].body


def test_a8_wrong_credentials_for_ever_leave_no_trace(world: World, device: Device):
    device.talk(world.post)
    before = all_rows(world)
    for number in range(60):
        liar = Device(secret="wrong", sessions=number)
        world.post(liar, liar.begin())
    assert all_rows(world) == before


def test_a_stranger_leaves_no_row_and_cannot_tell_whether_a_device_is_known(world: World):
    world.knows(Device("IMEI:known"))
    known, unknown = Device("IMEI:known", secret="?"), Device("IMEI:other", secret="?")
    for device in (known, unknown):
        device.sessions = 0
    bodies = known.begin(), unknown.begin()
    for _ in range(TRIES_MAX + 1):
        answers = world.post(known, bodies[0]), world.post(unknown, bodies[1])
        assert answers[0].status == answers[1].status
        if answers[0].status != 200:
            break
        told = [_anonymous(answer.body) for answer in answers]
        assert told[0] == told[1]
        for device, answer in zip((known, unknown), answers, strict=True):
            device.hear(answer)
            assert device.session
            device.session = replace(device.session, ended=False, refusals=0)
        bodies = known.say((), known.first_words()), unknown.say((), unknown.first_words())
    assert answers[0].status == 400
    assert count(world, "session", "reply", "message") == {"session": 0, "reply": 0, "message": 0}


def _anonymous(body: bytes) -> bytes:
    """A message without what must differ: the device's name and the nonce."""
    message = decode(body, XML)
    chal = next((c.chal for c in message.commands if isinstance(c, Status) and c.chal), None)
    body = encode(message, XML)
    for name in (b"IMEI:known", b"IMEI:other"):
        body = body.replace(name, b"NAME")
    nonce = chal.meta.next_nonce if chal else None
    return body.replace(nonce.encode(), b"NONCE") if nonce else body


def test_the_same_stranger_hears_the_same_again(world: World):
    stranger = Device("IMEI:other")
    body = stranger.begin()
    assert world.post(stranger, body).body == world.post(stranger, body).body


def test_basic_credentials_are_never_offered_to_who_proved_nothing(world: World, device: Device):
    """A challenge for basic by a liar must not draw the server's password out of it."""
    device.talk(world.post)
    liar = Device(secret="wrong", sessions=700)
    first = message(world, liar, liar.begin())
    assert liar.session
    said = decode(liar.begin(f"{liar.sessions:X}"), XML)
    lure = Status(first.header.msg_id, 0, "SyncHdr", 401, 1, chal=challenge(BASIC, b""))
    header = replace(said.header, msg_id=2)
    body = encode(replace(said, header=header, commands=(lure, *said.commands)), XML)
    answer = message(world, liar, body)
    assert answer.header.cred is None
    assert b"s1" not in encode(answer, XML)


class Plain(Device):
    """Shows its password in each message, whoever may read along."""

    def may_say(self, *words: object) -> bytes | None:
        assert self.session
        self.session = replace(self.session, scheme=BASIC, proven=False, private=True)
        return super().may_say(*words)  # type: ignore[arg-type]


@pytest.mark.clause("A3-03")
@pytest.mark.parametrize("private", [True, False])
def test_a8_a_password_in_plain_counts_only_where_nobody_reads_along(world: World, private: bool):
    device = world.knows(Plain(private=private))
    said = codes(message(world, device, device.begin()))
    assert (401 in said) is not private
    seen = world.rows("SELECT seen_at_s FROM device")
    assert (seen == [(world.at_s,)]) is private
