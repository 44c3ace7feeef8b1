"""One GET for the rest of a package, over the standard library's HTTP client.

`open_body` follows redirects, judges the answer, and gives a `Body` to read from. A resume is
asked with Range and If-Range, so that a changed package comes whole (RFC 9110 13.1.5); what
the server answers is still checked, since some send the new bytes behind the old ones.
"""

import http.client
import re
import ssl
from urllib.parse import urlsplit

from msgspec import Struct

from fumo.device.edges.connecting import STRANGERS, ask
from fumo.device.edges.guard import Guard
from fumo.device.edges.http_body import Body, HttpBody
from fumo.device.edges.patience import asked_to_wait_s
from fumo.device.edges.trouble import Trouble
from fumo.device.edges.urls import check_url, joined
from fumo.dlota.descriptor import MEDIA_TYPE
from fumo.update.failures import Cause, failure, http_failure

REDIRECTS = (301, 302, 303, 307, 308)
ACCEPTED = f"application/octet-stream, {MEDIA_TYPE}, */*;q=0.5"
STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")


class Wish(Struct, frozen=True):
    """What to ask for: all of it, or what comes after `start` if the ETag still stands."""

    url: str
    start: int = 0
    etag: str | None = None
    total: int | None = None


class StartOver(Exception):
    """What was fetched so far is of another package. `body` is the new one, when it came."""

    def __init__(self, body: Body | None) -> None:
        """None: it has to be asked for again."""
        super().__init__()
        self.body = body


def open_body(
    wish: Wish,
    timeout_s: float,
    redirects_max: int,
    tls: ssl.SSLContext | None = None,
    guard: Guard = STRANGERS,
) -> Body:
    """The body that answers the wish; Trouble, or StartOver when the wish cannot be had.

    `tls` replaces the default context, which checks names against the system's roots; `guard`
    says which hosts may be asked though they are near.
    """
    url, headers = wish.url, _headers(wish)
    for _ in range(redirects_max + 1):
        parts = check_url(url)
        connection, source, answer = ask(guard, parts, timeout_s, tls, "GET", headers)
        body = HttpBody(connection, source, answer, timeout_s, url)
        if answer.status not in REDIRECTS:
            return judged(wish, answer, body)
        body.close()
        url = _redirected(url, answer)
    raise Trouble(failure(Cause.TOO_MANY_REDIRECTS))


def strong_etag(value: str | None) -> str | None:
    """The ETag if it may be compared byte by byte (RFC 9110 8.8.3.2), else None."""
    return value if value and STRONG_ETAG.fullmatch(value) else None


def _headers(wish: Wish) -> dict[str, str]:
    headers = {"Accept": ACCEPTED, "Accept-Encoding": "identity"}
    if wish.start and wish.etag:
        headers |= {"Range": f"bytes={wish.start}-", "If-Range": wish.etag}
    return headers


def _redirected(url: str, answer: http.client.HTTPResponse) -> str:
    """Where to; a redirect may not change the scheme, so nobody is led out of TLS."""
    location = answer.getheader("Location")
    if not location:
        raise Trouble(failure(Cause.BAD_ANSWER))
    target = joined(url, location)
    if urlsplit(target).scheme != urlsplit(url).scheme:
        raise Trouble(failure(Cause.BAD_SCHEME))
    return target


def judged(wish: Wish, answer: http.client.HTTPResponse, body: HttpBody) -> Body:
    """The body if the answer is one to the wish; closes the connection otherwise."""
    body.etag = strong_etag(answer.getheader("ETag"))
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
        raise Trouble(http_failure(answer.status), asked_to_wait_s(answer.headers))
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
