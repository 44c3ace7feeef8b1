"""A sleeping device and the notifications that come: which wake it, how often, and why not."""

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.device.agent import Ending
from fumo.device.edges.journal import SqliteJournal
from fumo.device.notices import WINDOW
from fumo.dm.auth import Login
from fumo.dm.message import Alert, Message
from fumo.dm.notification import RESYNC_NONCE, Trigger, UiMode, build
from fumo.dm.ui import Said
from fumo.dm.wsp import NOTIFICATION, UDH_SENT, Push
from fumo.dm.wsp import build as pushed
from fumo.testing.server import NAME
from fumo.testing.user import ScriptedUser
from fumo.testing.world import DeviceWorld

POLL_S = 3600.0


def sleeper(**rhythm: float) -> DeviceWorld:
    """A device that has met its server once and polls seldom."""
    world = DeviceWorld()
    world.setup = replace(world.setup, rhythm=replace(world.setup.rhythm, poll_s=POLL_S, **rhythm))
    world.server.asks_state()  # the device challenges, so both know a server nonce
    assert world.live() is Ending.DONE
    return world


def notice(world: DeviceWorld, session_id: int, login: Login = NAME, **more: object) -> bytes:
    """A push with the nonce that the server holds now."""
    nonce = world.server.saved.own or b""
    body = build(Trigger(login.name, session_id, **more), login, nonce)
    return pushed(Push(NOTIFICATION, {}, 7, body))


def lives_for(world: DeviceWorld, seconds: float) -> list[tuple[str, int]]:
    """The sessions of a life of so long, after the one at its start: (SessionID, alert)."""
    known, end_s = len(world.server.received), world.clock.now_s() + seconds
    world.boot()
    world.clock.alarms_s.append(end_s)
    assert world.agent().run(False, lambda: world.clock.now_s() >= end_s) is Ending.STOPPED
    firsts = [e.message for e in world.server.received[known:] if e.message.header.msg_id == 1]
    return [(m.header.session_id, begun_by(m)) for m in firsts][1:]


def begun_by(message: Message) -> int:
    return next(c.code for c in message.commands if isinstance(c, Alert))


@pytest.mark.clause("C-NOT", "P1-13", "P2-06")
def test_a_notification_wakes_a_sleeping_device_for_the_session_it_names():
    world = sleeper()
    world.pushes.comes(notice(world, 0xAB), 60.0)
    assert lives_for(world, 600.0) == [("AB", AlertCode.SERVER_INITIATED)]


@pytest.mark.clause("C-NOT", "N1-04")
def test_a11_the_same_session_id_wakes_it_once_also_over_a_restart():
    world = sleeper()
    datagram = notice(world, 0x1234)
    for after_s in (5.0, 5.0, 60.0, 90.0):
        world.pushes.comes(datagram, after_s)
    assert lives_for(world, 200.0) == [("1234", 1200)]
    world.pushes.comes(datagram, 60.0)
    assert lives_for(world, 200.0) == []
    assert "heard before" in str(world.log.of("PushIgnored")[-1]["reason"])


@pytest.mark.clause("C-NOT")
def test_over_an_sms_and_through_a_gateway_it_is_the_same():
    world = sleeper()
    world.pushes.comes(UDH_SENT + notice(world, 7), 30.0)
    assert lives_for(world, 100.0) == [("7", 1200)]


def spoiled(datagram: bytes) -> bytes:
    return datagram[:-1] + bytes([datagram[-1] ^ 1])


@pytest.mark.clause("C-NOT", "N1-08")
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda w: spoiled(notice(w, 1)), "server we do not know"),
        (lambda w: notice(w, 1, vendor=b"a")[:-1] + b"b", "wrong digest"),
        (lambda w: notice(w, 1, Login(NAME.name, "guess")), "wrong digest"),
        (lambda w: notice(w, 1, Login("stranger", NAME.secret)), "server we do not know"),
        (lambda w: notice(w, 1)[:-1], "server id of"),
        (lambda w: b"", "cut off"),
        (lambda w: b"\xff" * 2048, "of type 255"),
        (lambda w: notice(w, 1).replace(b"\xaf\x87", b"\xaf\x82"), "for the application 2"),
        (lambda w: pushed(Push("text/plain", {}, 7, b"hello")), "that is no notification"),
    ],
)
def test_what_is_not_proven_or_not_ours_wakes_nobody(spoil, reason: str):
    world = sleeper()
    world.pushes.comes(spoil(world), 60.0)
    assert lives_for(world, 600.0) == []
    assert reason in str(world.log.of("PushIgnored")[0]["reason"])


@pytest.mark.clause("C-NOT")
def test_a7_a11_a_replay_after_the_nonce_has_changed_wakes_nobody():
    world = sleeper()
    old = notice(world, 0x51)
    world.server.asks_state()
    world.live()
    world.pushes.comes(old, 60.0)
    assert lives_for(world, 600.0) == []


@pytest.mark.clause("C-NOT")
def test_a_device_that_gave_no_nonce_yet_believes_nobody():
    world = DeviceWorld()
    world.pushes.comes(notice(world, 1), 0.1)
    world.network.down = True
    assert world.live() is Ending.UNDELIVERED
    assert world.log.of("PushIgnored")[0]["reason"] == "wrong digest"


