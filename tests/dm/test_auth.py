"""Stories of credentials: formulas against the standard's vectors, challenges, what is kept."""

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm.auth import BASIC, MD5, Account, Login, Verdict, credentials, digest, verdict, wanted
from fumo.dm.codec import decode, encode
from fumo.dm.message import (
    XML,
    Alert,
    Chal,
    Exec,
    Get,
    Item,
    Location,
    Message,
    Meta,
    Results,
    Status,
)
from fumo.dm.notification import RESYNC_NONCE
from fumo.dm.session import (
    PROOFS_MAX,
    TRIES_MAX,
    Answered,
    Asked,
    Challenged,
    Ended,
    Nonces,
    Refused,
    Request,
)
from fumo.errors import PeerError
from tests.dm.line import SERVER, USER, Peer, device, met, package_1, server

EXEC = Exec((Item(target=Location("./FwUpdate/x/Download")),), correlator="c-1")
TELL = Request("tell", Alert(AlertCode.GENERIC, items=(Item(data="200"),)))


def said(body: bytes | None) -> Message:
    assert body is not None
    return decode(body, XML)


def header_status(body: bytes | None) -> Status:
    return next(c for c in said(body).commands if isinstance(c, Status) and c.cmd == "SyncHdr")


def stranger(peer: Peer, secret: str = "guess") -> Peer:
    """The same side, with a wrong secret."""
    peer.account = Account(Login(peer.account.own.name, secret), peer.account.peer)
    return peer


@pytest.mark.clause("A1-02")
@pytest.mark.parametrize(
    ("login", "nonce", "expected"),
    [
        (Login("Bruce2", "OhBehave"), b"Nonce", "Zz6EivR3yeaaENcRN6lpAQ=="),
        (Login("Bruce1", "OhBehave"), b"nonce", "lnZLb3wBhv5gvClt8C+m7w=="),
        (Login("u", "p"), bytes(4), "VytBFY55rRzg7RQxu3thMg=="),
        (Login("u", "p"), b"0x00000000", "66jBzzDnHvbiozhbC3Txzw=="),
        (Login("u", "p"), b"", "JemSnouWnSDuueJ5XOivPA=="),
    ],
)
def test_digest_of_known_vectors(login: Login, nonce: bytes, expected: str):
    assert digest(login, nonce) == expected


@pytest.mark.clause("A1-01")
def test_basic_of_the_standards_vector():
    cred = credentials(Login("Bruce2", "OhBehave"), BASIC, None)
    assert cred is not None
    assert cred.data == "QnJ1Y2UyOk9oQmVoYXZl"


@pytest.mark.clause("A3-03")
def test_a8_basic_counts_only_where_nobody_reads_along():
    cred = credentials(USER, BASIC, None)
    assert verdict(cred, USER, None, private=True) is Verdict.GOOD
    assert verdict(cred, USER, None, private=False) is Verdict.EXPOSED


def test_a22_a_secret_never_shows():
    assert "secret" not in repr(USER)
    assert "secret" not in repr(Account(USER, SERVER))


@pytest.mark.clause("C-AUT-01", "S-AUT", "A2-01", "A2-03")
def test_without_credentials_407_then_package_1_again():
    one, other = device(), server()
    first = one.say(requests=package_1())
    other.hear(first)
    refusal = other.say(other.agree())
    assert header_status(refusal).code == 407
    assert {type(c) for c in said(refusal).commands} == {Status}
    assert any(isinstance(event, Challenged) for event in one.hear(refusal))
    again = said(one.say(requests=package_1()))
    assert (again.header.msg_id, again.header.session_id) == (2, said(first).header.session_id)
    other.hear(encode(again, XML))
    assert header_status(other.say(other.agree())).code == 212


@pytest.mark.clause("C-AUT-02", "S-AUT", "A2-04")
def test_a_stale_nonce_gets_one_fresh_challenge():
    one, other = device(Nonces(own=b"old")), server(Nonces(peer=b"new"))
    other.hear(one.say(requests=package_1()))
    refusal = other.say()
    assert header_status(refusal).code == 401
    one.hear(refusal)
    other.hear(one.say(requests=package_1()))
    assert other.session is not None
    assert other.session.trusted


