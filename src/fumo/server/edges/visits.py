"""Visits: browsers that were let in. Each holds a cookie; the database holds its SHA-256.

A visit is worth what its user is worth now: a smaller role counts at once, and a user that was
removed is nobody. It outlives a restart, and any process of the database knows it.
"""

import hashlib
import hmac
import secrets

from fumo.server.access import Actor, Role
from fumo.server.edges.access.store import AccessStore
from fumo.server.edges.database import Bulk, Database

COOKIE = "fumo"
GOOD_S = 7 * 24 * 3600.0
ROWS = Bulk(
    "visit",
    ("sha256", "account", "at_s", "until_s"),
    ("text", "text", "double precision", "double precision"),
)
OWNER = "owner"
"""Whom the printed link lets in, as an admin: it is read where the server was started."""


def new_cookie() -> str:
    """What a browser keeps, and nobody guesses."""
    return secrets.token_urlsafe(32)


def form_token(cookie: str) -> str:
    """What a form of this browser carries: no other site can know it."""
    return hmac.new(cookie.encode(), b"form", "sha256").hexdigest()


class Visits:
    """`begin` and `end` write, and are for the writer's thread; `actor` reads, for any."""

    def __init__(self, reads: Database, writes: Database) -> None:
        self._reads, self._writes = reads, writes

    def begin(self, cookie: str, account: str | None, place: str, at_s: float) -> None:
        """Let a browser in, for a user or as the owner; those that are over are forgotten."""
        db = self._writes
        with db.transaction():
            db.run("DELETE FROM visit WHERE until_s < ?1", at_s)
            db.put(ROWS, [(_kept(cookie), account, at_s, at_s + GOOD_S)])
            how = "link" if account is None else "password"
            AccessStore(db).note(at_s, account or OWNER, place, "visits.begin", how)

    def end(self, cookie: str) -> None:
        """It is nobody's any more."""
        self._writes.run("DELETE FROM visit WHERE sha256 = ?1", _kept(cookie))

    def actor(self, cookie: str, place: str, at_s: float) -> Actor | None:
        """Who comes with this cookie. A user of the same name who was added later is another."""
        sql = """SELECT account, role FROM visit LEFT JOIN account
            ON account.name = visit.account AND account.created_at_s <= visit.at_s
            WHERE sha256 = ?1 AND until_s > ?2"""
        found = self._reads.rows(sql, _kept(cookie), at_s)
        if not found:
            return None
        [(name, role)] = found
        if name is None:
            return Actor(OWNER, Role.ADMIN, place)
        return Actor(name, Role(role), place) if role else None


def _kept(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
