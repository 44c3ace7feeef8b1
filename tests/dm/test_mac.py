"""Stories of the MAC: its formula, its header, and sessions in which each message proves itself."""

import hmac
from base64 import b64encode

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm.auth import BASIC, MAC, MD5, Account, Login
from fumo.dm.codec import decode
from fumo.dm.mac import Mac, header, mac, parse, proves
from fumo.dm.message import XML, Alert, Get, Item, Location, Message, Status
from fumo.dm.session import Asked, Authenticated, Challenged, Ended, Nonces, Refused, Request
from fumo.errors import PeerError
from tests.dm.line import SERVER, USER, Peer, device, package_1, server

BRUCE, BODY = Login("Bruce2", "OhBehave"), b"<SyncML/>"
KNOWN = "urdCeS3JUmjFgi8SX3webw=="
GET = Get((Item(target=Location("./DevInfo/DevId")),))
EVENT = Request("event", Alert(AlertCode.CLIENT_EVENT))
OURS, THEIRS = Nonces(b"n1", b"s1"), Nonces(b"s1", b"n1")


def told(value: str) -> str:
    return f'algorithm=MD5, username="Bruce2", mac={value}'


def said(body: bytes | None) -> Message:
    assert body is not None
    return decode(body, XML)


def status(body: bytes | None) -> Status:
    return next(c for c in said(body).commands if isinstance(c, Status) and c.cmd == "SyncHdr")


def pair(ours: Nonces = OURS, theirs: Nonces = THEIRS) -> tuple[Peer, Peer]:
    return device(ours, MAC), server(theirs)


def carry(speaker: Peer, hearer: Peer, body: bytes | None) -> bytes | None:
    hearer.hear(body, mac=speaker.mac)
    return body


# --- the formula and the header -------------------------------------------------------------------


@pytest.mark.clause("C-AUT-07", "A1-03", "A1-06")
def test_the_formula_is_plain_md5():
    assert mac(BRUCE, b"Nonce", BODY) == KNOWN
    assert proves(told(KNOWN), BRUCE, b"Nonce", BODY)


@pytest.mark.clause("C-AUT-07", "A1-03", "A1-06")
def test_a_true_hmac_is_no_proof():
    known = b64encode(hmac.digest(b"x", b"y", "md5")).decode()
    assert not proves(told(known), BRUCE, b"Nonce", BODY)
    assert not proves(told("11CukurBegkWxXRIsdlKBQ=="), BRUCE, b"Nonce", BODY)


@pytest.mark.clause("A1-07")
@pytest.mark.parametrize("body", [b"<SyncML />", b"<SyncML/>\n", b""])
def test_one_other_byte_is_no_proof(body: bytes):
    assert not proves(told(KNOWN), BRUCE, b"Nonce", body)


@pytest.mark.clause("A1-04")
def test_the_header_says_algorithm_name_and_mac():
    assert header(BRUCE, b"Nonce", BODY) == told(KNOWN)
    odd = Login('a "b", \\c', "x")
    parsed = parse(header(odd, b"n", BODY))
    assert parsed == Mac(odd.name, mac(odd, b"n", BODY))


@pytest.mark.clause("A1-05")
@pytest.mark.parametrize(
    "text",
    [
        f'username="Bruce2", mac={KNOWN}',
        f'mac="{KNOWN}",username=Bruce2',
        f'  Algorithm = md5 , UserName = "Bruce2" , MAC = {KNOWN} ',
        told(KNOWN.rstrip("=")),
        told(b64encode(b"bab742792dc95268c5822f125f7c1e6f").decode().rstrip("=")),
    ],
    ids=["no algorithm", "another order", "blanks and case", "no padding", "the standard's hex"],
)
def test_forms_of_the_field_are_understood(text: str):
    assert proves(text, BRUCE, b"Nonce", BODY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mac",
        f"mac={KNOWN}",
        'username="Bruce2"',
        'username="Bruce2", mac=',
        f'algorithm=SHA1, username="Bruce2", mac={KNOWN}',
        f'algorithm=MD5, username="Bruce3", mac={KNOWN}',
        f'username="Bruce2, mac={KNOWN}',
        told("%%%"),
        told("AAAA"),
        told(b64encode(b"x" * 32).decode()),
        told(KNOWN) + " " * 1024,
    ],
)
def test_what_is_no_proof(text: str):
    assert not proves(text, BRUCE, b"Nonce", BODY)


@pytest.mark.clause("A1-05")
def test_strictly_only_base64_of_the_raw_octets_counts():
    assert proves(told(KNOWN), BRUCE, b"Nonce", BODY, lenient=False)
    assert not proves(told(KNOWN.rstrip("=")), BRUCE, b"Nonce", BODY, lenient=False)
    hexed = b64encode(b"bab742792dc95268c5822f125f7c1e6f").decode()
    assert not proves(told(hexed), BRUCE, b"Nonce", BODY, lenient=False)


# --- sessions -------------------------------------------------------------------------------------


@pytest.mark.clause("C-AUT-07", "S-AUT", "A2-07", "A2-14", "A1-04")
def test_every_message_has_its_mac_and_a_fresh_nonce():
    one, other = pair()
    nonces, headers = set(), []
    carry(one, other, one.say(requests=package_1()))
    for _ in range(3):
        answer = carry(other, one, other.say(other.agree(), [Request("g", GET)]))
        chal = status(answer).chal
        assert (status(answer).code, chal and chal.meta.type) == (200, MAC)
        nonces.add(chal and chal.meta.next_nonce)
        headers.append(one.mac)
        asked = carry(one, other, one.say(one.agree()))
        assert status(asked).code == 200
        assert said(asked).header.cred is None
        assert said(answer).header.cred is None
    assert len(nonces) == 3
    assert None not in headers
    assert len(set(headers)) == 3


