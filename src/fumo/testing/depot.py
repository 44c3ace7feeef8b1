"""A download server in memory, with its faults chosen ahead, and a log of every GET and report.

The real downloader runs on it: only the network below is missing.
"""

from collections import deque
from hashlib import sha256

from fumo.device.edges.http_body import Body
from fumo.device.edges.http_source import StartOver, Wish
from fumo.device.edges.install_notify import InstallNotify
from fumo.device.edges.trouble import Trouble
from fumo.device.files import Files
from fumo.update.failures import Cause, failure, http_failure


class MemoryDepot:
    """Files by URL. `open_body` is what the downloader asks instead of HTTP."""

    def __init__(self) -> None:
        """No files, no faults."""
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        """The media type of a file, where it has one: a descriptor has."""
        self.reports: list[tuple[str, bytes]] = []
        """What it was told of transfers (install-notify): address and body."""
        self.deaf = False
        """No report is heard."""
        self.fetches: list[Wish] = []
        """Every GET that came, also those that failed."""
        self.faults: deque[Cause | int | None] = deque()
        """For each GET in turn: a cause, an HTTP status, a number of bytes after which the
        connection is cut (below 100 or above 999), or None for a good answer."""
        self.always: Cause | int | None = None
        """The fault of every GET for which none is chosen."""

    def open_body(self, wish: Wish, timeout_s: float, redirects_max: int) -> Body:
        """The answer to a GET, as a server with ranges and strong ETags gives it."""
        self.fetches.append(wish)
        fault = self.faults.popleft() if self.faults else self.always
        if isinstance(fault, Cause):
            raise Trouble(failure(fault))
        if fault is not None and 100 <= fault <= 999:
            raise Trouble(http_failure(fault))
        data = self.files.get(wish.url)
        if data is None:
            raise Trouble(http_failure(404))
        if wish.start and wish.etag != _etag(data):
            raise StartOver(self._body(wish.url, data, 0, fault))
        return self._body(wish.url, data, wish.start, fault)

    def post(self, url: str, body: bytes) -> None:
        """A report; Trouble when it is not heard."""
        self.reports.append((url, body))
        if self.deaf:
            raise Trouble(failure(Cause.REFUSED))

    def notify(self, files: Files) -> InstallNotify:
        """What makes the reports of one folder: at once, and without pauses."""
        return InstallNotify(files, self.post, lambda deed: deed(), lambda _pause_s: None)

    def _body(self, url: str, data: bytes, start: int, cut: int | None) -> "MemoryBody":
        body = MemoryBody(data, start, cut)
        body.url, body.media_type = url, self.types.get(url)
        return body


class MemoryBody(Body):
    """The bytes from `start`; after `cut` bytes the connection is reset."""

    def __init__(self, data: bytes, start: int, cut: int | None) -> None:
        """No connection behind it."""
        self.total = len(data)
        self.etag = _etag(data)
        self._rest = data[start:]
        self._cut = cut

    def read_into(self, buffer: memoryview) -> int:
        """The next bytes; Trouble when the connection is cut."""
        wanted = len(buffer)
        if self._cut is not None:
            wanted = min(wanted, self._cut)
            if wanted == 0 and self._rest:
                raise Trouble(failure(Cause.RESET))
            self._cut -= wanted
        piece, self._rest = self._rest[:wanted], self._rest[wanted:]
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Nothing to let go of."""


def _etag(data: bytes) -> str:
    return f'"{sha256(data).hexdigest()}"'
