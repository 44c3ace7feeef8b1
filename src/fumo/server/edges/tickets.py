"""Who may see the pages: a one-time ticket becomes a signed cookie. Nothing is stored.

A cookie says until when it is good, and an HMAC by the server's key says that we said so; it
outlives a restart of the server.
"""

import hmac
import secrets
import time

COOKIE = "fumo"
GOOD_S = 30 * 24 * 3600
TICKETS_MAX = 64
TICKET_GOOD_S = 24 * 3600.0


class Tickets:
    """Tickets that were given and not used yet; cookies that we signed."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._open: dict[str, float] = {}

    def new(self) -> str:
        """A ticket for one use; the oldest unused ones lapse."""
        ticket = secrets.token_urlsafe(24)
        self._open[ticket] = time.monotonic() + TICKET_GOOD_S
        while len(self._open) > TICKETS_MAX:
            del self._open[next(iter(self._open))]
        return ticket

    def use(self, ticket: str) -> str | None:
        """The cookie that a ticket buys, once."""
        until_s = self._open.pop(ticket, None)
        if until_s is None or time.monotonic() > until_s:
            return None
        return self._signed(int(time.time()) + GOOD_S)

    def admits(self, cookie: str | None) -> bool:
        """Is this a cookie of ours, and still good?"""
        until, _, _ = (cookie or "").partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 13):
            return False
        genuine = hmac.compare_digest(self._signed(int(until)), cookie or "")
        return genuine and int(until) > time.time()

    def _signed(self, until: int) -> str:
        mac = hmac.new(self._key, f"page {until}".encode(), "sha256").hexdigest()
        return f"{until}.{mac}"
