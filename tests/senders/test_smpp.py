"""Package #0 as binary short messages: what an SMSC is really given, octet by octet."""

import threading
from collections.abc import Iterator

import pytest
import smpp34
import smpplib.client
import smpplib.consts

from fumo.device.notices import Notice, judge
from fumo.dm import wsp
from fumo.dm.auth import Login
from fumo.dm.wsp import Push
from fumo.server.edges.senders.smpp import MESSAGE_BYTES, Smpp, SmppSender, messages
from tests.senders.parcels import BODY, DEVICE, PUSH, UDH, WSP, parcel
from tests.senders.smsc import Smsc, free_port, smsc

PHONE = "+491701234567"


@pytest.fixture
def center() -> Iterator[Smsc]:
    with smsc() as one:
        yield one


@pytest.fixture
def sender(center: Smsc) -> Iterator[SmppSender]:
    one = SmppSender(Smpp("127.0.0.1", center.port, "fumo", "secret", source="4242"), all_s=2.0)
    yield one
    one.close()


@pytest.mark.clause("N1-09")
def test_the_smsc_receives_package_0_octet_by_octet(center: Smsc, sender: SmppSender):
    assert sender.send(parcel(PHONE)).good
    [came] = center.messages(1)
    assert came.short_message == UDH + WSP
    assert (came.esm_class, came.data_coding) == (0x40, 0x04)
    assert (came.destination_addr, came.dest_addr_ton, came.dest_addr_npi) == (PHONE[1:], 1, 1)
    assert came.source_addr == "4242"


def test_the_session_with_the_smsc_is_one_for_many_messages(center: Smsc, sender: SmppSender):
    for _ in range(5):
        assert sender.send(parcel(PHONE)).good
    assert len(center.messages(5)) == 5
    assert center.bound == 1


def test_what_is_longer_than_a_message_comes_in_parts_that_a_phone_joins(
    center: Smsc, sender: SmppSender
):
    long = Push(PUSH.media_type, {}, PUSH.application, BODY + bytes(range(256)))
    assert sender.send(parcel(PHONE, long)).good
    parts = [one.short_message for one in center.messages(3)]
    assert all(len(part) <= MESSAGE_BYTES for part in parts)
    assert [(part[0], part[1:7].hex()) for part in parts] == [(0x0B, "05040b8423f0")] * 3
    assert {part[7:9].hex() for part in parts} == {"0003"}
    assert {part[9] for part in parts} == {parts[0][9]}
    assert [(part[10], part[11]) for part in parts] == [(3, 1), (3, 2), (3, 3)]
    joined = b"".join(part[12:] for part in parts)
    assert wsp.parse(joined) == long


@pytest.mark.parametrize("length", [0, 126, 127, 128, 129, 300])
def test_no_message_is_longer_than_the_air_takes_and_nothing_is_lost(length: int):
    push = bytes(n % 251 for n in range(length))
    parts = list(messages(push, 7))
    assert all(len(part) <= MESSAGE_BYTES for part in parts)
    assert b"".join(part[part[0] + 1 :] for part in parts) == push
    assert len(parts) == 1 or length > MESSAGE_BYTES - len(UDH)


def test_a_number_that_is_refused_is_this_devices_trouble_a_full_queue_everybodys(
    center: Smsc, sender: SmppSender
):
    center.refuses = smpp34.ESME_RINVDSTADR
    refused = sender.send(parcel(PHONE))
    assert (refused.good, refused.down) == (False, False)
    center.refuses = smpp34.ESME_RTHROTTLED
    busy = sender.send(parcel(PHONE))
    assert (busy.good, busy.down) == (False, True)
    center.refuses = 0
    assert sender.send(parcel(PHONE)).good


def test_an_smsc_that_is_not_there_is_down_and_comes_back(center: Smsc, sender: SmppSender):
    assert sender.send(parcel(PHONE)).good
    center.stop()
    gone = sender.send(parcel(PHONE))
    assert (gone.good, gone.down) == (False, True)
    back = Smsc(center.port)
    assert sender.send(parcel(PHONE)).good
    assert back.messages(1)[0].short_message == UDH + WSP
    center.stop = back.stop  # type: ignore[method-assign]


def test_nobody_there_from_the_beginning_is_down_without_the_password():
    sender = SmppSender(Smpp("127.0.0.1", free_port(), "fumo", "hunter2"))
    sent = sender.send(parcel(PHONE))
    assert sent.down
    assert "hunter2" not in sent.trouble + repr(Smpp("h", password="hunter2"))
    sender.close()


def test_another_client_says_the_same_octets(center: Smsc, sender: SmppSender):
    assert sender.send(parcel(PHONE)).good
    second = smpplib.client.Client("127.0.0.1", center.port, allow_unknown_opt_params=True)
    second.connect()
    second.bind_transmitter(system_id="other", password="x")
    second.send_message(
        source_addr="4242",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr=PHONE[1:],
        short_message=UDH + WSP,
        data_coding=4,
        esm_class=smpplib.consts.SMPP_GSMFEAT_UDHI,
    )
    one, two = center.messages(2)
    second.disconnect()
    for name in ("short_message", "esm_class", "data_coding", "destination_addr", "dest_addr_ton"):
        assert getattr(one, name) == getattr(two, name), name


def test_the_device_believes_what_the_smsc_was_given(center: Smsc, sender: SmppSender):
    sender.send(parcel(PHONE))
    [came] = center.messages(1)
    server, nonce = Login("fumo", DEVICE.server_secret), DEVICE.nonces.own
    heard = judge(came.short_message, server, nonce, (), resync=False)
    assert isinstance(heard, Notice)
    assert heard.session_id == 0x1F


def test_several_at_once_all_arrive(center: Smsc, sender: SmppSender):
    threads = [threading.Thread(target=sender.send, args=(parcel(PHONE),)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(center.messages(4)) == 4
