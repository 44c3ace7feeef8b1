"""Links that let one browser in, once. Kept in memory: a restart forgets them."""

import secrets
import time

TICKETS_MAX = 64
TICKET_GOOD_S = 24 * 3600.0


class Tickets:
    """Tickets that were given and not used yet."""

    def __init__(self) -> None:
        self._open: dict[str, float] = {}

    def new(self) -> str:
        """A ticket for one use; the oldest unused ones lapse."""
        ticket = secrets.token_urlsafe(24)
        self._open[ticket] = time.monotonic() + TICKET_GOOD_S
        while len(self._open) > TICKETS_MAX:
            del self._open[next(iter(self._open))]
        return ticket

    def use(self, ticket: str) -> bool:
        """Was it good, this once?"""
        until_s = self._open.pop(ticket, None)
        return until_s is not None and time.monotonic() <= until_s
