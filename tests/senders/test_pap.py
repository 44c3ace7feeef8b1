"""Package #0 through Kannel's push gateway, and what Kannel makes of it for the phone."""

import socket

import pytest

from fumo.device.notices import Notice, judge
from fumo.dm import wsp
from fumo.dm.auth import Login
from fumo.server.edges.senders.pap import Pap, PapSender, entity, verdict
from fumo.server.edges.senders.settings import ANYWHERE
from fumo.server.rollout import Denied
from fumo.server.waking import way_of
from tests.senders.kannel import Kannel
from tests.senders.parcels import BODY, DEVICE, PUSH, UDH, parcel
from tests.senders.smsc import Smsc, free_port

PHONE = "+491701234567"


def test_kannel_takes_the_push_and_the_smsc_receives_package_0_octet_by_octet(
    gateway: Kannel, center_of_kannel: Smsc
):
    assert PapSender(Pap(gateway.url), ANYWHERE).send(parcel(PHONE)).good
    [came] = center_of_kannel.messages(1)
    assert (came.esm_class & 0x40, came.data_coding) == (0x40, 4)
    assert came.short_message.startswith(UDH)
    assert came.short_message.endswith(BODY)
    assert came.destination_addr.lstrip("+") == PHONE[1:]


@pytest.mark.clause("C-NOT")
def test_a_device_believes_kannels_form_with_its_textual_type_and_its_own_headers(
    gateway: Kannel, center_of_kannel: Smsc
):
    if not center_of_kannel.taken:
        PapSender(Pap(gateway.url), ANYWHERE).send(parcel(PHONE))
    datagram = center_of_kannel.messages(1)[0].short_message
    assert b"application/vnd.syncml.notification\0" in datagram
    push = wsp.parse(datagram)
    assert (push.media_type, push.application, push.body) == (wsp.NOTIFICATION, 7, BODY)
    heard = judge(datagram, Login("fumo", DEVICE.server_secret), DEVICE.nonces.own, (), False)
    assert isinstance(heard, Notice)


@pytest.mark.clause("C-NOT")
@pytest.mark.parametrize("well_known", [True, False])
def test_a_device_believes_both_forms_of_the_content_type(well_known: bool):
    datagram = wsp.build(PUSH, well_known=well_known)
    assert (b"\xc4" in datagram[:6]) is well_known
    heard = judge(datagram, Login("fumo", DEVICE.server_secret), DEVICE.nonces.own, (), False)
    assert isinstance(heard, Notice)


@pytest.mark.parametrize(
    "place", ["nonsense", "x@ppg", "WAPPUSH=nonsense@ppg", "WAPPUSH=+4/TYPE=X@p"]
)
def test_an_address_over_which_kannel_hangs_never_reaches_it(place: str):
    with pytest.raises(Denied):
        way_of(f"pap:{place}")


def test_the_address_of_a_phone_may_be_said_in_full(gateway: Kannel, center_of_kannel: Smsc):
    place = "WAPPUSH=+4917099/TYPE=PLMN@ppg.example"
    before = len(center_of_kannel.taken)
    assert PapSender(Pap(gateway.url), ANYWHERE).send(parcel(way_of(f"pap:{place}").place)).good
    assert center_of_kannel.messages(before + 1)[-1].destination_addr.lstrip("+") == "4917099"


def test_a_gateway_that_hangs_is_down_before_long():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        sender = PapSender(Pap(f"http://127.0.0.1:{deaf.getsockname()[1]}/"), ANYWHERE, all_s=0.3)
        sent = sender.send(parcel(PHONE))
    assert (sent.good, sent.down) == (False, True)


def test_a_gateway_that_is_not_there_is_down():
    sender = PapSender(Pap(f"http://127.0.0.1:{free_port()}/wappush"), ANYWHERE)
    assert sender.send(parcel(PHONE)).down


def test_nothing_of_an_address_breaks_out_of_the_order():
    made = entity(PUSH, "1", 'x"><evil/>', "edge").decode("latin-1")
    assert "<evil/>" not in made
    assert made.count("--edge") == 3


@pytest.mark.parametrize(
    ("status", "said", "good", "down"),
    [
        (202, b'<response-result code="1001" desc="ok">', True, False),
        (200, b"", True, False),
        (202, b"<response-result code='2002'>", False, False),
        (400, b"", False, False),
        (401, b"", False, True),
        (503, b"", False, True),
    ],
)
def test_what_the_gateway_answers(status: int, said: bytes, good: bool, down: bool):
    sent = verdict(status, f"it answered {status}", said)
    assert (sent.good, sent.down) == (good, down)


def test_no_password_is_in_a_repr():
    assert "hunter2" not in repr(Pap("http://x", "u", "hunter2"))
