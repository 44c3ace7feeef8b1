"""Contents on their way into the depot: cut off, empty, not allowed, and while a server ends."""

import asyncio
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from fumo.cli.admin import Admin
from fumo.server.edges.rest.contents import Arriving
from fumo.server.rollout import Denied
from tests.server.process import Process

CONTENT = os.urandom(300_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "d")
    yield process
    process.stop()


def kept(server: Process) -> list[Path]:
    """Every file in the depot, half ones among them."""
    return [path for path in (server.data / "depot" / "sha256").rglob("*") if path.is_file()]


def sending(server: Process, length: int, token: str = "") -> socket.socket:
    """A request that says how long it is, and no body of it yet."""
    line = socket.socket(socket.AF_UNIX) if not token else socket.create_connection(server.address)
    if not token:
        line.connect(str(server.data / "admin.sock"))
    line.settimeout(20)
    line.sendall(
        f"POST /api/v1/contents HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {length}\r\nConnection: close\r\n\r\n".encode()
    )
    return line


def answer_of(line: socket.socket) -> tuple[int, bytes]:
    said = b""
    while piece := line.recv(65536):
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


def becomes(wanted: int, server: Process) -> bool:
    """Are there so many files in the depot, soon?"""
    for _ in range(100):
        if len(kept(server)) == wanted:
            return True
        time.sleep(0.05)
    return False


def test_a_content_is_named_by_its_sha256_and_is_one_file_however_often_it_comes(server: Process):
    for _ in range(2):
        with sending(server, len(CONTENT)) as line:
            line.sendall(CONTENT)
            status, body = answer_of(line)
        digest = sha256(CONTENT).hexdigest()
        assert (status, json.loads(body)) == (201, {"sha256": digest, "length": len(CONTENT)})
    assert [path.read_bytes() for path in kept(server)] == [CONTENT]
    log = Admin(server.data).rows("/audit", 9)
    assert [(one["action"], one["target"]) for one in log] == [("contents.add", digest)] * 2


def test_what_was_cut_off_is_not_kept(server: Process):
    with sending(server, len(CONTENT)) as line:
        line.sendall(CONTENT[:-1])
        assert becomes(1, server), "it is on its way"
    assert becomes(0, server)
    assert Admin(server.data).rows("/audit", 9) == []


def test_who_may_not_is_refused_before_anything_is_read(server: Process):
    admin = Admin(server.data)
    admin.post("/users", {"name": "eve", "role": "viewer"})
    for token, code in (("no", 401), (admin.post_once("/tokens", {"user": "eve"})["token"], 403)):
        with sending(server, len(CONTENT), token) as line:
            assert answer_of(line)[0] == code
    assert kept(server) == []


def test_nothing_is_no_content(server: Process):
    with sending(server, 0) as line:
        status, body = answer_of(line)
    assert (status, b"as it is" in body) == (409, True)
    with sending(server, 9 << 30) as line:
        assert answer_of(line)[0] == 413
    assert kept(server) == []


def test_a_sender_that_says_nothing_is_let_go():
    async def story() -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"first"
            await asyncio.sleep(60)

        arriving = Arriving(pieces(), silence_s=0.05)
        assert await asyncio.to_thread(arriving.read) == b"first"
        with pytest.raises(Denied, match="send it again"):
            await asyncio.to_thread(arriving.read)

    asyncio.run(story())


def test_a_server_that_ends_waits_for_no_sender(server: Process):
    with sending(server, len(CONTENT)) as line:
        line.sendall(CONTENT[:1000])
        assert becomes(1, server)
        begun_s = time.monotonic()
        code, said = server.stop()
        assert time.monotonic() - begun_s < 10
    assert code == 0
    assert "Traceback" not in said
    assert kept(server) == []
