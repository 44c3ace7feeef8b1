"""Download servers for tests: the real depot in a thread, and one that misbehaves by script."""

import asyncio
import hashlib
import io
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager

from fumo.depot import urls
from fumo.depot.edges.folder import FolderStore
from fumo.depot.log import Log, read_log
from fumo.depot.server import DepotServer

KEY = b"a key for tests only"


class Depot:
    """The real server on a free port."""

    def __init__(self, folder, store=None, ways=None, clock=None):
        self.store, self.log_path = store or FolderStore(folder), folder / "requests.jsonl"
        self._log = Log(self.log_path)
        self._server = DepotServer(self.store, KEY, self._log, ways, clock)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.host, self.port = self._do(self._server.start("127.0.0.1", 0))

    def url(self, content: bytes, operation_id: str = "1", lane=None) -> str:
        """Store it and give its address."""
        stored = self.store.add(io.BytesIO(content))
        return f"http://{self.host}:{self.port}" + urls.path(
            urls.Address(operation_id, stored.sha256, lane), KEY
        )

    def log(self):
        """All requests so far; a line is written when its answer has gone."""
        self._do(self._quiet())
        return read_log(self.log_path)

    async def _quiet(self):
        while self._server.connections:
            await asyncio.sleep(0.002)

    def stop(self):
        self._do(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._log.close()

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


class Seen:
    """One request as the scripted server saw it."""

    def __init__(self, head: bytes):
        line, *rest = head.decode("latin-1").split("\r\n")
        self.path = line.split(" ")[1]
        fields = (text.partition(": ") for text in rest if text)
        self.fields = {name.lower(): value for name, _, value in fields}

    @property
    def start(self) -> int | None:
        wanted = self.fields.get("range")
        return int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else None


Answer = Callable[[Seen, socket.socket], None]


class Scripted:
    """Answers the n-th request with the n-th answer, and all later ones with the last."""

    def __init__(self, *answers: Answer):
        self.answers = answers
        self.seen: list[Seen] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/package"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer:
                self._answer(peer)

    def _answer(self, peer):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = peer.recv(4096)
            if not piece:
                return
            head += piece
        self.seen.append(Seen(head))
        answer = self.answers[min(len(self.seen), len(self.answers)) - 1]
        try:
            answer(self.seen[-1], peer)
            peer.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the device has seen enough

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@contextmanager
def scripted(*answers: Answer):
    server = Scripted(*answers)
    try:
        yield server
    finally:
        server.stop()


def says(status: int, body: bytes = b"", **fields: object) -> Answer:
    """An answer word by word; a Content-Length that fits unless another is given (None: none)."""

    def answer(_seen, peer):
        peer.sendall(head(status, {"content_length": len(body)} | fields) + body)

    return answer


def head(status: int, fields: dict[str, object]) -> bytes:
    told = {name.replace("_", "-"): value for name, value in fields.items() if value is not None}
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in told.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()}"'


def honest(content: bytes, cut_at: int | None = None, tag: str | None = "own") -> Answer:
    """A right answer by Range and If-Range; the connection breaks after `cut_at` body bytes."""
    ours = etag(content) if tag == "own" else tag

    def answer(seen, peer):
        start = seen.start
        if start is not None and seen.fields.get("if-range") == ours:
            where = f"bytes {start}-{len(content) - 1}/{len(content)}"
            body, fields, status = content[start:], {"content_range": where}, 206
        else:
            body, fields, status = content, {}, 200
        peer.sendall(head(status, fields | {"content_length": len(body), "etag": ours}))
        peer.sendall(body if cut_at is None else body[:cut_at])

    return answer
