"""The body of an answer, read into a buffer of the reader's own: no byte is copied on the way.

Believes no header about the content: lengths here only tell where to stop reading. A peer that
drips cannot hold a read for longer than its time, however many bytes it is made of.
"""

import http.client
import io
import socket
import time
from typing import Any

from fumo.device.edges.trouble import Trouble, network
from fumo.dlota.descriptor import media_type_of
from fumo.update.failures import Cause, failure


class Timed(io.RawIOBase):
    """A socket that is read until a moment, which may be moved on."""

    def __init__(self, sock: socket.socket, until_s: float) -> None:
        """Reading after `until_s` (monotonic) is a TimeoutError."""
        self._sock = sock
        self.until_s = until_s

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What HTTPResponse reads from."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read what is there, or wait for as long as is left."""
        left_s = self.until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left_s)
        return self._sock.recv_into(buffer)


class Body:
    """An answer that is being read. `total` is the length of the whole package, if told.

    Worlds without a network have bodies of their own, which know `read_into` and `close`.
    """

    etag: str | None = None
    """Only a strong one."""
    total: int | None = None
    end_is_known = True
    """Whether a body that was cut can be told from a whole one."""
    media_type: str | None = None
    url = ""
    """Where it came from, after all redirects."""

    def read_into(self, buffer: memoryview) -> int:
        """What has come, at most the buffer; 0 at the end. Trouble when it came short."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the connection."""

    def read(self, most: int) -> bytes:
        """All of it, but never more than `most` bytes."""
        buffer = bytearray(most)
        view, length = memoryview(buffer), 0
        while length < most and (count := self.read_into(view[length:])):
            length += count
        return bytes(view[:length])


class HttpBody(Body):
    """The body of an answer that was judged already."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        source: Timed,
        answer: http.client.HTTPResponse,
        timeout_s: float,
        url: str,
    ) -> None:
        """`timeout_s` is for one read."""
        self._connection, self._source, self._answer = connection, source, answer
        self._timeout_s = timeout_s
        self._left = answer.length  # what Content-Length promised and has not come yet
        self.total = answer.length
        self.end_is_known = answer.length is not None or bool(answer.chunked)
        self.media_type = media_type_of(answer.getheader("Content-Type"))
        self.url = url

    def read_into(self, buffer: memoryview) -> int:
        """What has come, at most the buffer; 0 at the end. Trouble when it came short."""
        wanted = buffer if self._left is None else buffer[: self._left]
        if not wanted:
            return 0
        self._source.until_s = time.monotonic() + self._timeout_s
        with network():
            count = self._take(wanted)
        if self._left is not None:
            if not count:
                raise Trouble(failure(Cause.SHORT_BODY))
            self._left -= count
        return count

    def _take(self, buffer: memoryview) -> int:
        """Straight into the buffer, where nothing has to be taken off the bytes first."""
        if not self._answer.chunked:
            return self._answer.fp.readinto1(buffer)
        try:  # the library believes in chunks of negative size, and in such as no number holds
            piece = self._answer.read1(len(buffer))
        except (OverflowError, ValueError) as error:
            raise Trouble(failure(Cause.BAD_ANSWER)) from error
        if len(piece) > len(buffer):
            raise Trouble(failure(Cause.BAD_ANSWER))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Let go of the connection."""
        self._answer.close()
        self._connection.close()
