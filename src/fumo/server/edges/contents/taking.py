"""Takes the bytes of uploads: pieces go to the store first, and then count.

What had come when a line broke is kept too. Finishing joins the pieces into a content, which is
durable before its upload is finished; cut anywhere in between, it is finished by asking again.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct

from fumo.errors import FumoError
from fumo.server.edges.contents.rows import insist
from fumo.server.edges.contents.uploads import Elsewhere, Piece, Upload, Uploads
from fumo.server.ports import Contents, Kept, Readable
from fumo.server.rollout import Denied

PIECE_BYTES = 8 << 20

T = TypeVar("T")


class Taking(Struct, frozen=True):
    """Called from threads; `order` runs a job where rows are written, and gives what came of it."""

    contents: Contents
    uploads: Uploads
    order: Callable[[Callable[[], Any]], Any]
    now_s: Callable[[], float] = time.time

    def take(self, id_: str, offset: int, arriving: Readable) -> Upload:
        """All that arrives from `offset` on; what came before it broke off counts."""
        upload = self._of(id_)
        if upload.finished or upload.offset != offset:
            raise Elsewhere(upload.offset)
        gathered = bytearray()
        try:
            while piece := arriving.read(PIECE_BYTES):
                gathered += piece
                if upload.offset + len(gathered) > upload.length:
                    raise Denied(f"more came than the {upload.length} bytes that were said")
                if len(gathered) >= PIECE_BYTES:
                    upload, gathered = self._keep(upload, gathered), bytearray()
        except Exception:  # whatever ends the line: what has come is worth keeping
            with contextlib.suppress(FumoError, OSError):
                self._keep(upload, gathered)
            raise
        if upload.offset + len(gathered) == offset:
            raise Denied("nothing was sent: the bytes are the body of the request, as they are")
        return self._keep(upload, gathered)

    def finish(self, id_: str, note: Callable[[str], None]) -> Upload:
        """Its content; `note` is told the SHA-256, in the transaction that finishes it."""
        done = self._finish(id_, note)
        insist(self.contents, done.sha256 or "")
        return done

    def _finish(self, id_: str, note: Callable[[str], None]) -> Upload:
        upload = self._of(id_)
        if upload.finished:
            return upload
        if upload.offset != upload.length:
            raise Elsewhere(upload.offset)
        stored = self._joined(upload)
        if stored is None:
            return self._of(id_)
        if stored.length != upload.length or upload.sha256 not in (None, stored.sha256):
            self.order(lambda: self.uploads.forget(id_))
            self.contents.drop(id_)
            raise Denied(f"what came has the SHA-256 {stored.sha256}, and not {upload.sha256}: "
                         "begin it anew")  # fmt: skip
        done: Upload = self.order(lambda: self._finished(id_, stored.sha256, note))
        self.contents.drop(id_)
        return done

    def _of(self, id_: str) -> Upload:
        found: Upload = self.order(lambda: self.uploads.of(id_))
        return found

    def _keep(self, upload: Upload, gathered: bytearray) -> Upload:
        """Durable, and then told."""
        if not gathered:
            return upload
        number: int = self.order(lambda: self.uploads.number(upload.id))
        self.contents.put_part(upload.id, number, bytes(gathered))
        piece, at_s = Piece(number, len(gathered)), self.now_s()
        reached: Upload = self.order(
            lambda: self.uploads.reach(upload.id, upload.offset, piece, at_s)
        )
        return reached

    def _joined(self, upload: Upload) -> Kept | None:
        """In the store; None: somebody else finished it meanwhile."""
        pieces: list[Piece] = self.order(lambda: self.uploads.pieces(upload.id))
        try:
            return self.contents.add(Joined(self.contents, upload.id, pieces))
        except FileNotFoundError:
            if self._of(upload.id).finished:
                return None
            self.order(lambda: self.uploads.forget(upload.id))
            raise Denied("pieces of it are gone from the store: begin it anew") from None

    def _finished(self, id_: str, sha256: str, note: Callable[[str], None]) -> Upload:
        with self.uploads.db.transaction():
            if (there := self.uploads.of(id_)).finished:
                return there
            done = self.uploads.finish(id_, sha256, self.now_s())
            note(sha256)
            return done


class Joined:
    """The pieces of an upload as one stream."""

    def __init__(self, contents: Contents, id_: str, pieces: list[Piece]) -> None:
        """Read one by one."""
        self._contents, self._id, self._coming = contents, id_, iter(pieces)

    def read(self, size: int, /) -> bytes:
        """The next piece, of whatever size; empty at the end."""
        for piece in self._coming:
            data = self._contents.read_part(self._id, piece.number)
            if len(data) != piece.length:
                raise FileNotFoundError(f"piece {piece.number} is not as it was kept")
            return data
        return b""
