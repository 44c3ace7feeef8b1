"""A client of the feed: pages by JSON, and the stream of server-sent events, over real sockets."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fumo.cli.admin import Admin
from tests.server.process import Process

NAMES = {"user": "u1", "password": "p1", "server_password": "s1"}
PACKAGE = {"id": 0, "name": "fw", "version": "1", "sha256": "ab" * 32, "length": 1}


class Follower:
    """Follows one process with a viewer's token."""

    def __init__(self, process: Process, token: str) -> None:
        self.process, self._proof = process, {"Authorization": f"Bearer {token}"}

    def page(self, query: str = "") -> tuple[int, Any]:
        link = http.client.HTTPConnection(*self.process.address, timeout=20)
        link.request("GET", f"/api/v1/events{query}", headers=self._proof)
        answer = link.getresponse()
        told = json.loads(answer.read())
        link.close()
        return answer.status, told

    @contextmanager
    def stream(self, query: str = "", **headers: str) -> Iterator["Stream"]:
        link = http.client.HTTPConnection(*self.process.address, timeout=20)
        asked = {**self._proof, "Accept": "text/event-stream", **headers}
        link.request("GET", f"/api/v1/events{query}", headers=asked)
        answer = link.getresponse()
        assert answer.status == 200, answer.read()
        yield Stream(answer)
        link.close()


class Stream:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self._answer = answer
        self.seen = 0

    def next(self) -> dict[str, Any] | None:
        """The next event; None at the end of the stream."""
        fields: dict[str, str] = {}
        while line := self._answer.readline():
            text = line.decode().rstrip("\r\n")
            if not text and "data" in fields:
                self.seen = int(fields["id"])
                return dict(json.loads(fields["data"]))
            name, _, value = text.partition(": ")
            fields[name] = value
        return None

    def until(self, kind: str) -> list[str]:
        """The kinds that come, up to one of this kind."""
        kinds: list[str] = []
        while not kinds or kinds[-1] != kind:
            event = self.next()
            assert event is not None, kinds
            kinds.append(event["kind"])
        return kinds


def viewer(process: Process) -> str:
    """The token of a new viewer."""
    admin = Admin(process.data)
    admin.post("/users", {"name": "eve", "role": "viewer"})
    return str(admin.post_once("/tokens", {"user": "eve"})["token"])


def orders(process: Process, device: str = "IMEI:1") -> None:
    """A device that may come, and an update for it."""
    admin = Admin(process.data)
    admin.post("/devices", {"id": device, **NAMES})
    admin.post("/packages", PACKAGE)
    order = {"package": "fw", "devices": [device], "operation": "downloadandupdate"}
    admin.post("/campaigns", order)
