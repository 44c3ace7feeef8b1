"""The way between a device and its server, with what a network does to messages."""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

from fumo.device.ports import Link
from fumo.dm.message import Envelope
from fumo.errors import DecodeError


class Fault(StrEnum):
    """What happens to one exchange."""

    NONE = "none"
    REQUEST_LOST = "request lost"
    REPLY_LOST = "reply lost"
    REPLY_GARBLED = "reply garbled"


class Network:
    """Implements `Link` over another one. A late duplicate is told by `replies` and `instead`."""

    def __init__(self, server: Link) -> None:
        """A good network, until faults are chosen."""
        self._server = server
        self.faults: deque[Fault] = deque()
        """For each exchange in turn; none is a good one."""
        self.down = False
        """Nobody is there, until further notice."""
        self.instead: deque[Envelope] = deque()
        """Old replies that come in place of the next ones, which are lost."""
        self.replies: list[Envelope] = []
        self.urls: list[str] = []
        self.watch: Callable[[], None] = lambda: None
        """Called before each exchange."""

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        """One exchange; OSError when either way is lost, PeerError when garbled."""
        self.urls.append(url)
        self.watch()
        fault = self.faults.popleft() if self.faults else Fault.NONE
        if self.down or fault is Fault.REQUEST_LOST:
            raise ConnectionRefusedError("nobody is there")
        reply = self._server.post(url, body, media_type, mac)
        if fault is Fault.REPLY_LOST:
            raise ConnectionResetError("the reply was lost")
        if fault is Fault.REPLY_GARBLED:
            raise DecodeError("this is no SyncML")
        if self.instead:
            return self.instead.popleft()
        self.replies.append(reply)
        return reply