@pytest.mark.clause("C-NOT")
def test_a11_a_flood_of_true_notifications_is_few_contacts_with_the_newest_ids():
    world = sleeper(notice_gap_s=10.0)
    for number in range(1, 61):
        world.pushes.comes(notice(world, number), float(number))
    held = lives_for(world, 200.0)
    assert 3 <= len(held) <= 7
    assert held[-1] == ("3C", 1200)


@pytest.mark.clause("C-NOT")
def test_a11_a_flood_of_lies_is_few_lines_and_no_contact():
    world = sleeper(notice_gap_s=10.0)
    for number in range(1000):
        world.pushes.comes(spoiled(notice(world, 1)), 1.0 + number / 10)
    assert lives_for(world, 200.0) == []
    assert len(world.log.of("PushIgnored")) < 12
    assert len(world.log.of("Idle")) < 10


@pytest.mark.clause("C-NOT")
def test_a10_a_notification_leads_only_to_the_server_that_is_known():
    world = sleeper()
    world.pushes.comes(notice(world, 1, vendor=b"http://evil.example/dm"), 10.0)
    lives_for(world, 100.0)
    assert set(world.network.urls) == {world.setup.server_url}


@pytest.mark.clause("C-NOT")
def test_when_the_server_cannot_be_reached_the_device_tries_again_by_itself():
    world = sleeper()
    world.pushes.comes(notice(world, 0x77), 10.0)
    end_s = world.clock.now_s() + 11.0
    world.network.watch = lambda: setattr(
        world.network, "down", end_s - 5 < world.clock.now_s() < end_s
    )
    assert lives_for(world, 300.0) == [("3", AlertCode.CLIENT_INITIATED)]


@pytest.mark.clause("C-NOT", "N1-03")
@pytest.mark.parametrize(
    ("mode", "replies", "held", "asked"),
    [
        (UiMode.BACKGROUND, [], True, []),
        (UiMode.UNSPECIFIED, [], True, []),
        (UiMode.INFORMATIVE, [Said.TIMED_OUT], True, [AlertCode.DISPLAY]),
        (UiMode.USER_INTERACTION, [Said.YES], True, [AlertCode.CONFIRM]),
        (UiMode.USER_INTERACTION, [Said.NO], False, [AlertCode.CONFIRM]),
        (UiMode.USER_INTERACTION, [Said.CANCELLED], False, [AlertCode.CONFIRM]),
        (UiMode.USER_INTERACTION, [Said.TIMED_OUT], False, [AlertCode.CONFIRM]),
        (UiMode.USER_INTERACTION, [], True, [AlertCode.CONFIRM]),
    ],
)
def test_a_user_is_told_or_asked_as_the_notification_wants(mode, replies, held, asked):
    world = sleeper()
    user = world.user = ScriptedUser(*replies)
    world.pushes.comes(notice(world, 9, ui_mode=mode), 10.0)
    assert lives_for(world, 100.0) == ([("9", 1200)] if held else [])
    assert [question.code for question in user.asked] == asked


@pytest.mark.clause("C-NOT")
def test_a_notification_during_a_session_waits_for_its_end():
    world = sleeper()
    world.server.asks_state()
    datagram = notice(world, 0x10)
    world.network.watch = lambda: world.pushes.comes(datagram)
    held = lives_for(world, 200.0)
    assert held == [("10", 1200)]


def zero_notice(session_id: int) -> bytes:
    """From a server that lost its nonces."""
    body = build(Trigger(NAME.name, session_id), NAME, RESYNC_NONCE)
    return pushed(Push(NOTIFICATION, {}, 7, body))


@pytest.mark.clause("C-NOT", "N3-01")
def test_a_server_that_lost_its_nonces_is_not_believed_unless_it_is_allowed():
    world = sleeper()
    world.pushes.comes(zero_notice(1), 10.0)
    assert lives_for(world, 100.0) == []


@pytest.mark.clause("C-NOT", "N3-02")
def test_where_it_is_allowed_both_sides_begin_anew_with_the_known_nonce():
    world = sleeper()
    world.setup = replace(world.setup, resync=True)
    world.server.asks_state()
    lost = type(world.server.saved)(RESYNC_NONCE, RESYNC_NONCE)
    before = world.journal.nonces()
    world.network.down = True  # so that the session at the start settles nothing
    world.pushes.comes(zero_notice(0x99), 10.0)
    world.network.watch = lambda: setattr(world.network, "down", not world.log.of("Notified"))
    world.server.saved = lost
    world.server.asks_state()
    known = len(world.server.received)
    end_s = world.clock.now_s() + 60.0
    world.boot()
    world.clock.alarms_s.append(end_s)
    world.agent().run(False, lambda: world.clock.now_s() >= end_s)
    first = world.server.received[known]
    assert first.message.header.session_id == "99"
    assert world.server.codes[-1] == 200
    after = world.journal.nonces()
    assert RESYNC_NONCE not in after
    assert before != after


def test_the_journal_keeps_the_newest_ids(tmp_path):
    with SqliteJournal(tmp_path / "journal.db") as journal:
        for number in range(1, WINDOW + 11):
            journal.save_notified(number)
    with SqliteJournal(tmp_path / "journal.db") as journal:
        assert journal.notified() == set(range(11, WINDOW + 11))
