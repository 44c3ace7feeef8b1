"""Stories of a session: packages, turns, lock-step, the end."""

import itertools

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm.answered import GATHERED_MAX
from fumo.dm.codec import decode, encode
from fumo.dm.kept import keep
from fumo.dm.message import (
    WBXML,
    XML,
    Alert,
    Exec,
    Get,
    Item,
    Location,
    Message,
    Replace,
    Results,
    Status,
)
from fumo.dm.reply import abort
from fumo.dm.session import Answer, Answered, Asked, Authenticated, Ended, Gathered, Request
from fumo.errors import MisuseError, PeerError
from tests.dm.line import DEV_INFO, DEVICE_ID, SERVER_URI, device, met, package_1, server

GET = Get((Item(target=Location("./FwUpdate/x/State")),))
EXEC = Exec((Item(target=Location("./FwUpdate/x/Download")),), correlator="c-1")


def said(body: bytes | None, media_type: str = XML) -> Message:
    assert body is not None
    return decode(body, media_type)


def statuses(message: Message) -> list[tuple[str, int]]:
    return [(c.cmd, c.code) for c in message.commands if isinstance(c, Status)]


@pytest.mark.clause("C-SES-01", "P1-01")
def test_package_1_is_alert_and_dev_info_and_final():
    message = said(device().say(requests=package_1()))
    alert, info = message.commands
    assert (message.header.ver_dtd, message.header.ver_proto) == ("1.2", "DM/1.2")
    assert (message.header.msg_id, message.final) == (1, True)
    assert (message.header.source.uri, message.header.target.uri) == (DEVICE_ID, SERVER_URI)
    assert isinstance(alert, Alert)
    assert alert.code == AlertCode.CLIENT_INITIATED
    assert isinstance(info, Replace)
    assert [i.source and i.source.uri for i in info.items] == [f"./DevInfo/{n}" for n in DEV_INFO]


@pytest.mark.clause("P1-04")
@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_command_answer_and_results_meet(media_type: str):
    one, other = met(media_type)
    other.hear(one.say(requests=[Request("more", Alert(AlertCode.CLIENT_EVENT))]), media_type)
    one.hear(other.say(other.agree(), [Request("state", GET)]), media_type)
    [asked] = [e for e in one.events if isinstance(e, Asked)]
    result = Item(source=Location("./FwUpdate/x/State"), data="10")
    other.hear(one.say([Answer(asked.ref, 200, results=(result,))]), media_type)
    [answered] = [e for e in other.events if isinstance(e, Answered)]
    assert (answered.purpose, answered.code) == ("state", 200)
    assert [item.data for item in answered.results] == ["10"]


@pytest.mark.clause("C-SES-02", "P1-06")
def test_a_server_that_asks_nothing_ends_the_session():
    one, _ = met()
    assert one.say() is None
    assert one.session is not None
    assert one.session.ended


@pytest.mark.clause("C-SES-03", "P1-05", "P2-05", "P2-07")
def test_session_id_stays_and_msg_id_grows():
    one, other = met()
    seen = []
    for turn in range(3):
        body = one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))])
        seen.append((said(body).header.session_id, said(body).header.msg_id))
        other.hear(body)
        one.hear(other.say(other.agree()))
        assert turn < 3
    assert {session_id for session_id, _ in seen} == {"1"}
    assert [b - a for (_, a), (_, b) in itertools.pairwise(seen)] == [1, 1]


@pytest.mark.clause("C-SES-04", "P2-04")
def test_a_resp_uri_is_remembered():
    one, other = device(), server()
    other.hear(one.say(requests=package_1()))
    message = said(other.say(other.agree()))
    moved = replace(message, header=replace(message.header, resp_uri=f"{SERVER_URI}?s=7"))
    one.hear(encode(moved, XML))
    assert one.session is not None
    assert one.session.resp_uri == f"{SERVER_URI}?s=7"


def test_where_an_answer_is_wanted_is_said_in_every_message():
    one, other = met()
    assert other.session is not None
    other.session = replace(other.session, reply_to=f"{SERVER_URI}?s=8")
    for _ in range(2):
        other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
        answer = other.say(other.agree())
        assert said(answer).header.resp_uri == f"{SERVER_URI}?s=8"
        one.hear(answer)


@pytest.mark.clause("C-SES-05")
def test_an_abort_of_the_server_is_not_answered():
    one, other = met()
    other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
    one.hear(other.say(other.agree(), [Request("stop", Alert(AlertCode.SESSION_ABORT))]))
    assert any(isinstance(event, Ended) for event in one.events)
    assert one.say(one.agree()) is None


@pytest.mark.clause("C-SES-07", "P1-12")
def test_another_protocol_version_ends_the_session():
    one, other = device(), server()
    other.hear(one.say(requests=package_1()))
    message = said(other.say(other.agree()))
    odd = replace(message, header=replace(message.header, ver_proto="DM/9.9"))
    with pytest.raises(PeerError, match=r"DM/9\.9"):
        one.hear(encode(odd, XML))


