"""The device's end of the wire, against servers that answer as they should not."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from fumo.dm.codec import encode
from fumo.dm.message import WBXML, XML, Header, Location, Message
from fumo.errors import DecodeError, MisuseError, PeerError
from fumo.wire.client import REPLY_BYTES_MAX, Link

MESSAGE = Message(Header("1", 1, Location("IMEI:1"), Location("http://s/dm")), (), True)
BODY = encode(MESSAGE, XML)


def http(body: bytes, status: str = "200 OK", media_type: str = XML, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + more.encode() + b"\r\n" + body


class Served:
    """A server of one behaviour: for each connection, for each request, what it does."""

    def __init__(self, act: Callable[[socket.socket, int], bool]) -> None:
        self.act = act
        self.connections = 0
        self.requests: list[list[bytes]] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/dm?a=b"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, suppress(OSError):  # the client may leave in the middle
            while True:
                first = peer.recv(65536)
                if not first:
                    return
                self.requests.append([first])
                if not self.act(peer, len(self.requests)):
                    return

    def close(self) -> None:
        self._socket.close()


@contextmanager
def served(act: Callable[[socket.socket, int], bool]) -> Iterator[Served]:
    server = Served(act)
    try:
        yield server
    finally:
        server.close()


def says(*pieces: bytes, keeps: bool = True, pause_s: float = 0.0) -> Callable[..., bool]:
    def act(peer: socket.socket, _: int) -> bool:
        for piece in pieces:
            peer.sendall(piece)
            time.sleep(pause_s)
        return keeps

    return act


@pytest.mark.clause("R4-05")
def test_header_and_body_leave_in_one_write():
    with served(says(http(BODY))) as server:
        reply = Link().post(server.url, BODY, XML)
    assert (reply.message, reply.body, reply.private) == (MESSAGE, BODY, True)
    [[request]] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /dm?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nCache-Control: no-store\r\n" in head + b"\r\n"
    assert b"\r\nCookie:" not in head
    assert body == BODY


def test_a_connection_is_kept_and_used_again():
    link = Link()
    with served(says(http(BODY))) as server:
        for _ in range(3):
            link.post(server.url, BODY, XML)
        link.close()
    assert (server.connections, len(server.requests)) == (1, 3)


def test_a_kept_connection_that_the_server_closed_costs_nothing():
    link = Link()
    with served(says(http(BODY), keeps=False)) as server:
        for _ in range(3):
            link.post(server.url, BODY, XML)
    assert server.connections == 3


def test_connection_close_is_obeyed():
    with served(says(http(BODY, more="Connection: close\r\n"))) as server:
        link = Link()
        link.post(server.url, BODY, XML)
        link.post(server.url, BODY, XML)
    assert server.connections == 2


@pytest.mark.clause("R4-03")
def test_the_answer_may_be_in_the_other_encoding():
    body = encode(MESSAGE, WBXML)
    with served(says(http(body, media_type=WBXML))) as server:
        reply = Link().post(server.url, BODY, XML)
    assert (reply.message, reply.media_type) == (MESSAGE, WBXML)


@pytest.mark.parametrize(
    ("answer", "fault", "words"),
    [
        (http(b"message 2 after message 2\n", "400 Bad Request"), PeerError, "HTTP 400: message 2"),
        (http(b"", "302 Found", more="Location: http://other/\r\n"), PeerError, "HTTP 302"),
        (http(b"busy\n", "503 Busy"), OSError, "HTTP 503: busy"),
        (http(b"<html>", media_type="text/html"), PeerError, "text/html"),
        (http(b"<x"), DecodeError, "not XML"),
        (b"SSH-2.0-something\r\n\r\n", PeerError, "no HTTP answer"),
        (http(b"x" * (REPLY_BYTES_MAX + 1)), PeerError, "more than"),
        (http(BODY)[:-20], OSError, "20 bytes short"),
    ],
)
def test_a_bad_answer_is_the_peers_fault(answer: bytes, fault: type[Exception], words: str):
    with (
        served(says(answer, keeps=False)) as server,
        pytest.raises(fault, match=words) as raised,
    ):
        Link().post(server.url, BODY, XML)
    assert isinstance(raised.value, OSError) == (fault is OSError)


def test_no_answer_is_an_os_error():
    with served(says(keeps=False)) as server, pytest.raises(OSError, match=r"."):
        Link().post(server.url, BODY, XML)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/dm"
    with pytest.raises(ConnectionRefusedError):
        Link().post(url, BODY, XML)


@pytest.mark.clause("P1-11")
def test_silence_ends_in_time():
    with served(says(pause_s=5)) as server, pytest.raises(TimeoutError):
        Link(timeout_s=0.2).post(server.url, BODY, XML)


def test_dripping_ends_in_time_too():
    slow = [bytes([byte]) for byte in http(BODY)]
    began_s = time.monotonic()
    with served(says(*slow, pause_s=0.05)) as server, pytest.raises(TimeoutError):
        Link(timeout_s=0.4).post(server.url, BODY, XML)
    assert time.monotonic() - began_s < 3


@pytest.mark.parametrize("url", ["ftp://x/dm", "http:///dm", "dm", "http://h/a b"])
def test_an_address_that_is_none_is_our_own_fault(url: str):
    with pytest.raises(MisuseError):
        Link().post(url, BODY, XML)


@pytest.mark.clause("C-AUT-07", "A1-04")
def test_a_mac_goes_out_in_its_header_and_comes_back_in_it():
    with served(says(http(BODY, more='X-Syncml-Hmac: username="fumo", mac=xyz\r\n'))) as server:
        reply = Link().post(server.url, BODY, XML, 'algorithm=MD5, username="Jürgen", mac=abc')
        [[request]] = server.requests
    assert 'x-syncml-hmac: algorithm=MD5, username="Jürgen", mac=abc\r\n'.encode() in request
    assert reply.mac == 'username="fumo", mac=xyz'


def test_a_name_that_would_break_the_request_is_not_sent():
    with pytest.raises(MisuseError, match="no HTTP header"):
        Link().post("http://127.0.0.1:1/dm", BODY, XML, 'username="a\r\nX: y", mac=abc')
