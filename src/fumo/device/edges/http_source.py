"""One GET for the rest of a package, over the standard library's HTTP client.

`open_body` follows redirects, judges the answer, and gives a `Body` to read from. A resume is
asked with Range and If-Range, so that a changed package comes whole (RFC 9110 13.1.5); what
the server answers is still checked, since some send the new bytes behind the old ones.
Believes no header about the content: lengths here only tell where to stop reading.
"""

import http.client
import re
import ssl
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from fumo.device.edges.trouble import Trouble, network
from fumo.update.failures import Cause, failure, http_failure
from fumo.wire.address import is_host
from fumo.wire.tls import package_side

URL_LENGTH_MAX = 2048
REDIRECTS = (301, 302, 303, 307, 308)
SCHEMES = ("http", "https")
STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
PRINTABLE = re.compile(r"[\x21-\x7e]+")


class Wish(Struct, frozen=True):
    """What to ask for: all of it, or what comes after `start` if the ETag still stands."""

    url: str
    start: int = 0
    etag: str | None = None
    total: int | None = None


class StartOver(Exception):
    """What was fetched so far is of another package. `body` is the new one, when it came."""

    def __init__(self, body: "Body | None") -> None:
        """None: it has to be asked for again."""
        super().__init__()
        self.body = body


class Body:
    """An answer that is being read. `total` is the length of the whole package, if told."""

    def __init__(self, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse):
        """The answer was judged already."""
        self._connection = connection
        self._answer = answer
        self._left = answer.length  # what Content-Length promised and has not come yet
        self.etag = strong_etag(answer.getheader("ETag"))
        self.total = answer.length
        self.end_is_known = answer.length is not None or bool(answer.chunked)

    def read(self, most: int) -> bytes:
        """What has come, at most `most` bytes; b"" at the end. Trouble when it came short."""
        wanted = most if self._left is None else min(most, self._left)
        if wanted == 0:
            return b""
        with network():
            piece = self._answer.read1(wanted)
        if self._left is not None:
            if not piece:
                raise Trouble(failure(Cause.SHORT_BODY))
            self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Let go of the connection."""
        self._answer.close()
        self._connection.close()


def open_body(
    wish: Wish, timeout_s: float, redirects_max: int, tls: ssl.SSLContext | None = None
) -> Body:
    """The body that answers the wish; Trouble, or StartOver when the wish cannot be had.

    `tls` replaces the default context, which checks names against the system's roots.
    """
    url = wish.url
    for _ in range(redirects_max + 1):
        parts = check_url(url)
        connection, answer = _ask(_connection(parts, timeout_s, tls), parts, wish)
        if answer.status not in REDIRECTS:
            return _judged(wish, connection, answer)
        connection.close()
        url = _redirected(url, answer)
    raise Trouble(failure(Cause.TOO_MANY_REDIRECTS))


def check_url(url: str | None) -> SplitResult:
    """The URL in parts; Trouble unless it is http(s) with a host and nothing odd in it."""
    if not url or len(url) > URL_LENGTH_MAX or not PRINTABLE.fullmatch(url):
        raise Trouble(failure(Cause.BAD_URL))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Trouble(failure(Cause.BAD_URL)) from None
    if parts.scheme and parts.scheme not in SCHEMES:
        raise Trouble(failure(Cause.BAD_SCHEME))
    # Credentials in a URL would leak into logs and to redirects: nobody needs them here.
    named = is_host(parts.hostname or "")
    if not parts.scheme or not named or port == 0 or "@" in parts.netloc:
        raise Trouble(failure(Cause.BAD_URL))
    return parts


def strong_etag(value: str | None) -> str | None:
    """The ETag if it may be compared byte by byte (RFC 9110 8.8.3.2), else None."""
    return value if value and STRONG_ETAG.fullmatch(value) else None


def _connection(
    url: SplitResult, timeout_s: float, tls: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "http":
        return http.client.HTTPConnection(host, url.port, timeout=timeout_s)
    context = tls or package_side(None)
    return http.client.HTTPSConnection(host, url.port, timeout=timeout_s, context=context)


def _ask(
    connection: http.client.HTTPConnection, url: SplitResult, wish: Wish
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "fumo", "Connection": "close"}
    if wish.start and wish.etag:
        headers |= {"Range": f"bytes={wish.start}-", "If-Range": wish.etag}
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        with network():
            connection.request("GET", path, headers=headers)
            return connection, connection.getresponse()
    except BaseException:
        connection.close()
        raise


def _redirected(url: str, answer: http.client.HTTPResponse) -> str:
    """Where to; a redirect may not change the scheme, so nobody is led out of TLS."""
    location = answer.getheader("Location")
    if not location:
        raise Trouble(failure(Cause.BAD_ANSWER))
    try:
        target = urljoin(url, location)
    except ValueError:
        raise Trouble(failure(Cause.BAD_URL)) from None
    if check_url(target).scheme != urlsplit(url).scheme:
        raise Trouble(failure(Cause.BAD_SCHEME))
    return target


def _judged(
    wish: Wish, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse
) -> Body:
    """The body if the answer is one to the wish; closes the connection otherwise."""
    body = Body(connection, answer)
    try:
        _judge(wish, answer, body)
    except StartOver as turn:
        if turn.body is None:
            body.close()
        raise
    except Trouble:
        body.close()
        raise
    return body


def _judge(wish: Wish, answer: http.client.HTTPResponse, body: Body) -> None:
    if answer.status == 416 and wish.start:
        raise StartOver(None)
    if answer.status not in (200, 206):
        raise Trouble(http_failure(answer.status))
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise Trouble(failure(Cause.BAD_ANSWER))
    if answer.status == 200:
        if wish.start:
            raise StartOver(body)
        return
    _judge_partial(wish, answer, body)


def _judge_partial(wish: Wish, answer: http.client.HTTPResponse, body: Body) -> None:
    """A 206 must continue exactly where we stopped, to the end, in the same package."""
    told = CONTENT_RANGE.fullmatch(answer.getheader("Content-Range", ""))
    if told is None or not wish.start:
        raise Trouble(failure(Cause.BAD_ANSWER))
    start, end, total = map(int, told.groups())
    if wish.total is not None and total != wish.total:
        raise StartOver(None)
    etag = answer.getheader("ETag")
    if etag is not None and etag != wish.etag:
        raise StartOver(None)
    length = answer.length
    if start != wish.start or end != total - 1 or length not in (None, total - start):
        raise Trouble(failure(Cause.BAD_ANSWER))
    body.total, body.etag = total, wish.etag