@pytest.mark.clause("C-AUT-03", "A2-12")
def test_refused_again_and_again_the_device_gives_up():
    one, other = stranger(device()), server()
    tries = 0
    while not any(isinstance(event, Ended) for event in one.events):
        other.hear(one.say(requests=package_1()))
        one.hear(other.say())
        tries += 1
    assert tries == PROOFS_MAX
    assert one.say() is None


@pytest.mark.clause("A2-01", "A2-12")
def test_a_server_ends_a_session_of_wrong_credentials():
    other = server()
    for number in range(1, TRIES_MAX + 1):
        guess = stranger(device(Nonces(own=b"x")))
        assert guess.session is not None
        guess.session = replace(guess.session, sent=number - 1)
        body = said(guess.say(requests=package_1()))
        last = Status(number - 1, 0, "SyncHdr", 200, cmd_id=9)
        commands = (last, *body.commands) if number > 1 else body.commands
        other.hear(encode(replace(body, commands=commands), XML))
        answer = other.say()
    assert header_status(answer).code == 401
    assert header_status(answer).chal is None
    with pytest.raises(PeerError, match="ended"):
        other.hear(encode(body, XML))


@pytest.mark.clause("C-AUT-04", "A2-05")
def test_the_nonce_with_212_serves_the_next_session():
    one, other = met()
    later, again = device(one.nonces), server(other.nonces)
    again.hear(later.say(requests=package_1()))
    assert again.session is not None
    assert again.session.trusted
    later.hear(again.say(again.agree()))
    assert later.session is not None
    assert later.session.trusted


@pytest.mark.clause("C-AUT-05", "A2-06")
def test_the_nonce_with_200_serves_the_next_message():
    one, other = device(Nonces(own=b"n1", peer=b"s1")), server(Nonces(own=b"s1", peer=b"n1"))
    other.hear(one.say(requests=package_1()))
    message = said(other.say(other.agree(), [Request("go", EXEC)]))
    chal = Chal(Meta(format="b64", type=MD5, next_nonce="bjI="))
    header, *rest = message.commands
    assert isinstance(header, Status)
    for_this_message = replace(header, code=200, chal=chal)
    one.hear(encode(replace(message, commands=(for_this_message, *rest)), XML))
    cred = said(one.say(one.agree())).header.cred
    assert cred is not None
    assert cred.data == digest(USER, b"n2")


@pytest.mark.clause("C-AUT-06")
def test_a_challenge_for_basic_is_answered_where_basic_is_allowed():
    one, other = device(), server()
    other.account = Account(other.account.own, other.account.peer, scheme=BASIC)
    other.hear(one.say(requests=package_1()))
    one.hear(other.say())
    cred = said(one.say(requests=package_1())).header.cred
    assert cred is not None
    assert cred.meta is not None
    assert cred.meta.type == BASIC


@pytest.mark.clause("A3-03")
def test_a8_basic_in_the_open_is_not_answered():
    one, other = device(), server()
    one.private = False
    other.account = Account(other.account.own, other.account.peer, scheme=BASIC)
    other.hear(one.say(requests=package_1()))
    assert any(isinstance(event, Ended) for event in one.hear(other.say()))


@pytest.mark.clause("C-AUT-08", "A2-08")
def test_a_challenge_of_an_unknown_kind_ends_the_session():
    one, other = device(), server()
    other.hear(one.say(requests=package_1()))
    message = said(other.say())
    header, *rest = message.commands
    assert isinstance(header, Status)
    odd = replace(header, chal=Chal(Meta(format="b64", type="syncml:auth-securid")))
    events = one.hear(encode(replace(message, commands=(odd, *rest)), XML))
    assert any(isinstance(event, Ended) for event in events)


