"""Rules of headers, Statuses and turns that are small and stand alone: a row of CLAUSES.md each."""

import ast
import itertools
from pathlib import Path

import pytest
from msgspec.structs import replace

import fumo.dm
from fumo.codes import AlertCode
from fumo.dm import BASIC, MD5, WBXML, XML, Message, decode, encode
from fumo.dm.message import (
    Alert,
    Atomic,
    Chal,
    Exec,
    Get,
    Item,
    Location,
    Meta,
    Replace,
    Results,
    Status,
)
from fumo.dm.packing import Unsent, pack
from fumo.dm.session import Answer, Answered, Asked, Ended, Nonces, Request
from fumo.errors import PeerError
from tests.dm.golden import GOLDEN
from tests.dm.line import DEVICE_ID, SERVER, SERVER_URI, USER, Peer, device, met, package_1, server

STATE, GO = Location("./FwUpdate/x/State"), Location("./FwUpdate/x/Download")
TELL = Request("tell", Alert(AlertCode.CLIENT_EVENT))
PROOFS = ("dm/auth.py", "dm/notification.py", "dm/mac.py", "dm/bootstrap.py", "server/proof.py")


def said(body: bytes | None) -> Message:
    assert body is not None
    return decode(body, XML)


def asked(peer: Peer) -> list[Asked]:
    return [event for event in peer.events if isinstance(event, Asked)]


def ordered() -> tuple[Peer, Peer]:
    """A device that was asked a Get and an Exec in one message."""
    one, other = met()
    other.hear(one.say(requests=[TELL]))
    get, go = Get((Item(target=STATE),)), Exec((Item(target=GO),))
    one.hear(other.say(other.agree(), [Request("state", get), Request("go", go)]))
    return one, other


@pytest.mark.clause("P2-02", "P2-10")
def test_each_side_names_itself_and_its_user():
    one, other = device(), server()
    other.hear(one.say(requests=package_1()))
    first, second = said(one.say(requests=package_1())).header, said(other.say()).header
    assert first.source == Location(DEVICE_ID, USER.name)
    assert (first.target.uri, second.target.uri) == (SERVER_URI, DEVICE_ID)
    assert second.source == Location(SERVER_URI, SERVER.name)
    sizes = Meta(max_msg_size=65_536, max_obj_size=1_048_576)
    assert first.meta == second.meta == sizes
    assert other.session is not None
    assert other.session.peer_max_obj_size == 1_048_576


@pytest.mark.clause("P2-03")
def test_no_resp_has_no_effect():
    written = encode(GOLDEN["package1-first"].message, XML)
    assert b"NoResp" not in written
    careless = written.replace(b"</SyncHdr>", b"<NoResp/></SyncHdr>")
    careless = careless.replace(b"</CmdID>", b"</CmdID><NoResp/>")
    assert decode(careless, XML) == GOLDEN["package1-first"].message


@pytest.mark.clause("P2-08")
def test_a_command_has_a_number_of_its_own_that_is_never_0():
    one, _ = ordered()
    answers = [Answer(event.ref, 200, results=(Item(source=STATE),)) for event in asked(one)]
    numbers = [command.cmd_id for command in said(one.say(answers, [TELL])).commands]
    assert 0 not in numbers
    assert len(set(numbers)) == len(numbers) == 6


@pytest.mark.clause("P3-01", "P3-02", "P3-05")
def test_the_headers_status_comes_first_and_results_after_their_status():
    one, _ = ordered()
    get, go = asked(one)
    answers = [Answer(get.ref, 200, results=(Item(source=STATE, data="10"),)), Answer(go.ref, 202)]
    header, first, results, second = said(one.say(answers)).commands
    assert isinstance(header, Status)
    assert (header.cmd_ref, header.cmd) == (0, "SyncHdr")
    assert (header.target_refs, header.source_refs) == ((DEVICE_ID,), (SERVER_URI,))
    assert isinstance(first, Status)
    assert isinstance(results, Results)
    assert isinstance(second, Status)
    assert first.cmd_ref == results.cmd_ref == get.ref.cmd_id < second.cmd_ref == go.ref.cmd_id


@pytest.mark.clause("P3-06")
def test_results_that_were_taken_get_no_status():
    one, other = ordered()
    get, go = asked(one)
    answers = [Answer(get.ref, 200, results=(Item(source=STATE, data="10"),)), Answer(go.ref, 202)]
    other.hear(one.say(answers))
    [header] = said(other.say(other.agree())).commands
    assert isinstance(header, Status)
    assert header.cmd == "SyncHdr"


