"""What download servers send: descriptors, and whole answers over HTTP."""

import contextlib
import http.client
import io
from collections.abc import Iterable

from fumo.device.edges.connecting import head_of
from fumo.device.edges.http_body import HttpBody
from fumo.device.edges.http_source import StartOver, Wish, judged
from fumo.device.edges.trouble import Trouble
from fumo.dlota.descriptor import read
from fumo.errors import DecodeError

WISH = Wish("http://depot.example/p", start=10, etag='"x"', total=30)
READ_MAX = 24
PLAIN = "application/octet-stream"


def descriptor(data: bytes) -> bool:
    """A descriptor, or none; what is read has all that is mandatory."""
    try:
        found = read(data)
    except DecodeError:
        return False
    assert found.types, "no type"
    assert found.object_uri, "no address"
    assert found.size >= 0, "a negative size"
    return True


class Canned:
    """A socket whose peer has said it all."""

    until_s = 0.0

    def __init__(self, data: bytes) -> None:
        """`data` is the whole answer."""
        self._data = data

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What HTTPResponse reads from."""
        return io.BufferedReader(io.BytesIO(self._data))  # type: ignore[arg-type]


def answer(data: bytes) -> bool:
    """An answer to a resume: refused, or the bytes after the tenth of this very package."""
    source = Canned(data)
    try:
        told = head_of(source, "GET")
    except http.client.HTTPException:
        return False
    nobody = http.client.HTTPConnection("depot.example")
    body = HttpBody(nobody, source, told, 1.0, WISH.url)  # type: ignore[arg-type]
    try:
        judged(WISH, told, body)
    except (Trouble, StartOver):
        return False
    assert (told.status, body.total, body.etag) == (206, WISH.total, WISH.etag)
    with contextlib.suppress(Trouble):
        assert len(body.read(READ_MAX)) <= READ_MAX
    return True


def descriptors() -> Iterable[bytes]:
    """With all that is known, and with the least."""
    least = f"<type>{PLAIN}</type><size>9</size><objectURI>p</objectURI>"
    yield f"<media>{least}</media>".encode()
    yield (
        '<?xml version="1.0"?><d:media xmlns:d="http://www.openmobilealliance.org/xmlns/dd"'
        f' DDVersion="1.0">{least}<DDVersion>1.0</DDVersion><installNotifyURI>/t</installNotifyURI>'
        "<nextURL>/n</nextURL><name>n</name><vendor>v</vendor><installParam>k=v;</installParam>"
        "<description>d</description></d:media>"
    ).encode()


def answers() -> Iterable[bytes]:
    """Good ones, whole and in chunks, and one that asks for patience."""
    resumed = 'HTTP/1.1 206 X\r\nContent-Range: bytes 10-29/30\r\nETag: "x"\r\n'
    yield f"{resumed}Content-Length: 20\r\n\r\n".encode() + bytes(20)
    yield (
        f"{resumed}Transfer-Encoding: chunked\r\n\r\n14\r\n".encode() + bytes(20) + b"\r\n0\r\n\r\n"
    )
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oma.dd+xml\r\n\r\n<media/>"
    yield b"HTTP/1.0 503 X\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nDate: x\r\n\r\n"
