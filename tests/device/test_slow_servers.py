"""Servers that take their time, or ask for patience; and downloads that are held back."""

import time
from email.message import Message

import pytest

from fumo.device.edges.intake import BUFFER_BYTES
from fumo.device.edges.pace import Limits
from fumo.device.edges.patience import asked_to_wait_s
from fumo.update.duty import Wait, duty
from fumo.update.failures import Cause
from fumo.update.operation import Policy
from tests.device.downloads import Fetch, package
from tests.device.servers import etag, head, honest, says, scripted

PACKAGE = package(b"firmware" * 400)
TOTAL = len(PACKAGE)


def fetch_from(*answers, **settings) -> Fetch:
    with scripted(*answers) as server:
        one = Fetch(server.url, **settings)
        one.run()
        one.requests = server.seen
    return one


def test_a5_headers_that_drip_are_a_timeout():
    def drips(_seen, peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(200):
            peer.sendall(b"X-%d: y\r\n" % number)
            time.sleep(0.02)

    start_s = time.monotonic()
    one = fetch_from(drips, honest(PACKAGE), limits=Limits(io_timeout_s=0.2))
    assert one.causes == [Cause.TIMEOUT]
    assert time.monotonic() - start_s < 3


def test_a5_headers_without_end_are_a_bad_answer():
    def floods(_seen, peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            peer.sendall(b"X-Y: z\r\n" * 1000)

    one = fetch_from(floods, honest(PACKAGE))
    assert one.causes == [Cause.BAD_ANSWER]


def test_a5_a_line_without_end_is_a_bad_answer():
    def floods(_seen, peer):
        while True:
            peer.sendall(b"HTTP/1.1 200 O" * 1000)

    one = fetch_from(floods, honest(PACKAGE))
    assert one.causes == [Cause.BAD_ANSWER]


@pytest.mark.parametrize(
    "told", [{}, {"content_length": 1 << 60}, {"transfer_encoding": "chunked"}]
)
def test_a5_a_body_without_end_is_stopped_where_the_manifest_ends(told):
    def endless(_seen, peer):
        peer.sendall(head(200, told))
        size = b"%x\r\n" % (1 << 40) if "transfer_encoding" in told else b""
        peer.sendall(size + PACKAGE)
        while True:
            peer.sendall(bytes(65536))

    one = fetch_from(endless)
    assert one.causes in ([Cause.CORRUPT], [Cause.NO_SPACE_DOWNLOAD])
    assert one.files.size("package.part") <= BUFFER_BYTES


def test_a5_chunks_that_drip_their_sizes_are_a_timeout():
    def drips(_seen, peer):
        peer.sendall(head(200, {"transfer_encoding": "chunked"}))
        while True:
            peer.sendall(b"0")
            time.sleep(0.02)

    one = fetch_from(drips, honest(PACKAGE), limits=Limits(io_timeout_s=0.2))
    assert one.causes == [Cause.TIMEOUT]


@pytest.mark.parametrize("size", [b"-5", b"-ffffffff", b"zz", b"", b"1" * 70])
def test_f16_chunks_of_impossible_sizes_are_a_bad_answer(size):
    def odd(_seen, peer):
        peer.sendall(head(200, {"transfer_encoding": "chunked"}))
        peer.sendall(size + b"\r\n" + PACKAGE + bytes(20_000) + b"\r\n0\r\n\r\n")

    with scripted(odd) as server:
        one = Fetch(server.url, limits=Limits(checkpoint_bytes=100))
        one.run()
    assert set(one.causes) <= {Cause.BAD_ANSWER, Cause.SHORT_BODY, Cause.CORRUPT}
    assert not one.files.exists("package")


# Patience.


def headers(**fields: str) -> Message:
    told = Message()
    for name, value in fields.items():
        told[name.replace("_", "-")] = value
    return told


DATE = "Wed, 21 Oct 2015 07:28:00 GMT"
LATER = "Wed, 21 Oct 2015 07:30:00 GMT"


@pytest.mark.parametrize(
    ("told", "wait_s"),
    [
        ({}, 0),
        ({"Retry_After": "120"}, 120),
        ({"Retry_After": " 7 "}, 7),
        ({"Retry_After": "-7"}, 0),
        ({"Retry_After": "1e9"}, 0),
        ({"Retry_After": "9" * 10}, 0),
        ({"Retry_After": "soon"}, 0),
        ({"Retry_After": LATER, "Date": DATE}, 120),
        ({"Retry_After": DATE, "Date": LATER}, 0),
        ({"Retry_After": LATER}, 0),
        ({"Retry_After": LATER, "Date": "today"}, 0),
    ],
)
def test_how_long_a_server_asks_to_be_left_alone(told, wait_s):
    assert asked_to_wait_s(headers(**told)) == wait_s


@pytest.mark.parametrize(("asked", "waits_s"), [("50", 50), ("99999", 3600), ("1", 8)])
@pytest.mark.parametrize("status", [503, 429])
def test_its_wish_is_heard_up_to_the_cap(asked, waits_s, status):
    with scripted(says(status, retry_after=asked), honest(PACKAGE)) as server:
        one = Fetch(server.url)
        one.policy = Policy(backoff_base_s=8.0)
        one.once()
        wait = duty(one.target, 0.0, one.boots)
    assert isinstance(wait, Wait)
    assert wait.until_s == waits_s


def test_who_asks_for_nothing_gets_the_usual_wait():
    with scripted(says(404), honest(PACKAGE)) as server:
        one = Fetch(server.url)
        assert one.run().wait_min_s == 0


# Rate.


def test_a_rate_is_kept_and_is_no_stall():
    limits = Limits(rate_bytes_s=8000, stall_window_s=0.1, stall_bytes_per_s=100_000)
    start_s = time.monotonic()
    one = fetch_from(honest(PACKAGE), limits=limits)
    took_s = time.monotonic() - start_s
    assert one.content() == PACKAGE
    assert one.causes == []
    assert 0.2 < took_s < 3


def test_a_pause_between_checkpoints_costs_no_attempt_and_no_byte():
    limits = Limits(checkpoint_bytes=1000, idle_max_s=0.05)
    with scripted(honest(PACKAGE)) as server:
        one = Fetch(server.url, limits=limits)
        one.once()
        time.sleep(0.1)  # quiet hours
        one.run()
    assert one.content() == PACKAGE
    assert one.causes == []
    assert [request.start for request in server.seen][:2] == [None, 1000]
    assert server.seen[1].fields["if-range"] == etag(PACKAGE)