@pytest.mark.clause("S-SES", "P4-04")
def test_a_package_that_is_not_final_is_answered_by_next_message():
    one, other = met()
    body = one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))])
    other.hear(encode(replace(said(body), final=False), XML))
    answer = said(other.say(other.agree()))
    assert not answer.final
    assert [c.code for c in answer.commands if isinstance(c, Alert)] == [AlertCode.NEXT_MESSAGE]
    assert other.session is not None
    assert not other.session.may_ask


@pytest.mark.clause("S-ORD", "P4-07")
def test_no_command_leaves_while_the_peers_package_goes_on():
    one, other = met()
    body = one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))])
    other.hear(encode(replace(said(body), final=False), XML))
    with pytest.raises(MisuseError):
        other.say(other.agree(), [Request("state", GET)])


@pytest.mark.clause("C16", "C-ALT")
def test_f12_a_late_duplicate_of_an_older_reply_brings_no_exec():
    """The reply that carried the Exec comes again after a newer message: it is not heard."""
    one, other = met()
    other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
    with_exec = other.say(other.agree(), [Request("go", EXEC)])
    assert any(isinstance(e, Asked) for e in one.hear(with_exec))
    other.hear(one.say(one.agree()))
    one.hear(other.say())
    one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))])
    before = one.session
    with pytest.raises(PeerError):
        one.hear(with_exec)
    assert one.session == before


def test_a_reply_that_skips_our_newest_message_is_not_heard():
    one, other = met()
    other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
    answer = said(other.say(other.agree(), [Request("go", EXEC)]))
    one.say(requests=[Request("again", Alert(AlertCode.CLIENT_EVENT))])
    with pytest.raises(PeerError, match="answer to message"):
        one.hear(encode(answer, XML))


def test_a_session_of_another_number_is_not_ours():
    one, other = device(), server()
    other.hear(one.say(requests=package_1()))
    message = said(other.say(other.agree()))
    with pytest.raises(PeerError, match="session"):
        one.hear(encode(replace(message, header=replace(message.header, session_id="9")), XML))


def test_a_status_for_nothing_of_ours_is_ignored():
    one, other = met()
    other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
    message = said(other.say(other.agree()))
    stray = Status(7, 7, "Exec", 200, cmd_id=99)
    events = one.hear(encode(replace(message, commands=(*message.commands, stray)), XML))
    assert [e.purpose for e in events if isinstance(e, Answered)] == ["r"]


@pytest.mark.clause("A2-09")
def test_both_sides_know_each_other_after_two_turns():
    one, other = device(), server()
    turns = 0
    while not (one.session and one.session.trusted and one.session.proven):
        other.hear(one.say(requests=package_1()))
        one.hear(other.say(other.agree()))
        turns += 1
    assert turns == 2
    assert any(isinstance(event, Authenticated) for event in one.events)


def test_a_reply_to_another_device_is_not_heard():
    """A proxy mixed two answers up: sessions may have the same number."""
    one, other = met()
    other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
    message = said(other.say(other.agree(), [Request("go", EXEC)]))
    elsewhere = replace(message.header, target=Location("IMEI:another"))
    with pytest.raises(PeerError, match="IMEI:another"):
        one.hear(encode(replace(message, header=elsewhere), XML))


@pytest.mark.clause("C-SES-07", "S-SES")
@pytest.mark.parametrize(
    ("odd", "code"), [({"ver_proto": "DM/9.9"}, 513), ({"ver_dtd": "1.9"}, 505)]
)
def test_versions_that_a_server_does_not_speak_are_answered(odd: dict[str, str], code: int):
    one, other = device(), server()
    message = said(one.say(requests=package_1()))
    events = other.hear(encode(replace(message, header=replace(message.header, **odd)), XML))
    assert [type(event) for event in events] == [Ended]
    answer = said(other.say())
    assert (statuses(answer), answer.final) == ([("SyncHdr", code)], True)


@pytest.mark.clause("C-SES-05")
def test_an_ended_session_has_nothing_to_break_off():
    one, _ = met()
    assert one.say() is None
    assert one.session is not None
    after, last = abort(one.session, one.account)
    assert last is None
    assert after.ended


@pytest.mark.parametrize("more", [0, 1])
def test_results_that_never_end_end_the_session(more: int):
    """What is gathered waits for the end of the package: so it is bounded."""
    one, other = met()
    other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
    one.hear(other.say(other.agree(), [Request("all", GET)]))
    [asked] = [event for event in one.events if isinstance(event, Asked)]
    tiny = Item(source=Location("./A"), data="1")
    message = said(one.say([Answer(asked.ref, 200, results=(tiny,))]))
    results = message.commands[-1]
    assert isinstance(results, Results)
    room = GATHERED_MAX - 3  # beside a Status, these Results and their Item
    ref = (results.msg_ref, results.cmd_ref)
    before = Gathered(*ref, keep(replace(results, items=(tiny,) * (room - 1 + more))))
    assert other.session is not None
    other.session = replace(other.session, gathered=(before,))
    body = encode(replace(message, final=False), XML)
    if not more:
        assert other.hear(body) == []
        return
    with pytest.raises(PeerError, match="Items of"):
        other.hear(body)