@pytest.mark.clause("P3-10")
def test_a_status_is_matched_by_its_numbers_whatever_it_says_of_targets():
    one, other = ordered()
    get, go = asked(one)
    answers = [
        Answer(get.ref, 404, target_refs=(GO.uri,)),
        Answer(go.ref, 202, target_refs=("", "x")),
    ]
    other.hear(one.say(answers))
    told = [event for event in other.events if isinstance(event, Answered)]
    assert [(event.purpose, event.code) for event in told] == [("state", 404), ("go", 202)]


@pytest.mark.clause("P1-09")
def test_an_alert_is_answered_and_that_alone_ends_the_session():
    one, other = met()
    other.hear(one.say(requests=[TELL]))
    answer = other.say(other.agree())
    assert [c.cmd for c in said(answer).commands if isinstance(c, Status)] == ["SyncHdr", "Alert"]
    one.hear(answer)
    assert [event.code for event in one.events if isinstance(event, Answered)] == [200]
    assert one.say() is None


@pytest.mark.clause("P4-05", "P5-04", "P5-14")
def test_a_device_with_more_to_say_asks_for_nothing_when_it_is_asked_for_the_rest():
    """The server's 1222 is not final, and no package of its own."""
    one, other = met()
    other.hear(one.say(requests=[TELL]))
    one.hear(other.say(other.agree(), [Request("state", Get((Item(target=STATE),)))]))
    long = Item(source=STATE, data="x" * 100_000)
    [first, *_] = [Answer(event.ref, 200, results=(long,)) for event in asked(one)]
    begun = said(one.say([first]))
    other.hear(encode(begun, XML))
    one.hear(other.say(other.agree()))
    rest = said(one.say(one.agree()))
    other.hear(encode(rest, XML))
    assert (begun.final, rest.final) == (False, True)
    assert not [c for c in rest.commands if isinstance(c, Alert)]
    assert "Alert" in [c.cmd for c in rest.commands if isinstance(c, Status)]
    items = [
        i for m in (begun, rest) for c in m.commands if isinstance(c, Results) for i in c.items
    ]
    assert [item.source for item in items] == [STATE, STATE]
    [answer] = [event for event in other.events if isinstance(event, Answered)]
    assert [item.data for item in answer.results] == [long.data]


@pytest.mark.clause("P4-06")
def test_a_device_goes_on_where_the_server_leaves_1222_out():
    one, other = met()
    other.hear(one.say(requests=[TELL]))
    one.hear(other.say(other.agree(), [Request("state", Get((Item(target=STATE),)))]))
    long = Item(source=STATE, data="x" * 100_000)
    [first, *_] = [Answer(event.ref, 200, results=(long,)) for event in asked(one)]
    other.hear(one.say([first]))
    message = said(other.say(other.agree()))
    bare = tuple(c for c in message.commands if not isinstance(c, Alert))
    one.hear(encode(replace(message, commands=bare), XML))
    assert said(one.say(one.agree())).final


@pytest.mark.clause("P4-01")
def test_an_atomic_is_never_parted():
    """It waits for a message of its own; where none could hold it, nothing is sent of it."""
    leaf = Replace((Item(target=STATE, data="x" * 600),), cmd_id=1)
    whole, large = Unsent(Atomic((leaf, leaf)), "a"), Unsent(Atomic((leaf,) * 9), "b")
    frame = Message(GOLDEN["package4-exec"].message.header)
    packed = pack(frame, [whole, whole], 3000, XML)
    assert [one.command for one in packed.sent] == [replace(whole.command, cmd_id=1)]
    assert [one.command for one in packed.left] == [replace(whole.command, cmd_id=2)]
    with pytest.raises(PeerError, match="Atomic"):
        pack(frame, [large], 3000, XML)


@pytest.mark.clause("P1-14")
@pytest.mark.parametrize(
    ("change", "code"), [({"ver_proto": "DM/9.9"}, 513), ({"ver_dtd": "9.9"}, 505)]
)
def test_a_server_says_which_version_it_does_not_speak(change: dict[str, str], code: int):
    one, other = device(), server()
    message = said(one.say(requests=package_1()))
    odd = replace(message, header=replace(message.header, **change))
    events = other.hear(encode(odd, XML))
    assert [type(event) for event in events] == [Ended]
    [header] = said(other.say()).commands
    assert isinstance(header, Status)
    assert (header.cmd, header.code) == ("SyncHdr", code)


