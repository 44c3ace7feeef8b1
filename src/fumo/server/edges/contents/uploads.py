"""Uploads as rows: how far each is, and of which pieces. Any server of the database goes on.

A piece is durable in the store before its row says so, and a row says so only for the one who was
where the upload had reached: of two that send the same bytes at once one is told to look again.
"""

import secrets

from msgspec import Struct

from fumo.server.edges.contents.rows import touch
from fumo.server.edges.database import Database
from fumo.server.office import Missing
from fumo.server.rollout import Denied

KEPT_S = 24 * 3600.0
"""How long an upload waits for the next piece, and is remembered when it is finished."""
OPEN_MAX = 64
"""Unfinished uploads of one user."""
PIECES_MAX = 20_000
ID_BYTES = 16


class Upload(Struct, frozen=True):
    """One upload: `offset` is how many bytes are durable. `sha256` is of what is to come."""

    id: str
    length: int
    offset: int
    finished: bool
    ends_at_s: float
    sha256: str | None = None


class Piece(Struct, frozen=True):
    """What came at once: its number in the store."""

    number: int
    length: int


class Elsewhere(Denied):
    """Bytes for another place than the upload has reached."""

    def __init__(self, offset: int) -> None:
        """`offset` is where to go on."""
        super().__init__(f"the upload has reached byte {offset}: go on from there")
        self.headers = {"Upload-Offset": str(offset)}


COLUMNS = "id, length, reached, finished, moved_at_s, sha256"
OPEN = f"""SELECT {COLUMNS} FROM upload
    WHERE who = ?1 AND sha256 = ?2 AND length = ?3 AND finished = 0 LIMIT 1"""
BEGIN = """INSERT INTO upload (id, who, length, sha256, reached, numbers, finished, created_at_s,
    moved_at_s) VALUES (?1, ?2, ?3, ?4, 0, 0, 0, ?5, ?5)"""
NUMBER = """UPDATE upload SET numbers = numbers + 1 WHERE id = ?1 AND numbers < ?2
    RETURNING numbers"""
REACH = """UPDATE upload SET reached = reached + ?3, moved_at_s = ?4
    WHERE id = ?1 AND reached = ?2 AND reached + ?3 <= length AND finished = 0"""

ADD_PIECE = """INSERT INTO upload_piece (upload_id, start, number, length)
    VALUES (?1, ?2, ?3, ?4)"""
FINISH = "UPDATE upload SET finished = 1, sha256 = ?2, moved_at_s = ?3 WHERE id = ?1"


class Uploads(Struct, frozen=True):
    """Over one database."""

    db: Database

    def begin(self, who: str, length: int, sha256: str | None, at_s: float) -> Upload:
        """A new one; or the same user's unfinished one of the same content."""
        with self.db.transaction():
            if sha256 and (found := self.db.rows(OPEN, who, sha256, length)):
                return _upload(*found[0])
            [(number,)] = self.db.rows(
                "SELECT count(*) FROM upload WHERE who = ?1 AND finished = 0", who
            )
            if number >= OPEN_MAX:
                raise Denied(f"{number} uploads of {who} are unfinished: finish one of them, "
                             "or wait until they are a day old")  # fmt: skip
            id_ = secrets.token_hex(ID_BYTES)
            self.db.run(BEGIN, id_, who, length, sha256, at_s)
            return self.of(id_)

    def of(self, id_: str) -> Upload:
        """One of them; Missing when there is none."""
        found = self.db.rows(f"SELECT {COLUMNS} FROM upload WHERE id = ?1", id_)
        if not found:
            raise Missing(f"no upload {id_[:40]!r}: it may be too old, so begin it anew")
        return _upload(*found[0])

    def number(self, id_: str) -> int:
        """For a piece that is about to be written: no other piece ever gets it."""
        found = self.db.rows(NUMBER, id_, PIECES_MAX)
        if not found:
            raise Denied(f"an upload has {PIECES_MAX} pieces at most: begin it anew")
        return int(found[0][0])

    def reach(self, id_: str, offset: int, piece: Piece, at_s: float) -> Upload:
        """The piece is durable in the store; Elsewhere when somebody else was there before."""
        with self.db.transaction():
            if self.db.run(REACH, id_, offset, piece.length, at_s) == 0:
                raise Elsewhere(self.of(id_).offset)
            self.db.run(ADD_PIECE, id_, offset, piece.number, piece.length)
            return self.of(id_)

    def pieces(self, id_: str) -> list[Piece]:
        """In their order."""
        sql = "SELECT number, length FROM upload_piece WHERE upload_id = ?1 ORDER BY start"
        return [Piece(*row) for row in self.db.rows(sql, id_)]

    def finish(self, id_: str, sha256: str, at_s: float) -> Upload:
        """Its content is durable in the store."""
        with self.db.transaction():
            touch(self.db, sha256, at_s)
            self.db.run(FINISH, id_, sha256, at_s)
            self.db.run("DELETE FROM upload_piece WHERE upload_id = ?1", id_)
            return self.of(id_)

    def forget(self, id_: str) -> None:
        """It is none any more."""
        with self.db.transaction():
            self.db.run("DELETE FROM upload_piece WHERE upload_id = ?1", id_)
            self.db.run("DELETE FROM upload WHERE id = ?1", id_)

    def old(self, at_s: float) -> list[str]:
        """Those that nobody moved for a day."""
        sql = "SELECT id FROM upload WHERE moved_at_s < ?1 ORDER BY moved_at_s LIMIT 1000"
        return [id_ for (id_,) in self.db.rows(sql, at_s - KEPT_S)]


def _upload(
    id_: str, length: int, reached: int, finished: int, moved_at_s: float, sha256: str | None
) -> Upload:
    return Upload(id_, length, reached, bool(finished), moved_at_s + KEPT_S, sha256)
