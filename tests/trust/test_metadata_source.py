"""Metadata over real connections: whatever the server does, a look-up ends, and soon."""

import http.client
import time

import pytest

from fumo.device.edges.metadata_source import Bounds, HttpGet, Refused, Source, TooMuch, TooSlow
from tests.device.servers import head, says, scripted

ENDED = (TooSlow, Refused, http.client.HTTPException, ConnectionResetError)
"""All of them are temporary: it depends on where the server was when it was hung up on."""
QUICK = Bounds(look_up_s=0.6, bytes_max=50_000)


def fetched(answer, bounds: Bounds = QUICK, silence_s: float = 5.0) -> bytes:
    with scripted(answer) as server:
        source = Source(HttpGet(silence_s=silence_s), bounds)
        return b"".join(source.pieces(server.url))


def test_a_file_is_fetched():
    assert fetched(says(200, b"signed" * 5000)) == b"signed" * 5000


@pytest.mark.parametrize("status", [204, 206, 301, 302, 401, 403, 404, 500, 503])
def test_any_other_answer_is_a_refusal(status):
    with pytest.raises(Refused) as caught:
        fetched(says(status, location="http://127.0.0.1/elsewhere"))
    assert caught.value.status == status


def test_a5_a_body_without_end_is_not_read_on():
    def endless(_seen, peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.sendall(bytes(4096))

    with pytest.raises(TooMuch):
        fetched(endless, Bounds(look_up_s=10, bytes_max=50_000))


def drips(text: bytes):
    """A byte each 50 ms: never silent, never done."""

    def answer(_seen, peer):
        for byte in text * 100:
            peer.sendall(bytes([byte]))
            time.sleep(0.05)

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 400
DRIPS = {"status": b"HTTP/1.1 " + b"2" * 400, "head": HEAD}


@pytest.mark.parametrize("text", DRIPS.values(), ids=DRIPS)
def test_a5_a_head_that_drips_ends_with_the_look_up(text):
    began_s = time.monotonic()
    with pytest.raises(ENDED):
        fetched(drips(text))
    assert time.monotonic() - began_s < 3


def test_a5_a_body_that_drips_ends_with_the_look_up():
    def answer(seen, peer):
        peer.sendall(head(200, {"content_length": 10_000}))
        drips(b"x" * 100)(seen, peer)

    began_s = time.monotonic()
    with pytest.raises(ENDED):
        fetched(answer)
    assert time.monotonic() - began_s < 3


def test_a5_silence_ends_sooner_than_the_look_up():
    with pytest.raises(TimeoutError):
        fetched(lambda _seen, peer: peer.recv(1), Bounds(look_up_s=30), silence_s=0.2)


@pytest.mark.parametrize("answer", [says(200, b"{}", content_length=9), lambda _seen, peer: None])
def test_a_file_that_was_cut_is_no_file(answer):
    with pytest.raises((http.client.HTTPException, OSError)):
        fetched(answer)


def test_the_bounds_are_of_all_files_together():
    with scripted(says(200, b"x" * 30_000)) as server:
        source = Source(HttpGet(), Bounds(bytes_max=50_000))
        assert len(b"".join(source.pieces(server.url))) == 30_000
        with pytest.raises(TooMuch):
            b"".join(source.pieces(server.url))


def test_when_the_time_is_over_nothing_is_asked_any_more():
    times = iter([0.0, 61.0])
    source = Source(HttpGet(), Bounds(), lambda: next(times))
    with pytest.raises(TooSlow):
        b"".join(source.pieces("http://127.0.0.1:1/never-asked"))
