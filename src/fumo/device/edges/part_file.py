"""The package that is being fetched: written, hashed and, when whole, checked against itself.

The manifest in front is read as soon as it is there, so a foreign file is refused at once and no
more is written than the manifest speaks of. After a restart the prefix is hashed again from disk,
since a running hash cannot be saved.
"""

import hashlib

from fumo.device.edges.package_file import HELD, PART, pieces
from fumo.device.edges.trouble import Trouble, disk
from fumo.device.files import Files
from fumo.errors import DecodeError
from fumo.package.manifest import PREFIX_LENGTH, Manifest, NotAPackage, head_length, read_head
from fumo.update.failures import Cause, failure
from fumo.update.operation import Held


class PartFile:
    """`length` bytes are written; they are durable after `sync`."""

    def __init__(self, files: Files, raw_allowed: bool) -> None:
        """Begin with an empty file."""
        self._files = files
        self._raw_allowed = raw_allowed
        self._raw = False
        self._front = bytearray()  # until the manifest is read
        self._manifest: Manifest | None = None
        self._manifest_bytes: bytes | None = None
        self._whole = hashlib.sha256()
        self._image = hashlib.sha256()
        self.length = 0
        self.expected: int | None = None
        """The length of the whole file, once the manifest told it."""

    @classmethod
    def fresh(cls, files: Files, raw_allowed: bool) -> "PartFile":
        """Throw away what is there, and what an older operation left."""
        with disk():
            files.truncate(PART, 0)
            files.delete(HELD)
        return cls(files, raw_allowed)

    @classmethod
    def resumed(cls, files: Files, raw_allowed: bool, length: int) -> "PartFile | None":
        """Go on behind a checkpoint; None when its bytes are not there."""
        part = cls(files, raw_allowed)
        with disk():
            if files.size(PART) < length:
                return None
            files.truncate(PART, length)
            for piece in pieces(files, PART, 0, length):
                part._take(piece)
        return part if part.length == length else None

    def append(self, piece: bytes) -> None:
        """Write and hash; Trouble when it is no package, or longer than it says itself."""
        if self.expected is not None and self.length + len(piece) > self.expected:
            raise Trouble(failure(Cause.CORRUPT))
        with disk():
            self._files.write(PART, self.length, piece)
        self._take(piece)

    def sync(self) -> None:
        """All that was appended survives a power cut."""
        with disk():
            self._files.sync(PART)

    def make_room(self, total: int) -> None:
        """Trouble when the disk cannot take the rest: better now than after the last byte."""
        with disk():
            free = self._files.free()
        if free < total - self.length:
            raise Trouble(failure(Cause.NO_SPACE_DOWNLOAD))

    def finish(self) -> Held:
        """Check the whole, make it durable under its name; Trouble when it is not what it says."""
        self._insist_on_a_head()
        if self.length == 0:
            raise Trouble(failure(Cause.NOT_ACCEPTABLE))
        if self._manifest is not None:
            right = (self.expected, self._manifest.sha256)
            if (self.length, self._image.hexdigest()) != right:
                raise Trouble(failure(Cause.CORRUPT))
        self.sync()
        with disk():
            self._files.rename(PART, HELD)
        sha256 = self._whole.hexdigest()
        return Held(sha256, self.length, sha256, manifest=self._manifest_bytes)

    def _take(self, piece: bytes) -> None:
        self.length += len(piece)
        self._whole.update(piece)
        if self._manifest is not None:
            self._image.update(piece)
        elif not self._raw:
            self._front += piece
            self._read_front()

    def _read_front(self) -> None:
        """Read the manifest once all of it is there; what follows it is image."""
        if len(self._front) < PREFIX_LENGTH:
            return
        try:
            if len(self._front) < head_length(bytes(self._front[:PREFIX_LENGTH])):
                return
            self._manifest, offset = read_head(bytes(self._front))
        except NotAPackage:
            self._go_on_raw()
            return
        except DecodeError:
            raise Trouble(failure(Cause.INVALID)) from None
        self.expected = offset + self._manifest.length
        self._manifest_bytes = bytes(self._front[PREFIX_LENGTH:offset])
        self._image.update(self._front[offset:])
        self._front.clear()

    def _go_on_raw(self) -> None:
        if not self._raw_allowed:
            raise Trouble(failure(Cause.NOT_ACCEPTABLE))
        self._raw = True
        self._front.clear()

    def _insist_on_a_head(self) -> None:
        """The file ended: what was too short to be judged is judged now."""
        if self._manifest is not None or self._raw:
            return
        try:
            head_length(bytes(self._front))
        except NotAPackage:
            self._go_on_raw()
        except DecodeError:
            raise Trouble(failure(Cause.INVALID)) from None
        else:
            raise Trouble(failure(Cause.INVALID))


def undo_rename(files: Files, total: int | None) -> None:
    """The power went after the last rename and before its record: the file is still a part."""
    with disk():
        if not files.exists(PART) and total is not None and files.size(HELD) == total:
            files.rename(HELD, PART)