@pytest.mark.clause("C-AUT-09", "C-AUT-10", "P7-31", "A2-02", "A2-11")
@pytest.mark.parametrize(("secret", "code"), [(None, 407), ("guess", 401)])
def test_commands_of_an_unproven_server_are_refused(secret: str | None, code: int):
    nonces = Nonces(own=b"s1", peer=b"n1")
    one, other = device(Nonces(own=b"n1", peer=b"s1")), server(nonces)
    other = stranger(other, secret) if secret else other
    other.hear(one.say(requests=package_1()))
    message = said(other.say(other.agree(), [Request("go", EXEC)]))
    if secret is None:
        message = replace(message, header=replace(message.header, cred=None))
    events = one.hear(encode(message, XML))
    assert not [e for e in events if isinstance(e, Asked | Answered)]
    assert any(isinstance(event, Refused) for event in events)
    answer = said(one.say())
    codes = {c.cmd: c.code for c in answer.commands if isinstance(c, Status)}
    assert codes == {"SyncHdr": code, "Exec": code}
    assert header_status(encode(answer, XML)).chal is not None


@pytest.mark.clause("C-AUT-11", "A2-13")
def test_a_challenge_of_an_unproven_server_is_not_kept():
    kept = Nonces(own=b"mine", peer=b"theirs")
    one, other = device(kept), stranger(server(Nonces(peer=b"else")))
    other.hear(one.say(requests=package_1()))
    one.hear(other.say())
    assert one.session is not None
    assert one.session.nonces.own != b"mine"
    assert one.nonces.own == b"mine"


@pytest.mark.clause("C-ALT")
def test_a_200_of_an_unproven_server_acknowledges_nothing():
    """Only an authenticated Status ends the alert; a forged one changes nothing."""
    one, other = device(Nonces(own=b"n", peer=b"s")), stranger(server(Nonces(own=b"s", peer=b"n")))
    other.hear(one.say(requests=[*package_1(), TELL]))
    events = one.hear(other.say(other.agree()))
    assert not [event for event in events if isinstance(event, Answered)]


@pytest.mark.clause("C-ALT", "S-AUT")
def test_a_401_stamped_on_a_refused_message_answers_no_command():
    one, other = device(Nonces(own=b"old", peer=b"s")), server(Nonces(own=b"s", peer=b"new"))
    other.hear(one.say(requests=[*package_1(), TELL]))
    events = one.hear(other.say())
    assert one.session is not None
    assert one.session.trusted
    assert not [event for event in events if isinstance(event, Answered)]
    assert one.session.pending == ()


@pytest.mark.clause("A2-11")
def test_nothing_of_a_strangers_message_reaches_the_server():
    one, other = stranger(device(Nonces(own=b"n"))), server(Nonces(peer=b"n"))
    results = Results(1, 1, (Item(data="x"),))
    message = said(one.say(requests=[*package_1(), TELL]))
    events = other.hear(encode(replace(message, commands=(*message.commands, results)), XML))
    assert not [event for event in events if isinstance(event, Asked | Answered)]
    assert other.nonces == Nonces(peer=b"n")


def test_an_unreadable_nonce_is_none():
    assert wanted(Chal(Meta(type=MD5, next_nonce="%%%"))) == (MD5, None)


def test_get_is_answered_only_in_its_own_session():
    one, other = met()
    get = Request("g", Get((Item(target=Location(".")),)))
    other.hear(one.say(requests=[TELL]))
    one.hear(other.say(other.agree(), [get]))
    assert [e.ref.name for e in one.events if isinstance(e, Asked)] == ["Get"]


def test_who_shows_basic_is_shown_basic_at_once():
    """Else a device that asks for nothing would never learn that it met its server."""
    one, other = device(scheme=BASIC), server()
    other.hear(one.say(requests=package_1()))
    one.hear(other.say(other.agree()))
    assert one.session is not None
    assert (one.session.trusted, one.session.proven) == (True, True)


@pytest.mark.clause("N3-01")
def test_the_nonce_that_everybody_knows_is_never_kept():
    """It serves a resync once, also when nothing more is said that could carry a new one."""
    known = Nonces(RESYNC_NONCE, RESYNC_NONCE)
    one, other = device(known), server(known)
    other.hear(one.say(requests=package_1()))
    one.hear(other.say(other.agree()))
    assert one.say() is None
    assert one.session is not None
    assert one.session.trusted
    assert RESYNC_NONCE not in (one.nonces.own, one.nonces.peer)
