"""What a database must be told when it is an older copy of itself: that some of it may be over.

Between the copy and the loss the server may have ordered what these rows hold for unsent, and may
have heard how that, or what had just been sent, ended. Nothing can tell. So nothing of it is said
again by itself (the promise of FUMO 6.2 would be broken): it becomes *unknown*, an alert of it
still counts, and an operator's word orders it anew, with a new correlator.
"""

from contextlib import closing
from pathlib import Path

from msgspec import Struct

from fumo.errors import FumoError
from fumo.server.edges.database import Database, Said
from fumo.server.edges.events import feed
from fumo.server.edges.opening import open_database

WHY = "an older copy of the database was restored: it may have been sent, or have ended, since"
PAUSED = "an older copy of the database was restored"
GAP = 1_000_000
"""Numbers that the lost time may have given: whoever has seen such events misses none of ours."""

NUMBERS_GO_ON = """INSERT INTO feed (name, last) VALUES ('event', ?1)
    ON CONFLICT (name) DO UPDATE SET last = feed.last + ?1"""
TOLD = "INSERT INTO event (at_s, kind, text) VALUES (?1, 'database.restored', ?2)"
NOTED = """INSERT INTO note (operation_id, at_s, text, state, incident)
    SELECT id, CAST(?1 AS double precision), CAST(?2 AS text), 'unknown', 0 FROM operation
        WHERE state IN ?*3 ORDER BY id"""
IN_DOUBT = "UPDATE operation SET state = 'unknown', reason = ?1 WHERE state IN ?*2"
FOLLOWED_MAYBE = "UPDATE operation SET follow_at_s = NULL WHERE follow_at_s IS NOT NULL"
"""A next step or try that was to come may have come since."""
PAUSE = "UPDATE campaign SET state = 'paused', why = ?1 WHERE state = 'running'"
CHALLENGE_ALL = Said(
    "UPDATE device SET version = version + 1, nonces = json_remove(nonces, '$.peer')",
    "UPDATE device SET version = version + 1, nonces = (nonces::jsonb - 'peer')::text",
)
"""A nonce that was used since would let somebody say again what he has heard."""
SESSIONS_GO_ON = "UPDATE notified SET session_id = (session_id + 1000) % 65535 + 1"
"""A device ignores a notification for a session that it was asked for since."""
OVER = ("session", "reply", "visit", "waking")
"""What went on then goes on no more."""


class Doubt(Struct, frozen=True):
    """How many campaigns were paused, and how many operations became unknown."""

    campaigns: int
    operations: int


def restored(where: Path | str, at_s: float, *, keep_held: bool = False) -> Doubt:
    """All or nothing; no server may run. `keep_held`: nothing held was released since the copy.

    FumoError: there is no such file.
    """
    if isinstance(where, Path) and not where.exists():
        raise FumoError(f"{where} is not there: name the file of the copy, such as DATA/server.db")
    with closing(open_database(where)) as db, db.transaction():
        return _doubt(db, at_s, ["planned", "sent", *([] if keep_held else ["held"])])


def _doubt(db: Database, at_s: float, states: list[str]) -> Doubt:
    while feed.give_numbers(db):
        pass
    db.run(NUMBERS_GO_ON, GAP)
    db.run(TOLD, at_s, PAUSED)
    campaigns = db.run(PAUSE, PAUSED)
    db.run(NOTED, at_s, WHY, states)
    operations = db.run(IN_DOUBT, WHY, states)
    db.run(FOLLOWED_MAYBE)
    db.run(CHALLENGE_ALL)
    db.run(SESSIONS_GO_ON)
    for table in OVER:
        db.run(f"DELETE FROM {table}")
    return Doubt(campaigns, operations)
