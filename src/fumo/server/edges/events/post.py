"""One POST to the receiver of a webhook: bounded in time, led nowhere else, its answer not read."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from fumo.server.edges.events.guard import Inside, Net, places
from fumo.server.webhook import Answer

ALL_S = 10.0
"""For everything: a receiver that gives a byte now and then does not hold us either."""


class Straight(http.client.HTTPConnection):
    """A connection to an address that was looked at, whatever the name means by now."""

    def __init__(self, host: str, port: int, address: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=ALL_S)
        self._address, self._tls, self._cut = address, tls, False

    def connect(self) -> None:
        """TLS is for the name."""
        self.sock = socket.create_connection((self._address, self.port), ALL_S)
        if self._cut:
            raise TimeoutError
        if self._tls is not None:
            # it can be cut while its peer lets it wait for the handshake
            self.sock = self._tls.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def cut(self) -> None:
        """End it from another thread, also before it stands."""
        self._cut = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def post(
    url: str, headers: Mapping[str, str], body: bytes, nets: Sequence[Net], all_s: float = ALL_S
) -> Answer:
    """What the receiver answered. Never raises."""
    return exchange(url, headers, body, nets, all_s)[0]


def exchange(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    nets: Sequence[Net],
    all_s: float = ALL_S,
    read_max: int = 0,
) -> tuple[Answer, bytes]:
    """What was answered, and so many bytes of its words at most. Never raises."""
    parts = urlsplit(url)
    secure, host = parts.scheme == "https", parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    try:
        address = places(host, port, secure, nets)[0]
        tls = ssl.create_default_context() if secure else None
        link = Straight(host, port, address, tls)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return _said(link, target, (headers, body), all_s, read_max)
    except Inside as fault:
        return Answer(trouble=str(fault)), b""
    except (OSError, http.client.HTTPException, ValueError) as fault:
        return Answer(trouble=_words(fault)), b""


def _said(
    link: Straight,
    target: str,
    asked: tuple[Mapping[str, str], bytes],
    all_s: float,
    read_max: int,
) -> tuple[Answer, bytes]:
    late = threading.Event()

    def cut() -> None:
        late.set()
        link.cut()

    clock = threading.Timer(all_s, cut)
    clock.daemon = True
    clock.start()
    headers, body = asked
    try:
        link.request("POST", target, body, dict(headers))
        came = link.getresponse()
        return Answer(came.status), came.read(read_max) if read_max else b""
    except (OSError, http.client.HTTPException):
        if late.is_set():
            return Answer(trouble=f"it did not answer within {all_s:g} seconds"), b""
        raise
    finally:
        clock.cancel()
        link.close()


def _words(fault: Exception) -> str:
    """What is wrong, in words of our own."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {fault.verify_message}"
    if isinstance(fault, socket.gaierror):
        return "its name is not known"
    if isinstance(fault, TimeoutError):
        return "it did not answer in time"
    return f"it cannot be reached: {type(fault).__name__}"
