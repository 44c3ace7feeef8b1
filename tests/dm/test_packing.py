"""Stories of sizes: messages that hold no more than the peer takes, and the rest of them."""

from base64 import b64decode
from binascii import b2a_base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm.auth import MAC, MD5
from fumo.dm.codec import decode, encode
from fumo.dm.message import (
    WBXML,
    XML,
    Alert,
    Exec,
    Header,
    Item,
    Location,
    Message,
    Meta,
    Replace,
    Results,
    Status,
)
from fumo.dm.packing import Unsent, pack
from fumo.dm.reply import abort
from fumo.dm.session import Answer, Answered, Asked, Limits, Nonces, Request
from fumo.errors import PeerError
from tests.dm.line import Peer, device, met, package_1, server
from tests.dm.tree_talk import Talk, get, put

SMALL = Limits(msg_size_max=2000)
NODES = {f"./A/{n}": f"{n}" * 900 for n in range(6)}


def codes(message: Message, kind: type) -> list[int]:
    return [c.code for c in message.commands if isinstance(c, kind)]


def chunks(messages: list[Message]) -> list[tuple[int | None, bool]]:
    """(Size, MoreData) of each value that went in pieces."""
    items = [i for m in messages for c in m.commands for i in getattr(c, "items", ())]
    big = [i for i in items if i.more_data or (i.meta and i.meta.size)]
    return [(i.meta.size if i.meta else None, i.more_data) for i in big]


@pytest.mark.clause("C-SES-06", "P4-02", "P5-12")
@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_results_that_fill_several_messages(media_type: str):
    talk = Talk(dict(NODES), media_type, server_takes=SMALL)
    talk.run([Request("all", get(*NODES))])
    assert talk.values("all") == NODES
    assert talk.largest("device", after=2) <= 2000
    telling = [
        m for m in talk.messages("device") if any(isinstance(c, Results) for c in m.commands)
    ]
    assert len(telling) >= 3
    assert [m.final for m in telling] == [False] * (len(telling) - 1) + [True]
    asking = talk.messages("server")[1 : len(telling)]
    assert all(AlertCode.NEXT_MESSAGE in codes(m, Alert) and not m.final for m in asking)
    assert not any(
        i.more_data for m in telling for c in m.commands for i in getattr(c, "items", ())
    )


@pytest.mark.clause("S-SES")
def test_a_get_is_answered_once_and_only_when_the_package_is_whole():
    talk = Talk(dict(NODES), server_takes=SMALL).run([Request("all", get(*NODES))])
    assert [a.purpose for a in talk.answered] == ["all"]


@pytest.mark.clause("S-LOB", "P4-01")
def test_commands_without_room_wait_for_the_next_package():
    talk = Talk(device_takes=Limits(msg_size_max=2500))
    writes = [Request(f"w{n}", put(f"./A/{n}", "x" * 900)) for n in range(5)]
    talk.run(writes)
    assert talk.written == [f"./A/{n}" for n in range(5)]
    assert [a.purpose for a in talk.answered] == [f"w{n}" for n in range(5)]
    assert talk.largest("server") <= 2500
    assert all(message.final for message in talk.messages("server"))


@pytest.mark.clause("C-LOB", "S-LOB", "P5-02", "P5-03", "P5-14")
@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_a_value_too_large_for_a_message_comes_in_chunks_to_the_server(media_type: str):
    talk = Talk({"./big": "ä&<" * 3000}, media_type, server_takes=Limits(3000))
    talk.run([Request("big", get("./big"))])
    assert talk.values("big") == {"./big": "ä&<" * 3000}
    assert talk.largest("device", after=2) <= 3000
    sizes = chunks(talk.messages("device"))
    assert sizes[0] == (len("ä&<".encode()) * 3000, True)
    assert {size for size, _ in sizes[1:]} == {None}
    asked = [m for m in talk.messages("server") if 213 in codes(m, Status)]
    assert len(asked) == len(sizes)
    assert all(codes(m, Alert) == [AlertCode.NEXT_MESSAGE] and not m.final for m in asked)


@pytest.mark.clause("C-LOB", "S-LOB", "P4-03", "P4-08", "P5-01", "P5-05", "P5-06", "P5-08")
def test_a_value_too_large_for_a_message_comes_in_chunks_to_the_device():
    talk = Talk({"./big": ""}, device_takes=Limits(3000))
    talk.run([Request("write", put("./big", "v" * 9000)), Request("more", put("./small", "s"))])
    assert talk.tree == {"./big": "v" * 9000, "./small": "s"}
    assert talk.written == ["./big", "./small"]
    assert [(a.purpose, a.code) for a in talk.answered] == [("write", 200), ("more", 200)]
    assert talk.largest("server") <= 3000
    middle = [m for m in talk.messages("server") if any(more for _, more in chunks([m]))]
    assert middle
    assert not any(message.final for message in middle)
    answers = [m for m in talk.messages("device") if 213 in codes(m, Status)]
    assert len(answers) == len(middle)
    assert all(codes(m, Alert) == [AlertCode.NEXT_MESSAGE] and not m.final for m in answers)


