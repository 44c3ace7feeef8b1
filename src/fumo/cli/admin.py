"""Speaking to a running server: `/api/v1`, over its socket or over the net. Never its database.

An order carries a key, so that it may be sent again when its answer was lost: the server carries
it out once. An error says what, where and the next step, on one line of standard error.
"""

import ipaddress
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from fumo.cli.telling import AGAIN, FORBIDDEN, REFUSED, fail, warn

API = "/api/v1"
TIMEOUT_S = 30.0
KEEPING_S = 600.0
"""How long a large content may take to be durable, once it has come."""
PAGE = 500
"""Rows that are asked for at once."""
TRIES = 3
WAIT_S = 0.5
WAIT_MAX_S = 60.0
TOO_MANY = 429
COMES_BACK = (429, 502, 503, 504)
CODES = {401: FORBIDDEN, 403: FORBIDDEN, 429: AGAIN, 502: AGAIN, 503: AGAIN, 504: AGAIN}


class Tls(NamedTuple):
    """Roots by which a server is proven, and a certificate for servers that want one."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


class Admin:
    """A running server, from its operator's side."""

    def __init__(self, place: Path | str, token: str = "", tls: Tls | None = None) -> None:
        """`place`: a data folder, whose socket only its owner reaches; or a URL, with a token."""
        self._tls = tls or Tls()
        self._socket = place / "admin.sock" if isinstance(place, Path) else None
        self._base = "http://fumo" if isinstance(place, Path) else place.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        if token and _in_the_clear(self._base):
            warn(f"{self._base} is not https: whoever listens on the way can use this token")

    def get(self, path: str, **query: Any) -> Any:
        """What the server tells."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._call("GET", path, params=asked)

    def rows(self, path: str, most: int, **query: Any) -> list[Any]:
        """The first rows of a listing, page by page."""
        rows: list[Any] = []
        cursor = None
        while len(rows) < most:
            limit = min(PAGE, most - len(rows))
            page = self.get(path, limit=limit, cursor=cursor, **query)
            rows += page["items"]
            cursor = page["next"]
            if cursor is None:
                return rows
        warn(f"there are more than {most}: see them by a larger --limit")
        return rows

    def post(self, path: str, body: Any = None) -> Any:
        """What an order gave; it is carried out once, however often it was sent."""
        return self._call("POST", path, json=body, headers=_key())

    def post_in_time(self, path: str, body: Any) -> Any:
        """The same for one of many orders: who comes too often waits as long as he is told."""
        return self._call("POST", path, json=body, headers=_key(), waits=True)

    def patch(self, path: str, body: Any) -> Any:
        """What a thing is after the change."""
        return self._call("PATCH", path, json=body, headers=_key())

    def put(self, path: str, body: Any) -> Any:
        """What a thing is, as it was said."""
        return self._call("PUT", path, json=body, headers=_key())

    def post_once(self, path: str, body: Any = None) -> Any:
        """The same for an answer that is shown once, and so is asked for once."""
        return self._call("POST", path, json=body, tries=1)

    def send_part(self, path: str, offset: int, content: Iterator[bytes]) -> bool:
        """Bytes of an upload from there on; False: look how far it came, and go on."""
        import httpx2

        times = httpx2.Timeout(TIMEOUT_S, read=KEEPING_S)
        headers = {"Upload-Offset": str(offset)}
        try:
            answer = self._answer("PATCH", path, content=content, headers=headers, timeout=times)
        except httpx2.TransportError:
            return False
        moved = "upload-offset" in answer.headers
        if answer.status_code >= 300 and not moved and answer.status_code not in COMES_BACK:
            fail(self._words(answer), CODES.get(answer.status_code, REFUSED))
        return bool(answer.status_code < 300)

    def look(self, path: str) -> Any:
        """What the server tells; None: it is not there just now."""
        import httpx2

        try:
            answer = self._answer("GET", path)
        except httpx2.TransportError:
            return None
        if answer.status_code in COMES_BACK:
            return None
        return self._read(answer)

    def finish(self, path: str) -> Any:
        """What an order gave that may take as long as a large content needs."""
        import httpx2

        times = httpx2.Timeout(TIMEOUT_S, read=KEEPING_S)
        return self._call("POST", path, headers=_key(), timeout=times)

    def lines(
        self, path: str, headers: dict[str, str], *, patient: bool, **query: Any
    ) -> Iterator[str]:
        """A stream, line by line, until it ends. `patient`: nobody there is an end, too."""
        import httpx2

        asked = {name: value for name, value in query.items() if value is not None}
        try:
            with (
                self._client() as client,
                client.stream(
                    "GET", API + path, params=asked, headers=self._headers | headers
                ) as answer,
            ):
                if answer.status_code >= 300:
                    answer.read()
                    code = CODES.get(answer.status_code, REFUSED)
                    if patient and code == AGAIN:
                        return
                    fail(self._words(answer), code)
                yield from answer.iter_lines()
        except httpx2.TransportError as fault:
            if not patient:
                self._unreached(fault)

    @staticmethod
    def name(words: str) -> str:
        """As one part of a path."""
        return quote(words, safe="")

    def _call(
        self, method: str, path: str, *, tries: int = TRIES, waits: bool = False, **more: Any
    ) -> Any:
        answer = self._tried(tries, method, path, **more)
        while waits and answer.status_code == TOO_MANY:
            time.sleep(min(float(answer.headers.get("retry-after", 1)), WAIT_MAX_S))
            answer = self._tried(tries, method, path, **more)
        return self._read(answer)

    def _read(self, answer: Any) -> Any:
        if answer.status_code >= 300:
            fail(self._words(answer), CODES.get(answer.status_code, REFUSED))
        try:
            return answer.json()
        except ValueError:
            fail(self._words(answer))

    def _tried(self, tries: int, method: str, path: str, **more: Any) -> Any:
        import httpx2  # heavy: only when it is used

        for more_tries in reversed(range(tries)):
            try:
                return self._answer(method, path, **more)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as fault:
                self._unreached(fault)
            except httpx2.TransportError as fault:  # nobody knows whether it was heard
                if not more_tries:
                    self._unreached(fault)
                time.sleep(WAIT_S)
        raise AssertionError(tries)

    def _answer(self, method: str, path: str, **more: Any) -> Any:
        headers = self._headers | more.pop("headers", {})
        with self._client() as client:
            return client.request(method, API + path, headers=headers, **more)

    def _client(self) -> Any:
        import httpx2

        verify = self._verified()
        socket = None
        if self._socket is not None:
            socket = httpx2.HTTPTransport(uds=str(self._socket), verify=verify)
        return httpx2.Client(
            base_url=self._base, timeout=TIMEOUT_S, verify=verify, transport=socket
        )

    def _verified(self) -> Any:
        """By what a certificate is proven; loading roots takes long, where there is none."""
        if not self._base.startswith("https:"):
            return False
        return True if self._tls == Tls() else _context(self._tls)

    def _unreached(self, fault: Exception) -> None:
        if self._socket is None:
            fail(f"no server answers at {self._base} ({fault}): is it the address that "
                 "'fumo serve' printed?", AGAIN)  # fmt: skip
        fail(f"no server answers at {self._socket} ({type(fault).__name__}): "
             f"start it with 'fumo serve --data {self._socket.parent}'", AGAIN)  # fmt: skip

    def _words(self, answer: Any) -> str:
        if answer.status_code == 401 and "www-authenticate" in answer.headers:
            return (f"{self._base} does not know this token: give one by --token-file or "
                    "FUMO_TOKEN; an admin makes it by 'fumo tokens add USER'")  # fmt: skip
        try:
            words = str(answer.json()["detail"])
        except (ValueError, KeyError, TypeError):
            return (
                f"{self._base} answered {answer.status_code}: is it the address of a Fumo server?"
            )
        wait_s = answer.headers.get("retry-after")
        return f"{words} (try again in {wait_s} s)" if wait_s else words


def _key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex()}


def _in_the_clear(base: str) -> bool:
    parts = urlsplit(base)
    if parts.scheme == "https":
        return False
    try:
        return not ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname != "localhost"


def _context(tls: Tls) -> Any:
    import ssl

    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except (OSError, ssl.SSLError) as fault:
        fail(f"--ca {tls.ca} holds no roots: {fault}")
    try:
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key)
    except (OSError, ssl.SSLError) as fault:
        fail(f"--cert {tls.cert} and its key make no certificate: {fault}")
    return context
