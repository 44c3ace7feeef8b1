"""The DM endpoint refuses what is no message, in one line, before anybody is asked to answer it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from fumo.dm.codec import encode
from fumo.dm.message import WBXML, XML, Envelope, Header, Location, Message
from fumo.wire.asgi import endpoint
from fumo.wire.exchange import Reply, loopback

MESSAGE = Message(Header("1", 1, Location("http://s/dm"), Location("IMEI:1")), (), True)


class Posted:
    """One HTTP request to the endpoint, and all that came of it."""

    def __init__(
        self,
        parts: Iterable[bytes],
        media_type: str = XML,
        method: str = "POST",
        headers: dict[str, str] | None = None,
        client: str = "127.0.0.1",
        scheme: str = "http",
        gone: bool = False,
        stalls: bool = False,
    ) -> None:
        told = {"content-type": media_type} | (headers or {})
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "scheme": scheme,
            "client": (client, 1),
            "headers": [(k.encode(), v.encode()) for k, v in told.items()],
        }
        self.parts = list(parts)
        self.taken = 0
        self.gone = gone
        self.stalls = stalls
        self.sent: list[Any] = []
        self.heard: list[Envelope] = []

    async def receive(self) -> dict[str, Any]:
        if self.taken == len(self.parts):
            if self.stalls:
                await asyncio.sleep(60)
            return {"type": "http.disconnect"}
        self.taken += 1
        more = self.taken < len(self.parts) or self.gone or self.stalls
        return {"type": "http.request", "body": self.parts[self.taken - 1], "more_body": more}

    async def send(self, event: Any) -> None:
        self.sent.append(event)

    async def answer(self, envelope: Envelope) -> Reply:
        self.heard.append(envelope)
        return Reply(200, b"answer", envelope.media_type, envelope.mac)

    def run(self, **more: Any) -> "Posted":
        asyncio.run(endpoint(self.answer, **more)(self.scope, self.receive, self.send))
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return bytes(self.sent[1]["body"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


@pytest.mark.clause("R4-01", "R4-04", "R4-05")
@pytest.mark.parametrize("media_type", [XML, WBXML, XML + "; charset=utf-8", WBXML.upper()])
def test_a_message_is_answered_whole_with_its_length(media_type: str):
    form = WBXML if "wbxml" in media_type.lower() else XML
    posted = Posted([encode(MESSAGE, form)], media_type).run()
    assert [e.message for e in posted.heard] == [MESSAGE]
    assert (posted.status, posted.body) == (200, b"answer")
    assert posted.headers[b"content-length"] == b"6"
    assert posted.headers[b"content-type"] == form.encode()
    assert posted.headers[b"cache-control"] == b"no-store"
    assert b"set-cookie" not in posted.headers
    assert len(posted.sent) == 2


@pytest.mark.clause("S-FZZ")
@pytest.mark.parametrize(
    ("posted", "status", "words"),
    [
        (Posted([b""], method="GET"), 405, b"POST"),
        (Posted([b"x"], "text/xml"), 415, b"vnd.syncml.dm"),
        (Posted([b"x"], ""), 415, b"vnd.syncml.dm"),
        (Posted([b""]), 400, b"empty"),
        (Posted([b"hello"]), 400, b"not XML"),
        (Posted([b"\x00\x00\x00"], WBXML), 400, b"byte"),
        (Posted([b"x" * 70_000]), 413, b"65536"),
        (Posted([b"x"], headers={"content-length": "99999999"}), 413, b"65536"),
        (Posted([b"x" * 40_000] * 3), 413, b"65536"),
    ],
)
def test_what_is_no_message_is_refused_in_one_line(posted: Posted, status: int, words: bytes):
    posted.run()
    assert posted.heard == []
    assert posted.status == status
    assert words in posted.body
    assert posted.body.count(b"\n") == 1


@pytest.mark.clause("S-FZZ")
def test_no_more_is_read_of_a_body_than_is_needed_to_refuse_it():
    posted = Posted([b"x" * 1000] * 10_000).run(bytes_max=5000)
    assert posted.status == 413
    assert posted.taken == 6
    announced = Posted([b"x"], headers={"content-length": "5001"}).run(bytes_max=5000)
    assert (announced.status, announced.taken) == (413, 0)


@pytest.mark.clause("S-FZZ")
def test_a_body_that_does_not_come_is_not_waited_for_long():
    posted = Posted([b"<Sync"], stalls=True).run(slow_s=0.05)
    assert posted.status == 408
    assert posted.headers[b"connection"] == b"close"


def test_who_leaves_before_the_end_is_not_answered():
    posted = Posted([b"<Sync"], gone=True).run()
    assert posted.sent == []
    assert posted.heard == []


@pytest.mark.parametrize(
    ("client", "scheme", "private"),
    [("127.0.0.1", "http", True), ("::1", "http", True), ("192.0.2.7", "http", False),
     ("192.0.2.7", "https", True)],
)  # fmt: skip
def test_private_is_tls_or_the_machine_itself(client: str, scheme: str, private: bool):
    posted = Posted([encode(MESSAGE, XML)], client=client, scheme=scheme).run()
    assert [e.private for e in posted.heard] == [private]


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True), ("localhost", True),
     ("192.0.2.1", False), ("example.org", False), ("localhost.example.org", False),
     ("127.0.0.1.example.org", False)],
)  # fmt: skip
def test_loopback(host: str, is_loopback: bool):
    assert loopback(host) == is_loopback


def test_the_query_of_the_address_comes_with_the_message():
    posted = Posted([encode(MESSAGE, XML)])
    posted.scope["query_string"] = b"a=1&s=\xff"
    assert [e.query for e in posted.run().heard] == ["a=1&s=\xff"]


@pytest.mark.clause("S-AUT", "A1-04")
def test_a_mac_comes_in_and_goes_out_in_its_header():
    mac = 'algorithm=MD5, username="Jürgen", mac=abc'
    posted = Posted([encode(MESSAGE, XML)], headers={"x-syncml-hmac": mac}).run()
    assert [e.mac for e in posted.heard] == [mac]
    assert posted.headers[b"x-syncml-hmac"] == mac.encode()
