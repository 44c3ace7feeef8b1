"""What an HTTP edge hands up for one DM message, and what it gets back to send.

The edge knows HTTP and nothing of DM's meaning; whoever answers knows nothing of sockets.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import TypeAlias

from msgspec import Struct

from fumo.dm.message import Envelope

TEXT = "text/plain; charset=utf-8"


class Reply(Struct, frozen=True):
    """One HTTP answer, whole; `mac` goes into the header `x-syncml-hmac`."""

    status: int
    body: bytes
    media_type: str = TEXT
    mac: str | None = None


Answer: TypeAlias = Callable[[Envelope], Awaitable[Reply]]
"""Who answers a message; it may take its time, but it always answers."""


def plain(status: int, words: str) -> Reply:
    """A refusal in one line of text."""
    line = " ".join(words.split())[:300]
    return Reply(status, f"{line}\n".encode())


def loopback(host: str) -> bool:
    """Is this address the machine itself? Then nobody reads along."""
    try:
        return ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"
