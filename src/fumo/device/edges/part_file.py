"""The file that is being fetched: written, judged as it grows and, when whole, made durable.

After a restart the bytes behind the checkpoint are read again, since a running digest cannot be
saved; without one each byte is hashed once and written once.
"""

from fumo.device.edges.package_check import PackageCheck
from fumo.device.edges.package_file import DELTA, HELD, PART, pieces
from fumo.device.edges.trouble import Trouble, disk
from fumo.device.files import Files
from fumo.update.failures import Cause, failure
from fumo.update.operation import Held


class PartFile:
    """`length` bytes are written; they are durable after `sync`."""

    def __init__(self, files: Files, check: PackageCheck, name: str = PART) -> None:
        """Begin with what is there; see `fresh` and `resumed`."""
        self._files, self._check, self._name = files, check, name

    @classmethod
    def fresh(cls, files: Files, check: PackageCheck, name: str = PART) -> "PartFile":
        """Throw away what is there, and what an older operation left."""
        with disk():
            files.truncate(name, 0)
            for other in {PART, DELTA, HELD} - {name}:
                if files.exists(other):
                    files.delete(other)
        return cls(files, check, name)

    @classmethod
    def resumed(
        cls, files: Files, check: PackageCheck, length: int, name: str = PART
    ) -> "PartFile | None":
        """Go on behind a checkpoint; None when its bytes are not there."""
        part = cls(files, check, name)
        with disk():
            if files.size(name) < length:
                return None
            files.truncate(name, length)
            for piece in pieces(files, name, 0, length):
                check.take(piece)
        return part if part.length == length else None

    @property
    def length(self) -> int:
        """How many bytes are written."""
        return self._check.length

    @property
    def expected(self) -> int | None:
        """How long the whole file is, if anybody who may be believed has told it."""
        return self._check.expected

    def append(self, piece: memoryview | bytes) -> None:
        """Write and hash; Trouble when it is no package, or longer than it may be."""
        self._check.insist_on_room_for(len(piece))
        with disk():
            self._files.write(self._name, self.length, piece)
        self._check.take(piece)

    def sync(self) -> None:
        """What was appended survives a power cut from here on."""
        with disk():
            self._files.sync(self._name)

    def make_room(self, total: int) -> None:
        """Trouble when the disk cannot take the rest: better now than after the last byte."""
        insist_on_room(self._files, total - self.length)

    def finish(self) -> Held:
        """Judge the whole, make it durable under its name; Trouble when it is not what it says."""
        held = self._check.end()
        self.sync()
        with disk():
            self._files.rename(self._name, HELD)
        return held

    def whole(self) -> None:
        """Judge the whole and make it durable where it is; Trouble as in `finish`."""
        self._check.end()
        self.sync()


def insist_on_room(files: Files, count: int) -> None:
    """Trouble when so many bytes more have no place."""
    with disk():
        free = files.free()
    if free < count:
        raise Trouble(failure(Cause.NO_SPACE_DOWNLOAD))


def undo_rename(files: Files, total: int | None) -> None:
    """The power went after the last rename and before its record: the file is still a part."""
    with disk():
        if files.exists(PART) or files.exists(DELTA):
            return
        if total is not None and files.size(HELD) == total:
            files.rename(HELD, PART)
