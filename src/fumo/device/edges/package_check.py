"""Judges a package while its bytes pass by: one digest, and its front as soon as that is there.

A vouched package is held against what was signed, an unvouched one against what it says of itself
in its manifest. Either way more bytes than that are refused, before they are written once it is
known how many there are; and a file of a foreign kind is refused at its first bytes.
What comes of it are values; nothing is read or written here.
"""

import hashlib

from fumo.device.edges.trouble import Trouble
from fumo.errors import DecodeError
from fumo.package.manifest import PREFIX_LENGTH, Manifest, NotAPackage, head_length, read_head
from fumo.package.plan import Plan
from fumo.update.failures import Cause, failure
from fumo.update.operation import Held


class PackageCheck:
    """One package. `take` gets every byte of it, in order, once."""

    def __init__(self, plan: Plan, raw_allowed: bool) -> None:
        """`raw_allowed`: a file without a manifest is a package too."""
        self._plan = plan
        self._raw_allowed = raw_allowed or plan.manifest is not None
        self._front = bytearray()  # until it was judged
        self._judged = plan.manifest is not None
        self._manifest: Manifest | None = None
        self._manifest_bytes = plan.manifest
        self._running = hashlib.sha256()
        self.length = 0
        self.expected = plan.length
        """The length of the whole file, once anybody who may be believed has told it."""

    def take(self, piece: memoryview | bytes) -> None:
        """The next bytes; Trouble when it is no package, or none that was vouched for."""
        self.length += len(piece)
        if self._judged:
            self._running.update(piece)
            return
        self._front += piece
        self._judge_front()

    def insist_on_room_for(self, count: int) -> None:
        """Trouble when so many bytes more would be too many."""
        if self.expected is not None and self.length + count > self.expected:
            raise Trouble(failure(Cause.CORRUPT))

    def end(self) -> Held:
        """It is whole; Trouble when it is not what it says, or not what was vouched for."""
        if not self._judged:
            self._insist_on_a_head()
        if self.length == 0:
            raise Trouble(failure(Cause.NOT_ACCEPTABLE))
        sha256 = self._running.hexdigest()
        if self.expected not in (None, self.length) or self._named() not in (None, sha256):
            raise Trouble(failure(Cause.CORRUPT))
        return Held(sha256, self.length, sha256, manifest=self._manifest_bytes)

    def _named(self) -> str | None:
        """The digest that the bytes have to have: the signed one goes before the file's own."""
        return self._plan.sha256 or (self._manifest.sha256 if self._manifest else None)

    def _judge_front(self) -> None:
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
        self._insist_on_one_length(offset + self._manifest.length)
        self._manifest_bytes = bytes(self._front[PREFIX_LENGTH:offset])
        self._digest_from(0 if self._plan.sha256 else offset)

    def _insist_on_one_length(self, length: int) -> None:
        if self.expected not in (None, length):
            raise Trouble(failure(Cause.CORRUPT))
        self.expected = length

    def _digest_from(self, offset: int) -> None:
        """The bytes that came before it was known what they are."""
        self._running.update(memoryview(self._front)[offset:])
        self._front = bytearray()
        self._judged = True

    def _go_on_raw(self) -> None:
        if not self._raw_allowed:
            raise Trouble(failure(Cause.NOT_ACCEPTABLE))
        self._digest_from(0)

    def _insist_on_a_head(self) -> None:
        """The file ended: what was too short to be judged is judged now."""
        try:
            head_length(bytes(self._front))
        except NotAPackage:
            self._go_on_raw()
        except DecodeError:
            raise Trouble(failure(Cause.INVALID)) from None
        else:
            raise Trouble(failure(Cause.INVALID))
