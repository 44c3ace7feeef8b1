"""Reads bodies into one buffer that is used again and again, as fast as it may be.

A piece as large as the buffer is hashed and written at one go, and stays in the processor's cache
between the two; what has come before a trouble is given first.
"""

import time
from typing import NamedTuple

from fumo.device.edges.http_body import Body
from fumo.device.edges.pace import Brake, Limits, Pace
from fumo.device.edges.trouble import Trouble

BUFFER_BYTES = 512 * 1024


class Piece(NamedTuple):
    """What came: `data` is good until the next piece. `ended`: nothing follows."""

    data: memoryview
    ended: bool = False
    trouble: Trouble | None = None


class Intake:
    """The flow of one attempt. Not for two threads."""

    def __init__(self, limits: Limits) -> None:
        """The buffer is here from now on."""
        self._view = memoryview(bytearray(BUFFER_BYTES))
        self._pace, self._brake = Pace(limits), Brake(limits.rate_bytes_s)
        self.now_s = time.monotonic()

    def piece(self, body: Body, most: int, until_s: float) -> Piece:
        """The buffer full, or at most `most` bytes, or what came until then."""
        view, length = self._view[:most], 0
        try:
            while length < len(view) and (not length or self.now_s < until_s):
                count, took_s = self._sip(body, view[length:])
                length += count
                self._pace.saw(count, took_s)
                if not count:
                    return Piece(view[:length], ended=True)
        except Trouble as trouble:
            return Piece(view[:length], trouble=trouble)
        return Piece(view[:length])

    def _sip(self, body: Body, view: memoryview) -> tuple[int, float]:
        """What has come, and how long that took."""
        allowed = self._brake.allows(len(view))
        start_s = time.monotonic()
        count = body.read_into(view[:allowed])
        self._brake.took(count)
        self.now_s = time.monotonic()
        return count, self.now_s - start_s
