"""Fetches a package over HTTP, at most one checkpoint a call, and goes on after any cut.

Order of things, so that a cut at any instant costs bytes and never truth: data is synced before
its checkpoint is told; a checkpoint is withdrawn (Progressed(None)) before its bytes are thrown
away; only what was verified and renamed is told as Verified. Bytes that came before a failure
are kept: they are told first, the failure with the next call.
"""

import hashlib
import time
from collections.abc import Callable

from fumo.device.edges.http_source import Body, StartOver, Wish, open_body
from fumo.device.edges.pace import Limits, Pace
from fumo.device.edges.package_file import HELD, PART, PIECE, read_manifest
from fumo.device.edges.part_file import PartFile, undo_rename
from fumo.device.edges.trouble import Trouble
from fumo.device.files import Files
from fumo.errors import DecodeError
from fumo.update.failures import Cause, failure
from fumo.update.happening import Failed, Happening, PackageReplaced, Progressed, Verified
from fumo.update.operation import Checkpoint, Failure, Held, Order, Target

STARTS_OVER_MAX = 1


class Run:
    """One attempt that is going on, as far as it lives in memory. Lost by a restart."""

    def __init__(self, op_id: int, limits: Limits, checkpoint: Checkpoint | None) -> None:
        """Nothing is open yet."""
        self.op_id = op_id
        self.checkpoint = checkpoint
        self.part: PartFile | None = None
        self.body: Body | None = None
        self.used_s = 0.0
        self.starts_over = 0
        self.pace = Pace(limits)
        self.owed: Failure | None = None

    @property
    def total(self) -> int | None:
        """The length of the whole, if anybody told it."""
        return self.checkpoint.total if self.checkpoint else None

    def close_body(self) -> None:
        """Let go of the connection."""
        if self.body is not None:
            self.body.close()
            self.body = None