@pytest.mark.clause("P6-11", "P6-12")
def test_who_aborts_says_final_and_a_server_answers_by_status_alone():
    one, other = met()
    abort = said(one.say(requests=[Request("stop", Alert(AlertCode.SESSION_ABORT))]))
    assert abort.final
    other.hear(encode(abort, XML))
    assert any(isinstance(event, Ended) for event in other.events)
    answer = said(other.say(other.agree()))
    assert answer.final
    assert {type(command) for command in answer.commands} == {Status}


@pytest.mark.clause("C-AUT-12", "P7-02")
@pytest.mark.parametrize("name", ["package4-exec", "package2-order"])
def test_credentials_inside_a_command_are_not_even_read(name: str):
    message = GOLDEN[name].message
    cred = b"<Cred><Data>QUJD</Data></Cred></CmdID>".replace(b"</CmdID>", b"")
    careless = encode(message, XML).replace(b"</CmdID>", b"</CmdID>" + cred)
    assert careless.count(b"QUJD") == len(message.commands)
    assert decode(careless, XML) == message


@pytest.mark.clause("A2-10")
def test_a_server_that_says_status_only_is_not_challenged():
    """It has no credentials and asks nothing: there is nothing to protect, and no answer."""
    one, other = device(Nonces(own=b"n")), server(Nonces(peer=b"n"))
    other.hear(one.say(requests=package_1()))
    message = said(other.say(other.agree()))
    bare = replace(message, header=replace(message.header, cred=None))
    unasking = [replace(c, chal=None) if isinstance(c, Status) else c for c in bare.commands]
    one.hear(encode(replace(bare, commands=tuple(unasking)), XML))
    assert one.say() is None


@pytest.mark.clause("A2-14")
def test_a_nonce_is_what_chance_gave_and_another_one_each_time():
    one, other = device(), server()
    given = []
    for _ in range(2):
        other.hear(one.say(requests=package_1()))
        answer = other.say(other.agree())
        header = next(c for c in said(answer).commands if isinstance(c, Status))
        assert header.chal is not None
        given.append(header.chal.meta.next_nonce)
        one.hear(answer)
    assert other.session is not None
    assert other.session.nonces.peer is not None
    assert len(other.session.nonces.peer) * 8 >= 128
    assert all(a != b for a, b in itertools.pairwise(given))


@pytest.mark.clause("A2-18")
def test_md5_is_not_given_up_for_basic_where_others_can_read():
    one, other = device(), server()
    one.private = False
    other.hear(one.say(requests=package_1()))
    message = said(other.say())
    header, *rest = message.commands
    assert isinstance(header, Status)
    weaker = replace(header, chal=Chal(Meta(format="b64", type="syncml:auth-basic")))
    events = one.hear(encode(replace(message, commands=(weaker, *rest)), XML))
    assert any(isinstance(event, Ended) for event in events)
    assert one.account.scheme == MD5


@pytest.mark.clause("A2-17")
@pytest.mark.parametrize("scheme", [MD5, BASIC])
def test_the_kind_that_the_account_prefers_is_tried_first(scheme: str):
    cred = said(device(Nonces(own=b"n"), scheme).say(requests=package_1())).header.cred
    assert cred is not None
    assert cred.meta == Meta(format="b64", type=scheme)


@pytest.mark.clause("A3-04")
def test_no_proof_is_compared_by_a_comparison_that_stops_early():
    """Whatever holds a proof is named so; every comparison of such a name is `compare_digest`."""
    rooms = Path(fumo.dm.__file__).parent.parent
    sources = [(rooms / name).read_text("utf-8") for name in PROOFS]
    compared = [
        ast.unparse(node)
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
    ]
    proofs = ("digest", "mac", "cred", "expected", "proof", "token")
    assert [text for text in compared if any(word in text.lower() for word in proofs)] == []
    assert all("compare_digest(" in source for source in sources)


@pytest.mark.clause("R3-11")
def test_empty_data_is_empty_text_in_both_forms():
    message = GOLDEN["abort"].message
    alert = Alert(1226, 9, items=(Item(data=""),))
    message = replace(message, commands=(*message.commands, alert))
    for form in (XML, WBXML):
        assert decode(encode(message, form), form) == message