@pytest.mark.clause("C-AUT-07", "S-AUT")
def test_without_a_nonce_the_server_is_asked_for_one():
    one, other = pair(Nonces(), Nonces())
    refusal = carry(one, other, one.say(requests=package_1())) and other.say()
    assert status(refusal).code == 401
    assert (chal := status(refusal).chal) is not None
    assert chal.meta.type == MAC
    carry(other, one, refusal)
    assert any(isinstance(event, Challenged) for event in one.events)
    carry(one, other, one.say(requests=package_1()))
    assert any(isinstance(event, Authenticated) for event in other.events)
    carry(other, one, other.say(other.agree()))
    assert any(isinstance(event, Authenticated) for event in one.events)


@pytest.mark.clause("C-AUT-07", "S-AUT", "A2-07", "A2-18")
@pytest.mark.parametrize("how", ["no MAC", "another body", "the last MAC again"])
def test_a_message_without_its_proof_ends_a_session_of_macs(how: str):
    one, other = pair()
    carry(one, other, one.say(requests=package_1()))
    carry(other, one, other.say(other.agree(), [Request("g", GET)]))
    before = one.mac
    body = one.say(one.agree())
    assert body is not None
    if how == "another body":
        other.hear(body.replace(b"200", b"404"), mac=one.mac)
    else:
        other.hear(body, mac=before if how == "the last MAC again" else None)
    assert [type(e) for e in other.events] == [Refused, Ended]
    answer = other.say()
    assert status(answer).code in (401, 407)
    assert status(answer).chal is None
    with pytest.raises(PeerError, match="ended"):
        carry(one, other, one.say(requests=[EVENT]))


@pytest.mark.clause("C-AUT-07")
def test_an_unproven_reply_to_a_mac_has_no_effect_on_a_device():
    one, other = pair()
    carry(one, other, one.say(requests=package_1()))
    carry(other, one, other.say(other.agree(), [Request("g", GET)]))
    carry(one, other, one.say(one.agree()))
    body = other.say(other.agree(), [Request("g", GET)])
    one.hear(body)
    assert not [e for e in one.events if isinstance(e, Asked)]
    assert any(isinstance(e, Ended) for e in one.events)
    assert one.say() is None


@pytest.mark.clause("C-AUT-07")
def test_a_device_of_macs_takes_nothing_less_from_its_server():
    one, other = pair()
    body = one.say(requests=package_1())
    other.account = Account(SERVER, USER, scheme=MD5)
    carry(one, other, body)
    assert other.session is not None
    other.session = replace(other.session, scheme=MD5)
    carry(other, one, other.say(other.agree(), [Request("g", GET)]))
    assert not [e for e in one.events if isinstance(e, Asked)]
    assert [e.reason for e in one.events if isinstance(e, Refused)] == [
        "weaker credentials than were asked for"
    ]
    answer = carry(one, other, one.say(requests=package_1()))
    assert status(answer).code == 401
    carry(other, one, other.say(other.agree()))
    assert any(isinstance(event, Authenticated) for event in one.events)


@pytest.mark.clause("C-AUT-08")
def test_a_demand_for_less_than_a_mac_ends_the_session():
    one, other = device(Nonces(), MAC), server()
    one.say(requests=package_1())
    strange = device()
    other.hear(strange.say(requests=package_1()))
    one.hear(other.say())
    assert [type(e) for e in one.events][-1] is Ended


@pytest.mark.clause("S-AUT", "A2-18")
def test_another_kind_of_credentials_than_was_asked_for_ends_the_session():
    one, other = device(), server()
    other.hear(one.say(requests=package_1()))
    one.hear(other.say())
    assert one.session is not None
    one.session = replace(one.session, scheme=BASIC)
    other.hear(one.say(requests=package_1()))
    assert [type(e) for e in other.events if not isinstance(e, Challenged)] == [Refused, Ended]


@pytest.mark.clause("C-AUT-05", "S-AUT")
def test_who_asks_for_credentials_in_each_message_gets_them():
    one, other = device(OURS), server(THEIRS)
    other.account = Account(SERVER, USER, MD5, each_message=True)
    other.hear(one.say(requests=package_1()))
    for _ in range(3):
        answer = other.say(other.agree(), [Request("g", GET)])
        assert status(answer).code == 200
        one.hear(answer)
        body = one.say(one.agree())
        assert said(body).header.cred is not None
        other.hear(body)
        assert other.session is not None
        assert other.session.trusted
    one.hear(other.say(other.agree()))
    assert one.session is not None
    one.session = replace(one.session, proven=True)  # as if 212 had been said
    other.hear(one.say(requests=[EVENT]))
    assert [type(e) for e in other.events] == [Refused, Ended]


@pytest.mark.clause("C-AUT-12", "A1-04")
def test_a_mac_is_no_cred():
    one, other = device(OURS), server(THEIRS)
    body = one.say(requests=package_1())
    assert body is not None
    other.hear(body.replace(b"syncml:auth-md5", b"syncml:auth-MAC"))
    assert any(isinstance(event, Refused) for event in other.events)
