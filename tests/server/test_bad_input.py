"""Bad input to the DM endpoint: a clear 4xx or Status, bounded memory, and nothing lost (S-FZZ)."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.cli.admin import Admin
from fumo.dm.codec import encode
from fumo.dm.message import WBXML, XML, Alert, Header, Location, Message
from fumo.errors import PeerError
from tests.server.device import Device
from tests.server.process import Process

ABOVE_IDLE_KIB = 64 * 1024
BIG = 10 * 1024 * 1024

ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "ha">'
    + b"".join(
        b'<!ENTITY a%d "&a%d;&a%d;&a%d;&a%d;">' % (n, n - 1, n - 1, n - 1, n - 1)
        for n in range(1, 40)
    )
    + b"]><SyncML>&a39;</SyncML>"
)
EXTERNAL = b'<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/hostname">]><SyncML>&x;</SyncML>'
GOOD = encode(Message(Header("1", 1, Location("http://s"), Location("IMEI:1")), (), True), WBXML)

AMPLIFIED = (
    b"\x03\x00\x00\x6a"  # WBXML 1.3, public id in the string table
    + b"\x84\x00"  # a table of 512 bytes
    + b"A" * 511
    + b"\x00"
    + b"\x6d"  # SyncML
    + (b"\x6c" + b"\x5b" + b"\x83\x00" + b"\x01") * 12_000
)

BODIES = {
    "not XML": (XML, b"hello there"),
    "bytes": (XML, bytes(range(256)) * 8),
    "half": (XML, encode(Message(Header("1", 1, Location("a"), Location("b"))), XML)[:-40]),
    "entity bomb": (XML, ENTITY_BOMB),
    "an entity from outside": (XML, EXTERNAL),
    "deep": (XML, b"<SyncML>" * 8000),
    "wide": (XML, b"<SyncML><SyncBody>" + b"<a/>" * 15_000 + b"</SyncBody></SyncML>"),
    "attributes": (XML, b"<SyncML " + b" ".join(b'a%d=""' % n for n in range(7000)) + b"/>"),
    "other document": (XML, b"<html><body/></html>"),
    "truncated WBXML": (WBXML, GOOD[: len(GOOD) // 2]),
    "WBXML of zeros": (WBXML, bytes(60_000)),
    "WBXML that announces much": (WBXML, b"\x03\x01\x6a\xff\xff\xff\x7f"),
    "string table amplification": (WBXML, AMPLIFIED),
    "deep WBXML": (WBXML, b"\x02\xa4\x01\x6a\x00" + b"\x6d" * 50_000),
    "empty": (XML, b""),
    "too large": (XML, b"<SyncML>" + b" " * BIG),
    "too large WBXML": (WBXML, GOOD + bytes(BIG)),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server with one device at work."""
    process = Process(tmp_path_factory.mktemp("bad") / "d")
    yield process
    process.stop()


@pytest.fixture(scope="module")
def busy(server: Process, tmp_path_factory: pytest.TempPathFactory) -> Device:
    """It was ordered to update, and has not told the result."""
    admin = Admin(server.data)
    names = {"user": "u1", "password": "p1", "server_password": "s1"}
    admin.post("/devices", {"id": "IMEI:1", **names})
    package = {"id": 0, "name": "fw", "version": "1", "sha256": "ab" * 32, "length": 1}
    admin.post("/packages", package)
    order = {"package": "fw", "devices": ["IMEI:1"], "operation": "downloadandupdate"}
    admin.post("/campaigns", order)
    device = Device()
    device.talk(server.post)
    assert len(device.execs) == 1
    return device


def raw(
    server: Process, media_type: str, body: bytes, *, chunked: bool = False
) -> tuple[int, bytes]:
    """The answer to a POST, whatever is thought of it."""
    head = f"POST /dm HTTP/1.1\r\nHost: x\r\nContent-Type: {media_type}\r\n"
    if chunked:
        head += "Transfer-Encoding: chunked\r\n\r\n"
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    else:
        head += f"Content-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(server.address, timeout=20) as peer:
        # refused before it was read, perhaps: the answer is there
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            peer.sendall(head.encode() + body)
        response = http.client.HTTPResponse(peer)
        response.begin()
        return response.status, response.read()


@pytest.mark.clause("S-FZZ")
@pytest.mark.parametrize("what", BODIES)
def test_a12_a13_a17_what_is_no_message_gets_a_clear_4xx(server: Process, busy: Device, what: str):
    media_type, body = BODIES[what]
    for chunked in (False, True):
        status, words = raw(server, media_type, body, chunked=chunked)
        assert status == (413 if len(body) > 65_536 else 400), words
        assert 10 < len(words) <= 301
        assert words.count(b"\n") == 1


@pytest.mark.clause("S-FZZ")
def test_a12_a13_a17_all_of_it_at_once_for_a_while_stays_within_64_mib(
    server: Process, busy: Device
):
    idle = server.memory_kib()
    answers: list[int] = []

    def throw(media_type: str, body: bytes) -> None:
        for chunked in (False, True, False):
            answers.append(raw(server, media_type, body, chunked=chunked)[0])

    threads = [threading.Thread(target=throw, args=one) for one in BODIES.values()]
    threads += [threading.Thread(target=throw, args=BODIES["too large"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 3 * len(threads)
    assert {code // 100 for code in answers} == {4}
    assert server.memory_kib("VmHWM") - idle < ABOVE_IDLE_KIB


@pytest.mark.clause("S-FZZ", "S-AUT")
def test_wrong_credentials_for_ever_cost_nothing(server: Process, busy: Device):
    idle = server.memory_kib()
    refused = 0
    for number in range(150):
        liar = Device(secret="wrong", sessions=1000 + number)
        liar.outbox = [Alert(1226, correlator="x")]
        body = liar.begin()
        for _ in range(7):
            try:
                answer = server.post(liar, body)
            except PeerError as fault:
                refused += "ended" in str(fault)
                break
            liar.hear(answer)
            assert liar.session
            assert set(codes_of(liar)) <= {401, 407}
            liar.session = replace(liar.session, ended=False, refusals=0)
            body = liar.say((), liar.first_words())
    assert refused == 150
    assert server.memory_kib() - idle < ABOVE_IDLE_KIB


def codes_of(device: Device) -> list[int]:
    return [c.code for c in device.heard[-1].commands if hasattr(c, "cmd_ref")]


@pytest.mark.clause("S-FZZ")
def test_and_after_all_that_nothing_is_lost(server: Process, busy: Device):
    busy.finishes(200, "90")
    busy.talk(server.post)
    assert busy.acked == [200]
    [told] = Admin(server.data).rows("/operations", 9)
    assert (told["state"], told["result"], told["alerts"]) == ("succeeded", 200, {"final": 1})


def test_a5_a_strangers_slow_body_holds_nobody_up(server: Process, busy: Device):
    head = f"POST /dm HTTP/1.1\r\nHost: x\r\nContent-Type: {XML}\r\nContent-Length: 100\r\n\r\n"
    slow = [socket.create_connection(server.address) for _ in range(50)]
    for peer in slow:
        peer.sendall(head.encode() + b"<Sync")
    other = Device(sessions=3000)
    other.nonces = busy.nonces
    assert other.talk(server.post) >= 1
    for peer in slow:
        peer.close()


def test_the_folder_is_for_its_owner_alone(server: Process):
    def mode(path: Path) -> int:
        return path.stat().st_mode & 0o077

    assert mode(server.data) == 0
    assert mode(server.data / "admin.sock") == 0
    assert mode(server.data / "server.key") == 0
