"""What the server of a descriptor is owed to be told about the transfer, kept over restarts.

    described → ended(code) → delivered, or given up after a few tries

The note is on disk before it is sent, and each try is counted before it is made. Whatever fails
here fails in silence: no report of a transfer ever changes what becomes of the operation.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fumo.device.edges.reporting import post
from fumo.device.edges.trouble import Trouble
from fumo.device.files import Files
from fumo.dlota.notify import Code, report
from fumo.update.failures import Cause
from fumo.update.operation import Failure

NOTE = "package.notify"
NOTE_BYTES_MAX = 4096
PAUSES_S = (0.0, 5.0, 30.0)
"""Before each try."""

TOLD_AS = {
    Code.INSUFFICIENT_MEMORY: (Cause.NO_SPACE_DOWNLOAD,),
    Code.USER_CANCELLED: (Cause.CANCELLED,),
    Code.LOSS_OF_SERVICE: (
        *(Cause.DNS, Cause.REFUSED, Cause.UNREACHABLE, Cause.TLS, Cause.RESET),
        *(Cause.SHORT_BODY, Cause.TIMEOUT, Cause.STALLED, Cause.UNAVAILABLE),
    ),
    Code.ATTRIBUTE_MISMATCH: (Cause.CORRUPT,),
    Code.INVALID_DESCRIPTOR: (Cause.BAD_DESCRIPTOR, Cause.BAD_URL, Cause.BAD_SCHEME),
    Code.NON_ACCEPTABLE_CONTENT: (Cause.INVALID, Cause.NOT_ACCEPTABLE, Cause.UNFIT),
    Code.LOADER_ERROR: (
        *(Cause.AUTHENTICATION, Cause.NOT_THERE, Cause.SERVER_ERROR, Cause.BAD_ANSWER),
        *(Cause.TOO_MANY_REDIRECTS, Cause.FORBIDDEN_HOST),
    ),
}
"""What a failed transfer is told as; all other causes are the device's own."""

CODES: dict[str, Code] = {cause: code for code, causes in TOLD_AS.items() for cause in causes}


class Note(Struct, frozen=True):
    """What is owed. Without a `url` nobody wants to hear it, and it only says: a descriptor led."""

    op_id: int
    url: str | None
    code: int = Code.DEVICE_ABORTED
    ended: bool = False
    tries: int = 0


def code_of(failure: Failure) -> Code:
    """What a failure is told as."""
    return CODES.get(failure.cause, Code.DEVICE_ABORTED)


def in_background(deed: Callable[[], None]) -> None:
    """In a thread that nobody waits for."""
    threading.Thread(target=deed, name="install-notify", daemon=True).start()


class InstallNotify:
    """The one note of one folder."""

    def __init__(
        self,
        files: Files,
        post: Callable[[str, bytes], None] = post,
        aside: Callable[[Callable[[], None]], None] = in_background,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`post` tells a report (Trouble: nobody heard it); `aside` runs what may take long."""
        self._files, self._post, self._aside, self._pause = files, post, aside, pause
        self._lock = threading.Lock()
        self._delivering = False

    def described(self, op_id: int, url: str | None) -> None:
        """A descriptor led this operation, and wants to be told there."""
        with self._kept() as note:
            if note is None or (note.op_id, note.url) != (op_id, url):
                self._save(Note(op_id, url))

    def is_described(self, op_id: int) -> bool:
        """Did a descriptor lead this operation before?"""
        with self._kept() as note:
            return note is not None and note.op_id == op_id

    def ended(self, op_id: int, code: Code, final: bool) -> None:
        """How the transfer, or this try of it, ended; what is final is told at once."""
        with self._kept() as note:
            if note is not None and note.op_id == op_id and not note.ended:
                self._save(replace(note, code=code, ended=final))
        if final:
            self._deliver_aside()

    def rest(self, code: Code | None = None) -> None:
        """No operation goes on: what stands is final, or was ended by this."""
        with self._kept() as note:
            if note is None:
                return
            if note.url is None:
                self._files.delete(NOTE)
                return
            if not note.ended:
                self._save(replace(note, code=code or note.code, ended=True))
        self._deliver_aside()

    def _deliver_aside(self) -> None:
        with self._kept() as note:
            if self._delivering or note is None or note.url is None:
                return
            self._delivering = True
        if self._delivering:
            self._aside(self._deliver)

    def _deliver(self) -> None:
        try:
            while (note := self._next_try()) is not None:
                self._pause(PAUSES_S[note.tries - 1])
                with contextlib.suppress(Trouble):
                    self._post(note.url or "", report(Code(note.code)))
                    self._forget(note)
        finally:
            self._delivering = False

    def _next_try(self) -> Note | None:
        """The note with this try counted in it; None when there is nothing to tell."""
        with self._kept() as note:
            if note is None or not note.ended:
                return None
            if note.tries >= len(PAUSES_S):
                self._files.delete(NOTE)
                return None
            counted = replace(note, tries=note.tries + 1)
            self._save(counted)
            return counted

    def _forget(self, told: Note) -> None:
        with self._kept() as note:
            if note is not None and note.op_id == told.op_id:
                self._files.delete(NOTE)

    @contextmanager
    def _kept(self) -> Iterator[Note | None]:
        """The note, with nobody else at it; a disk that fails ends the block in silence."""
        with self._lock:
            note = self._read()
            with contextlib.suppress(OSError):
                yield note

    def _read(self) -> Note | None:
        """None, too, when it cannot be read."""
        try:
            if not self._files.exists(NOTE):
                return None
            return msgspec.json.decode(self._files.read(NOTE, 0, NOTE_BYTES_MAX), type=Note)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _save(self, note: Note) -> None:
        self._files.replace(NOTE, msgspec.json.encode(note))
