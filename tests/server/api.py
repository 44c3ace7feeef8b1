"""The API of a real server, as its owner, its users and strangers ask it."""

import base64
import http.client
import json
import socket
from typing import Any

from tests.server.process import Process

V, OP, A = RANKS = ["viewer", "operator", "admin"]
PASSWORD = "correct horse battery"
MANY = 1_000_000


class Socket(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("fumo")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def basic(name: str, password: str) -> dict[str, str]:
    """A proof by name and password."""
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def bearer(token: str) -> dict[str, str]:
    """A proof by a token."""
    return {"Authorization": f"Bearer {token}"}


def device(name: str) -> dict[str, str]:
    """A device to be added."""
    return {"id": name, "user": "u", "password": "secret-1", "server_password": "secret-2"}


class Api:
    """`more`: how another process of the same database is started."""

    def __init__(self, process: Process, more: tuple[str, ...]) -> None:
        self.process, self.more = process, more
        self.tokens: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        """Of the newest answer, by their names in small letters."""

    def introduce(self) -> None:
        """A user and a token of each role; nobody asks too often."""
        for name in ("refusals-of-an-address", "tokens-of-a-user"):
            assert self.owner("PUT", f"/quotas/{name}", {"most": MANY})[0] == 200
        for role in RANKS:
            new = {"name": role, "role": role, "password": PASSWORD}
            status, told = self.owner("POST", "/users", new)
            assert status == 201, told
            self.tokens[role] = self.new_token(role)

    def new_token(self, user: str, **more: Any) -> str:
        """Another token of a user."""
        status, made = self.owner("POST", "/tokens", {"user": user, **more})
        assert status == 201, made
        return str(made["token"])

    def owner(self, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        """By the socket."""
        return self._ask(Socket(str(self.process.data / "admin.sock")), method, path, body, more)

    def front(self, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        """By the listener, with the headers that are given."""
        link = http.client.HTTPConnection(*self.process.address, timeout=20)
        return self._ask(link, method, path, body, more)

    def role(
        self, role: str, method: str, path: str, body: Any = None, **more: str
    ) -> tuple[int, Any]:
        """By the listener, with the token of a role."""
        return self.front(method, path, body, **bearer(self.tokens[role]), **more)

    def _ask(self, link: Any, method: str, path: str, body: Any, more: Any) -> tuple[int, Any]:
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        link.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)
        answer = link.getresponse()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        told = json.loads(answer.read())
        if answer.status >= 400:
            assert answer.getheader("Content-Type").startswith("application/problem+json"), told
            assert told["detail"]
        link.close()
        return answer.status, told