@pytest.mark.clause("C-LOB", "P5-03")
def test_size_is_the_length_as_carried():
    """Raw bytes are counted as such in WBXML, and as base64 text in XML."""
    sizes = {}
    for media_type in (XML, WBXML):
        talk = Talk({"./raw": bytes(range(256)) * 20}, media_type, server_takes=Limits(2500))
        talk.run([Request("raw", get("./raw"))])
        [value] = talk.values("raw").values()
        assert (b64decode(value) if isinstance(value, str) else value) == bytes(range(256)) * 20
        sizes[media_type] = chunks(talk.messages("device"))[0][0]
    assert sizes == {XML: (5120 + 2) // 3 * 4, WBXML: 5120}


@pytest.mark.clause("C-LOB", "P5-11", "P2-10")
def test_a_value_larger_than_the_server_takes_is_413():
    talk = Talk({"./big": "x" * 5001}, server_takes=Limits(4000, 5000))
    talk.run([Request("big", get("./big"))])
    assert [(a.purpose, a.code, a.results) for a in talk.answered] == [("big", 413, ())]


@pytest.mark.clause("P5-11", "P2-10")
def test_the_last_size_that_was_stated_counts():
    one, other = met()
    sizes = []
    for size in (5000, 6000, 4000):
        assert one.session is not None
        one.session = replace(one.session, takes=Limits(2000, size))
        other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
        one.hear(other.say(other.agree()))
        assert other.session is not None
        sizes.append(other.session.peer_max_obj_size)
    assert sizes == [5000, 6000, 4000]


@pytest.mark.clause("P4-09")
def test_results_over_two_messages_then_a_command_in_two_chunks_then_the_end():
    """The exchange that the standard shows (RepPro 6.16), message by message."""
    tree: dict[str, str | bytes] = {"./A/1": "a" * 900, "./A/2": "b" * 900}
    talk = Talk(tree, device_takes=Limits(2600), server_takes=Limits(2300))
    talk.run([Request("read", get(*tree))], [Request("write", put("./B", "v" * 3000))])
    assert talk.values("read") == {"./A/1": "a" * 900, "./A/2": "b" * 900}
    assert talk.tree["./B"] == "v" * 3000
    told = [
        m.final for m in talk.messages("device") if any(isinstance(c, Results) for c in m.commands)
    ]
    cut = [
        m.final for m in talk.messages("server") if any(isinstance(c, Replace) for c in m.commands)
    ]
    assert (told, cut) == ([False, True], [False, True])
    assert talk.messages("server")[-1].final


@pytest.mark.clause("S-LOB")
def test_a_device_that_states_no_size_for_values_gets_none_in_chunks():
    one, other = met()
    other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
    assert other.session is not None
    other.session = replace(other.session, peer_max_msg_size=2000, peer_max_obj_size=None)
    one.hear(other.say(other.agree(), [Request("w", put("./x", "v" * 3000))]))
    other.hear(one.say())
    other.session = replace(other.session, peer_max_msg_size=2000, peer_max_obj_size=None)
    with pytest.raises(PeerError, match="Replace"):
        other.say()


def test_a_peer_that_takes_next_to_nothing_cannot_be_spoken_to():
    with pytest.raises(PeerError, match="no message that could hold"):
        Talk(dict(NODES), server_takes=Limits(300)).run([Request("all", get(*NODES))])


def test_the_words_of_a_status_give_way_to_its_code():
    one, other = met()
    body = one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))])
    other.hear(body)
    assert other.session is not None
    [answer] = other.agree()
    wordy = Answer(answer.ref, 406, items=(Item(data="w" * 5000),))
    other.session = replace(other.session, peer_max_msg_size=2000)
    said = other.say([wordy])
    assert said is not None
    assert len(said) <= 2000
    events = one.hear(said)
    assert [(e.code, e.items) for e in events if isinstance(e, Answered)] == [(406, ())]


@pytest.mark.clause("S-SES", "P6-19")
def test_alerts_of_a_device_wait_their_turn_too():
    big = Alert(AlertCode.GENERIC, items=(Item(Location("./A"), meta=Meta("chr"), data="r" * 900),))
    talk = Talk({"./A": "v"}, server_takes=Limits(2400), meets=False)
    talk.run([Request("a", get("./A"))], alerts=(big, big, big))
    assert talk.values("a") == {"./A": "v"}
    heard = [c for m in talk.messages("device")[1:] for c in m.commands if isinstance(c, Alert)]
    assert [c.code for c in heard].count(AlertCode.GENERIC) == 3
    assert talk.largest("device", after=1) <= 2400


