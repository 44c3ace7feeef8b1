"""A real receiver of webhooks on a free port: it takes, refuses, hangs, and keeps what came."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver(ThreadingHTTPServer):
    """`statuses` are given in turn, then 200; None: no answer at all."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses: list[int | None] = []
        self.headers: dict[str, str] = {}
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.news = threading.Condition()
        self.open, self.open_max = 0, 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/hook?to=me"

    def numbers(self) -> list[int]:
        """The events that came, as often as they came."""
        return [event["number"] for _, body in self.came for event in json.loads(body)["events"]]

    def waits(self, count: int, seconds: float = 20.0) -> None:
        """Until so many deliveries came."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.came) >= count, seconds), len(self.came)

    def proven(self, secret: str) -> bool:
        """Was everything signed with this secret, just now?"""
        return all(_proven(headers, body, secret) for headers, body in self.came)


def _proven(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As the page for those who write receivers says it."""
    at_s = headers["Fumo-Timestamp"]
    said = at_s.encode() + b"." + body
    ours = hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(at_s)) < 300
    return fresh and hmac.compare_digest(headers["Fumo-Signature"], f"sha256={ours}")


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.news:
            self.server.open += 1
            self.server.open_max = max(self.server.open_max, self.server.open)
            status = self.server.statuses.pop(0) if self.server.statuses else 200
            self.server.came.append((dict(self.headers), body))
            self.server.news.notify_all()
        if status is None:
            time.sleep(3)
            status = 200
        with self.server.news:
            self.server.open -= 1
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Running, and gone afterwards."""
    running = Receiver()
    thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
