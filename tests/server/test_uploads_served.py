"""Uploads over real sockets: cut lines, servers that end, and `fumo package add` over both."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from fumo.cli.admin import Admin
from fumo.cli.uploading import send
from tests.server.api import OP, Api
from tests.server.process import Process
from tests.server.test_contents import answer_of

CONTENT = os.urandom(3_000_000)
DIGEST = sha256(CONTENT).hexdigest()


class Cutting:
    """A line to a server that breaks after so many bytes from the client, each time anew."""

    def __init__(self, to: tuple[str, int], after: int) -> None:
        self._to, self._after, self.cuts = to, after, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(line,), daemon=True).start()

    def _carry(self, line: socket.socket) -> None:
        with line, socket.create_connection(self._to) as server, suppress(OSError):
            back = threading.Thread(target=self._back, args=(server, line), daemon=True)
            back.start()
            left = self._after
            while left > 0 and (piece := line.recv(min(65536, left))):
                server.sendall(piece)
                left -= len(piece)
            if left <= 0:
                self.cuts += 1
            for end in (server, line):
                end.shutdown(socket.SHUT_RDWR)

    def _back(self, server: socket.socket, line: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(65536):
                line.sendall(piece)


def patch(server: Process, token: str, path: str, offset: str, body: bytes) -> tuple[bytes, dict]:
    with socket.create_connection(server.address, timeout=20) as line:
        line.sendall(
            f"PATCH /api/v1{path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\n"
            f"{offset}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        said = b""
        while piece := line.recv(65536):
            said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    return head, json.loads(body)


def test_the_words_of_an_upload(api: Api):
    server, token = api.process, api.tokens[OP]
    told = api.role(
        OP, "POST", "/uploads", {"length": 9, "sha256": sha256(b"123456789").hexdigest()}
    )
    assert (told[0], told[1]["offset"], told[1]["length"]) == (201, 0, 9)
    path = f"/uploads/{told[1]['id']}"
    for wrong, status in (("", b"400"), ("Upload-Offset: -1\r\n", b"400"),
                          ("Upload-Offset: 5\r\n", b"409")):  # fmt: skip
        head, _ = patch(server, token, path, wrong, b"123")
        assert head.split(b" ")[1] == status
    assert b"upload-offset: 0" in head.lower()
    head, body = patch(server, token, path, "Upload-Offset: 0\r\n", b"12345")
    assert (head.split(b" ")[1], body["offset"]) == (b"200", 5)
    assert b"upload-offset: 5" in head.lower()
    assert api.role(OP, "GET", path)[1] == body
    assert api.headers["upload-offset"] == "5"
    assert api.role(OP, "POST", f"{path}/finish")[0] == 409
    assert api.headers["upload-offset"] == "5"
    assert patch(server, token, path, "Upload-Offset: 5\r\n", b"6789")[1]["offset"] == 9
    status, content = api.role(OP, "POST", f"{path}/finish")
    assert (status, content["length"]) == (201, 9)
    assert api.role(OP, "POST", f"{path}/finish") == (201, content)
    [first, *_] = api.owner("GET", "/audit?limit=5")[1]["items"]
    assert (first["action"], first["target"]) == ("contents.add", content["sha256"])
    assert api.role(OP, "GET", "/uploads/" + "0" * 32)[0] == 404
    assert api.role(OP, "POST", "/uploads", {"length": 0})[0] == 400
    assert api.role(OP, "POST", "/uploads", {"length": 65 << 30})[0] == 400


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(CONTENT)
    return file


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "d")
    yield process
    process.stop()


def test_a_command_goes_on_over_a_line_that_breaks_again_and_again(server: Process, file: Path):
    owner = Admin(server.data)
    owner.post("/users", {"name": "ann", "role": "operator"})
    token = owner.post_once("/tokens", {"user": "ann"})["token"]
    line = Cutting(server.address, after=1_200_000)
    send(Admin(line.url, token), file, len(CONTENT), DIGEST)
    assert line.cuts == 2, "and no byte was sent twice, but those on their way"
    line.close()
    depot = server.data / "depot"
    assert (depot / "sha256" / DIGEST[:2] / DIGEST[2:]).read_bytes() == CONTENT
    assert not list((depot / "uploads").iterdir())


def test_a_command_begun_anew_goes_on_after_the_server_was_killed(
    server: Process, file: Path, capsys: pytest.CaptureFixture[str]
):
    id_ = Admin(server.data).post("/uploads", {"length": len(CONTENT), "sha256": DIGEST})["id"]
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(server.data / "admin.sock"))
        line.sendall(
            f"PATCH /api/v1/uploads/{id_} HTTP/1.1\r\nHost: h\r\nUpload-Offset: 0\r\n"
            f"Content-Length: 1000000\r\nConnection: close\r\n\r\n".encode()
            + CONTENT[:1_000_000]
        )
        assert answer_of(line)[0] == 200
    server.kill()
    again = Process(server.data)
    try:
        send(Admin(again.data), file, len(CONTENT), DIGEST)
    finally:
        code, said = again.stop()
    assert "goes on from byte 1,000,000 of 3,000,000" in capsys.readouterr().err
    assert (code, "Traceback" in said) == (0, False)
    assert (again.data / "depot" / "sha256" / DIGEST[:2] / DIGEST[2:]).read_bytes() == CONTENT
