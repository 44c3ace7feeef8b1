"""Links that let one browser in, once, at whichever server of the database it comes to.

They stand beside visits, named by a hash with `link:` before it, which no cookie has; so a link
outlives a restart, is good for a day, and opens one visit.
"""

import hashlib
import secrets
import time

from fumo.server.edges.database import Database
from fumo.server.edges.visits import ROWS

TICKETS_MAX = 64
TICKET_GOOD_S = 24 * 3600.0
TAKE = "DELETE FROM visit WHERE sha256 = ?1 AND until_s > ?2"
LAPSE = """DELETE FROM visit WHERE sha256 IN
    (SELECT sha256 FROM visit WHERE sha256 LIKE 'link:%'
     ORDER BY at_s DESC, sha256 LIMIT ?1 OFFSET ?2)"""


class Tickets:
    """Tickets not used yet. `new` and `use` write, on the writer's thread; `known` reads."""

    def __init__(self, reads: Database, writes: Database) -> None:
        self._reads, self._writes = reads, writes

    def new(self) -> str:
        """A ticket for one use; the oldest unused ones lapse."""
        ticket, now_s = secrets.token_urlsafe(24), time.time()
        with self._writes.transaction():
            self._writes.put(ROWS, [(_kept(ticket), None, now_s, now_s + TICKET_GOOD_S)])
            self._writes.run(LAPSE, TICKETS_MAX, TICKETS_MAX)
        return ticket

    def known(self, ticket: str) -> bool:
        """Is it worth an order? Reads only: what strangers make up costs no write."""
        sql = "SELECT 1 FROM visit WHERE sha256 = ?1 AND until_s > ?2"
        return bool(self._reads.rows(sql, _kept(ticket), time.time()))

    def use(self, ticket: str) -> bool:
        """Was it good, this once? Of several processes at once, one is told so."""
        return self._writes.run(TAKE, _kept(ticket), time.time()) == 1


def _kept(ticket: str) -> str:
    return "link:" + hashlib.sha256(ticket.encode()).hexdigest()