@pytest.mark.clause("P4-09", "P2-09", "A1-07")
@pytest.mark.parametrize("scheme", [MD5, MAC])
@settings(max_examples=40, deadline=None)
@given(
    tree=st.dictionaries(
        st.sampled_from([f"./N/{n}" for n in range(6)]),
        st.text("aä&<\U0001f600\n", max_size=40).map(lambda t: t * 60)
        | st.binary(max_size=40).map(lambda b: b * 60),
        min_size=1,
    ),
    media_type=st.sampled_from([XML, WBXML]),
    device_max=st.integers(1400, 6000),
    server_max=st.integers(1400, 6000),
)
def test_any_sizes_carry_any_values(
    scheme: str,
    tree: dict[str, str | bytes],
    media_type: str,
    device_max: int,
    server_max: int,
):
    """Whatever both sides take: values are read and written whole, no message is too large."""
    limits = Limits(device_max), Limits(server_max)
    talk = Talk(dict(tree), media_type, *limits, scheme=scheme, meets=scheme == MD5)
    writes = [Request(uri, put(f"{uri}/w", value)) for uri, value in tree.items()]
    talk.run([Request("read", get(*tree))], [*writes, Request("go", Exec(()))])
    read = {uri: _same(value, media_type) for uri, value in tree.items()}
    assert talk.values("read") == read
    assert {uri: talk.tree[f"{uri}/w"] for uri in tree} == read
    assert {a.code for a in talk.answered} == {200}
    assert talk.largest("server") <= device_max
    assert talk.largest("device", after=2) <= server_max


def _same(value: str | bytes, media_type: str) -> str | bytes:
    """As it arrives: XML makes base64 text of bytes."""
    if isinstance(value, bytes) and media_type == XML:
        return b2a_base64(value, newline=False).decode()
    return value


# --- values that the peer does not want, or that break off ---------------------------------------


@pytest.mark.clause("S-LOB")
def test_a_value_larger_than_the_peer_takes_is_not_sent_at_all():
    talk = Talk(device_takes=Limits(3000, 5000))
    with pytest.raises(PeerError, match="a value of 6000 bytes to a peer that takes 5000"):
        talk.run([Request("write", put("./big", "v" * 6000))])


@pytest.mark.clause("S-LOB")
@pytest.mark.parametrize("code", [413, 420, 424])
def test_a_value_whose_first_chunk_is_refused_goes_no_further(code: int):
    one, other = in_the_middle_of_a_value()
    body = one.say(one.agree())
    assert body is not None
    other.hear(body.replace(b"<Data>213</Data>", b"<Data>%d</Data>" % code))
    assert [(e.purpose, e.code) for e in other.events if isinstance(e, Answered)] == [("w", code)]
    assert not chunks([said(other.say(other.agree(), [Request("next", get("./A"))]))])


@pytest.mark.clause("S-LOB")
def test_after_1225_the_rest_of_a_value_is_not_sent():
    """The device has thrown away what it had; whoever ordered it is told 412."""
    one, other = in_the_middle_of_a_value()
    body = said(one.say(one.agree()))
    broken = Alert(AlertCode.NO_END_OF_DATA, cmd_id=9, items=(Item(Location("./big")),))
    other.hear(encode(replace(body, commands=(*body.commands, broken)), XML))
    assert [(e.purpose, e.code) for e in other.events if isinstance(e, Answered)] == [("w", 412)]
    answer = said(other.say(other.agree()))
    assert not chunks([answer])
    assert answer.final


@pytest.mark.clause("C-LOB", "C20")
def test_a_server_that_forgets_the_rest_of_a_value_is_told_1225():
    one, other = in_the_middle_of_a_value()
    other.hear(one.say(one.agree()))
    assert other.session is not None
    other.session = replace(other.session, waiting=(), going_on=False)
    one.hear(other.say(other.agree(), [Request("go", Exec((Item(Location("./x")),)))]))
    assert not [e for e in one.events if isinstance(e, Asked) and e.ref.name != "Alert"]
    answer = said(one.say(one.agree()))
    assert [c.code for c in answer.commands if isinstance(c, Status) and c.cmd == "Exec"] == [412]
    [alert] = [c for c in answer.commands if isinstance(c, Alert)]
    assert (alert.code, alert.items[0].target) == (AlertCode.NO_END_OF_DATA, Location("./big"))
    other.hear(encode(answer, XML))
    assert AlertCode.NO_END_OF_DATA in [
        e.command.code
        for e in other.events
        if isinstance(e, Asked) and isinstance(e.command, Alert)
    ]