class HttpDownloader:
    """Implements `Downloader`. Not for two threads at once."""

    def __init__(
        self,
        files: Files,
        limits: Limits | None = None,
        raw_packages: bool = False,
        open_body: Callable[[Wish, float, int], Body] = open_body,
    ):
        """`raw_packages`: a file without a manifest is a package too (a foreign server's).

        `open_body` asks the download server; worlds without a network have their own.
        """
        self._files = files
        self._limits = limits or Limits()
        self._raw_packages = raw_packages
        self._open_body = open_body
        self._run: Run | None = None

    def fetch(self, order: Order, target: Target) -> Happening:
        """At most one checkpoint more: Progressed, Verified or Failed."""
        run = self._run_for(order, target)
        try:
            return self._advance(run, order)
        except Trouble as trouble:
            self._end_run()
            return Failed(order.op_id, trouble.failure)

    def discard(self) -> None:
        """Delete part file and held package."""
        self._end_run()
        self._files.delete(PART)
        self._files.delete(HELD)

    def abandon(self) -> None:
        """Delete the part file: no operation will go on with it."""
        self._end_run()
        self._files.delete(PART)

    def store(self, data: bytes) -> Happening:
        """PkgData, whole: kept durably before it is told. OSError when it cannot be.

        What was held stays until the new package is whole: the journal still speaks of it.
        """
        if not data:
            self.discard()
            return PackageReplaced(None)
        self._end_run()
        self._files.delete(PART)
        self._files.replace(HELD, data)
        sha256 = hashlib.sha256(data).hexdigest()
        return PackageReplaced(Held(sha256, len(data), sha256, manifest=self._manifest_bytes()))

    def _manifest_bytes(self) -> bytes | None:
        """A broken manifest is kept as an empty one: that it is broken is judged in Applying."""
        try:
            found = read_manifest(self._files, HELD, raw_allowed=True)
        except DecodeError:
            return b""
        return found[1] if found else None

    def _run_for(self, order: Order, target: Target) -> Run:
        """The run in memory if it fits the journal, else a new one from the journal alone."""
        run = self._run
        if run is None or run.op_id != order.op_id or run.checkpoint != target.checkpoint:
            self._end_run()
            run = self._run = Run(order.op_id, self._limits, target.checkpoint)
        return run

    def _end_run(self) -> None:
        if self._run is not None:
            self._run.close_body()
            self._run = None

    def _advance(self, run: Run, order: Order) -> Happening:
        if run.owed is not None:
            raise Trouble(run.owed)
        part = run.part = run.part or self._part_for(run)
        if part is None:
            return self._start_over(run, None)
        if part.length != run.total:
            try:
                self._connect(run, part, order)
            except StartOver as turn:
                return self._start_over(run, turn.body)
            if not self._pump(run, part):
                return self._checkpoint(run, part)
        run.close_body()
        self._run = None
        return Verified(order.op_id, part.finish())

    def _part_for(self, run: Run) -> PartFile | None:
        """The part file as the journal knows it; None when that cannot be had."""
        if run.checkpoint is None:
            return PartFile.fresh(self._files, self._raw_packages)
        undo_rename(self._files, run.total)
        return PartFile.resumed(self._files, self._raw_packages, run.checkpoint.length)

    def _start_over(self, run: Run, body: Body | None) -> Happening:
        """Withdraw the checkpoint; its bytes go with the next call."""
        run.close_body()
        run.starts_over += 1
        run.body, run.part, run.checkpoint = body, None, None
        run.used_s = time.monotonic()
        if run.starts_over > STARTS_OVER_MAX:
            raise Trouble(failure(Cause.BAD_ANSWER))
        return Progressed(run.op_id, None)

    def _connect(self, run: Run, part: PartFile, order: Order) -> None:
        """Have a body to read from, its first byte being the next one we need."""
        etag = run.checkpoint.etag if run.checkpoint else None
        if run.body is not None and time.monotonic() - run.used_s > self._limits.idle_max_s:
            run.close_body()
        if run.body is None:
            if part.length and etag is None:
                raise StartOver(None)
            wish = Wish(order.url or "", part.length, etag, run.total)
            limits = self._limits
            run.body = self._open_body(wish, limits.io_timeout_s, limits.redirects_max)
        total = run.body.total
        if total is not None and total > self._limits.package_bytes_max:
            raise Trouble(failure(Cause.NO_SPACE_DOWNLOAD))
        if total is not None:
            part.make_room(total)

    def _pump(self, run: Run, part: PartFile) -> bool:
        """Read until the checkpoint is full (False) or the body has ended whole (True).

        A cut after some bytes is owed: the bytes are told first.
        """
        before = part.length
        try:
            return self._read(run, part)
        except Trouble as trouble:
            if part.length == before or not trouble.failure.temporary:
                raise
            run.owed = trouble.failure
            return False

    def _read(self, run: Run, part: PartFile) -> bool:
        assert run.body is not None
        now_s = time.monotonic()
        end_s, full = now_s + self._limits.checkpoint_s, part.length + self._limits.checkpoint_bytes
        while part.length < full and now_s < end_s:
            piece = run.body.read(min(PIECE, full - part.length))
            before_s, now_s = now_s, time.monotonic()
            run.pace.saw(len(piece), now_s - before_s)
            if not piece:
                self._insist_on_the_end(run.body, part)
                return True
            part.append(piece)
            self._insist_on_one_length(run.body, part)
        return False

    def _insist_on_one_length(self, body: Body, part: PartFile) -> None:
        """A manifest and a header that disagree, or a body without end, are found out early."""
        if part.length > self._limits.package_bytes_max:
            raise Trouble(failure(Cause.NO_SPACE_DOWNLOAD))
        if part.expected is not None and body.total not in (None, part.expected):
            raise Trouble(failure(Cause.CORRUPT))

    def _insist_on_the_end(self, body: Body, part: PartFile) -> None:
        """Without a length a closed connection may be a cut one."""
        if part.expected is not None and part.length < part.expected and body.total is None:
            raise Trouble(failure(Cause.SHORT_BODY))
        if part.expected is None and not body.end_is_known:
            raise Trouble(failure(Cause.BAD_ANSWER))

    def _checkpoint(self, run: Run, part: PartFile) -> Happening:
        """What came is synced, then told."""
        assert run.body is not None
        part.sync()
        run.checkpoint = Checkpoint(part.length, run.body.etag, run.body.total)
        run.used_s = time.monotonic()
        if run.owed is not None:
            run.close_body()
        return Progressed(run.op_id, run.checkpoint)
