"""What the database knows of contents: when each was added last, and whether it is going.

A content that nothing refers to is *going* from the moment that this was decided until it is gone.
Whoever adds or names a content writes the same row, so one of both comes first, at any number of
servers: either the content is young and stays, or its adder is told to send it again.
"""

from typing import ClassVar

from fumo.server.edges.database import Database
from fumo.server.ports import Contents
from fumo.server.rollout import Denied

TOUCH = """INSERT INTO content (sha256, at_s, going) VALUES (?1, ?2, 0)
    ON CONFLICT (sha256) DO UPDATE SET at_s = excluded.at_s WHERE content.going = 0"""
CONDEMN = """INSERT INTO content (sha256, at_s, going) VALUES (?1, ?2, 1)
    ON CONFLICT (sha256) DO UPDATE SET going = 1 WHERE content.at_s < ?3"""
REFERRING = (("package", "sha256"), ("upload", "sha256"), ("delta", "sha256"))
"""Where the SHA-256 of contents stand that are needed. Each has an index."""


class Going(Denied):
    """It is being removed, and its bytes must come again."""

    headers: ClassVar = {"Retry-After": "10"}


def insist(contents: Contents, sha256: str) -> None:
    """Asked after `touch`: whoever had decided its end before may have removed it just now."""
    if contents.find(sha256) is None:
        raise Going(f"{sha256[:16]}… was just being removed: send it again")


def touch(db: Database, sha256: str, at_s: float) -> None:
    """It was added, or is named from now on; within the transaction that does so."""
    if db.run(TOUCH, sha256, at_s) == 0:
        raise Going(f"{sha256[:16]}… is just being removed: send it again in a few seconds")


def condemn(db: Database, sha256: str, at_s: float, before_s: float) -> bool:
    """It is going, unless it is needed or young; in a transaction of its own."""
    with db.transaction():
        if db.run(CONDEMN, sha256, at_s, before_s) == 0:
            return False
        if is_needed(db, sha256):
            db.run("UPDATE content SET going = 0 WHERE sha256 = ?1", sha256)
            return False
    return True


def gone(db: Database, sha256: str) -> None:
    """Nothing is there any more, and it may come again."""
    db.run("DELETE FROM content WHERE sha256 = ?1 AND going = 1", sha256)


def going(db: Database) -> list[str]:
    """What was decided and not done, since a server was stopped."""
    return [sha256 for (sha256,) in db.rows("SELECT sha256 FROM content WHERE going = 1")]


def is_needed(db: Database, sha256: str) -> bool:
    """Does any row refer to it?"""
    sql = " UNION ALL ".join(
        f"SELECT 1 FROM {table} WHERE {column} = ?1" for table, column in REFERRING
    )
    return bool(db.rows(f"SELECT 1 FROM ({sql}) AS found LIMIT 1", sha256))
