"""One request to a stranger's server, and the head of its answer.

The connection is made by the guard, and the whole head comes in one time-out: a server that drips
headers is as dead as a silent one.
"""

import http.client
import ssl
import time
from typing import Any, TypeAlias
from urllib.parse import SplitResult

from fumo.device.edges.guard import Guard
from fumo.device.edges.http_body import Timed
from fumo.device.edges.trouble import network
from fumo.wire.tls import package_side

AGENT = "fumo"
STRANGERS = Guard()
"""No host near is asked."""

Asked: TypeAlias = tuple[http.client.HTTPConnection, Timed, http.client.HTTPResponse]


class Plain(http.client.HTTPConnection):
    """HTTP over a guarded connection."""

    def __init__(self, guard: Guard, host: str, port: int | None, timeout_s: float) -> None:
        """Nothing is connected yet."""
        super().__init__(host, port, timeout=timeout_s)
        self._guard, self._timeout_s = guard, timeout_s

    def connect(self) -> None:
        """To an address that may be asked. Trouble, OSError."""
        self.sock = self._guard.connect(self.host, self.port, self._timeout_s)


class Secure(Plain):
    """HTTPS over a guarded connection."""

    default_port = http.client.HTTPS_PORT

    def __init__(
        self, guard: Guard, host: str, port: int | None, timeout_s: float, tls: ssl.SSLContext
    ) -> None:
        """`tls` checks the host's name."""
        super().__init__(guard, host, port, timeout_s)
        self._tls = tls

    def connect(self) -> None:
        """To an address that may be asked, and proves to be that host. Trouble, OSError."""
        super().connect()
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)


def ask(
    guard: Guard,
    url: SplitResult,
    timeout_s: float,
    tls: ssl.SSLContext | None,
    method: str,
    headers: dict[str, str],
    body: bytes | None = None,
) -> Asked:
    """Ask, and wait for the head of the answer. Trouble when there is none."""
    connection = _connection(guard, url, timeout_s, tls)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    told = {"User-Agent": AGENT, "Connection": "close"} | headers
    try:
        with network():
            connection.request(method, path, body=body, headers=told)
            source = Timed(connection.sock, time.monotonic() + timeout_s)
            return connection, source, head_of(source, method)
    except BaseException:
        connection.close()
        raise


def _connection(
    guard: Guard, url: SplitResult, timeout_s: float, tls: ssl.SSLContext | None
) -> Plain:
    host = url.hostname or ""
    if url.scheme == "http":
        return Plain(guard, host, url.port, timeout_s)
    return Secure(guard, host, url.port, timeout_s, tls or package_side(None))


def head_of(source: Any, method: str) -> http.client.HTTPResponse:
    """The head of an answer; HTTPException when there is none in what comes."""
    answer = http.client.HTTPResponse(source, method=method)
    answer.begin()
    return answer