def test_results_that_break_off_are_named_by_their_source():
    talk = Talk({"./big": "x" * 9000}, server_takes=Limits(3000))
    one, other = talk.one, talk.other
    other.hear(one.say(requests=package_1()))
    one.hear(other.say(other.agree(), [Request("big", get("./big"))]))
    [asked] = [e for e in one.events if isinstance(e, Asked)]
    results = (Item(source=Location("./big"), data="x" * 9000),)
    other.hear(one.say([Answer(asked.ref, 200, results=results)]))
    one.hear(other.say(other.agree()))
    assert one.session is not None
    one.session = replace(one.session, waiting=(), going_on=False)
    other.hear(one.say(one.agree()))
    [alert] = [c for c in said(other.say(other.agree())).commands if isinstance(c, Alert)]
    assert (alert.code, alert.items[0].source) == (AlertCode.NO_END_OF_DATA, Location("./big"))


def test_more_results_than_anybody_can_hold_are_refused():
    talk = Talk({f"./{n}": "x" * 900 for n in range(9)}, server_takes=Limits(3000, 1000))
    with pytest.raises(PeerError, match="Items of"):
        talk.run([Request("all", get(*talk.tree))])


@pytest.mark.parametrize("names", [("1", "2"), ("b", "2")])
def test_statuses_keep_the_order_of_commands_that_have_numbers(names: tuple[str, str]):
    """A chunk before another command: its Status comes first, unless its name has no order."""
    one, other = met()
    other.hear(one.say(requests=[Request("r", Alert(AlertCode.CLIENT_EVENT))]))
    body = said(other.say(other.agree()))
    bad = Item(Location("./big"), data="x", more_data=True)
    first, second = (int(n) + 10 if n.isdigit() else n for n in names)
    commands = (Replace((bad,), first), Exec((Item(Location("./x")),), second))
    one.hear(encode(replace(body, commands=(*body.commands, *commands)), XML))
    answers = [c for c in said(one.say(one.agree())).commands if isinstance(c, Status)]
    expected = [412, 200] if first == 11 else [200, 412]
    assert [c.code for c in answers if c.cmd != "SyncHdr"] == expected


def test_what_has_no_room_in_a_refusal_is_not_said():
    """A message that proved nothing has its code on as many commands as fit."""
    one, other = device(), server()
    body = said(one.say(requests=[*package_1(), *[Request("r", get("./A"))] * 40]))
    header = replace(body.header, meta=Meta(max_msg_size=2000))
    other.hear(encode(replace(body, header=header), XML))
    refusal = other.say()
    assert refusal is not None
    assert len(refusal) <= 2000
    assert set(codes(said(refusal), Status)) == {407}
    assert other.session is not None
    assert other.session.waiting == ()
    assert said(refusal).final


@pytest.mark.clause("C-SES-05", "S-SES")
@pytest.mark.parametrize("who", ["device", "server"])
def test_either_side_may_break_off_in_the_middle_of_anything(who: str):
    """1223 and Final; the server's answer holds no commands, the device gives none."""
    one, other = in_the_middle_of_a_value()
    if who == "device":
        one.session, last = abort(one.session, one.account, one.agree())
        assert last is not None
        other.hear(last.body)
        answer = said(other.say(other.agree()))
        assert {type(c) for c in answer.commands} == {Status}
        assert answer.final
        assert other.session is not None
        assert other.session.ended
    else:
        other.hear(one.say(one.agree()))
        other.session, last = abort(other.session, other.account, other.agree())
        assert last is not None
        one.hear(last.body)
        assert one.say(one.agree()) is None
    assert [c.code for c in last.message.commands if isinstance(c, Alert)] == [1223]
    assert last.message.final


def in_the_middle_of_a_value() -> tuple[Peer, Peer]:
    """A server has sent the first chunk of a value, and the device has heard it."""
    one, other = device(Nonces(b"n", b"s"), takes=Limits(3000)), server(Nonces(b"s", b"n"))
    other.hear(one.say(requests=package_1()))
    one.hear(other.say(other.agree(), [Request("w", put("./big", "v" * 9000))]))
    assert one.session is not None
    assert one.session.unfinished is not None
    return one, other


def said(body: bytes | None) -> Message:
    assert body is not None
    return decode(body, XML)


def test_a_room_too_small_for_one_character_is_left_empty():
    frame = Message(Header("1", 1, Location("d"), Location("s")), final=True)
    status, big = Unsent(Status(1, 1, "Get", 200)), Unsent(Results(1, 1, (Item(data="x" * 900),)))
    room = len(encode(replace(frame, commands=(replace(status.command, cmd_id=1),)), XML)) + 100
    packed = pack(frame, [status, big], room, XML)
    assert [type(one.command) for one in packed.sent] == [Status]
    assert [(one.waited, one.begun) for one in packed.left] == [(True, False)]
    with pytest.raises(PeerError, match="Results"):
        pack(frame, [status, *packed.left], room, XML)
