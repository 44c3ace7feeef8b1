"""Fetches a package over HTTP, at most one checkpoint a call, and goes on after any cut.

Order of things, so that a cut at any instant costs bytes and never truth: data is synced before
its checkpoint is told; a checkpoint is withdrawn (Progressed(None)) before its bytes are thrown
away; only what was verified and renamed is told as Verified. Bytes that came before a failure
are kept: they are told first, the failure with the next call.
"""

import hashlib
import time
from collections.abc import Callable

from fumo.device.edges.http_body import Body
from fumo.device.edges.http_source import StartOver, Wish, open_body
from fumo.device.edges.install_notify import InstallNotify, code_of
from fumo.device.edges.opening import Opener
from fumo.device.edges.pace import Limits
from fumo.device.edges.package_file import DELTA, HELD, PART, manifest_of_held
from fumo.device.edges.part_file import PartFile
from fumo.device.edges.run import Run
from fumo.device.edges.trouble import Trouble
from fumo.device.edges.ways import Ways
from fumo.device.files import Files
from fumo.device.ports import Patcher
from fumo.dlota.notify import Code
from fumo.package.plan import UNVOUCHED, Plan
from fumo.update.failures import Cause, failure
from fumo.update.happening import Failed, Happening, PackageReplaced, Progressed, Verified
from fumo.update.operation import Checkpoint, Failure, Held, Order, Target

STARTS_OVER_MAX = 1


def nobody_vouches(order: Order) -> Plan | Failure:
    """Plain mode: a package speaks for itself."""
    return UNVOUCHED


class HttpDownloader:
    """Implements `Downloader`. Not for two threads at once."""

    def __init__(
        self,
        files: Files,
        limits: Limits | None = None,
        raw_packages: bool = False,
        open_body: Callable[[Wish, float, int], Body] = open_body,
        *,
        vouch: Callable[[Order], Plan | Failure] = nobody_vouches,
        patcher: Patcher | None = None,
        notify: InstallNotify | None = None,
    ):
        """`raw_packages`: a file without a manifest is a package too (a foreign server's).

        `open_body` asks the download server; worlds without a network have their own. `vouch`
        tells what is known of a package before it is asked for, or why it never will be.
        """
        self._files = files
        self._limits = limits or Limits()
        self._vouch = vouch
        self._ways = Ways(files, raw_packages, patcher)
        self._notify = notify or InstallNotify(files)
        self._opener = Opener(open_body, self._limits, self._notify)
        self._run: Run | None = None

    def fetch(self, order: Order, target: Target) -> Happening:
        """At most one checkpoint more: Progressed, Verified or Failed."""
        run = self._run_for(order, target)
        try:
            return self._advance(run, order)
        except Trouble as trouble:
            if self._ways.give_up_delta(run, trouble):
                run.starts_over, run.owed = 0, None
                return self._start_over(run, None)
            return self._failed(order, trouble)

    def discard(self) -> None:
        """Delete part file and held package."""
        self.abandon()
        self._files.delete(HELD)

    def abandon(self, cancelled: bool = False) -> None:
        """Delete the part file: no operation will go on with it."""
        self._end_run()
        self._files.delete(PART)
        if self._files.exists(DELTA):
            self._files.delete(DELTA)
        self._notify.rest(Code.USER_CANCELLED if cancelled else None)

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
        return PackageReplaced(
            Held(sha256, len(data), sha256, manifest=manifest_of_held(self._files))
        )

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

    def _failed(self, order: Order, trouble: Trouble) -> Happening:
        self._end_run()
        why = trouble.failure
        self._notify.ended(order.op_id, trouble.code or code_of(why), final=not why.temporary)
        return Failed(order.op_id, why, wait_min_s=trouble.wait_s)

    def _advance(self, run: Run, order: Order) -> Happening:
        if run.owed is not None:
            raise run.owed
        plan = run.plan = run.plan or self._vouched(order)
        part = run.part = run.part or self._ways.begin(run, plan)
        if part is None:
            return self._start_over(run, None)
        if part.length != run.total:
            try:
                self._opener.connect(run, part, order)
            except StartOver as turn:
                return self._start_over(run, turn.body)
            if not self._pump(run, part):
                return self._checkpoint(run, part)
        run.close_body()
        held = self._ways.end(run, plan, part)
        self._end_run()
        self._notify.ended(order.op_id, Code.SUCCESS, final=True)
        return Verified(order.op_id, held)

    def _vouched(self, order: Order) -> Plan:
        plan = self._vouch(order)
        if isinstance(plan, Failure):
            raise Trouble(plan)
        return plan

    def _start_over(self, run: Run, body: Body | None) -> Happening:
        """Withdraw the checkpoint; its bytes go with the next call."""
        run.turn(body)
        run.starts_over += 1
        run.used_s = time.monotonic()
        if run.starts_over > STARTS_OVER_MAX:
            raise Trouble(failure(Cause.BAD_ANSWER))
        return Progressed(run.op_id, None)

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
            run.owed = trouble
            return False

    def _read(self, run: Run, part: PartFile) -> bool:
        assert run.body is not None
        end_s = time.monotonic() + self._limits.checkpoint_s
        full = part.length + self._limits.checkpoint_bytes
        while True:
            piece = run.intake.piece(run.body, full - part.length, end_s)
            if piece.data:
                part.append(piece.data)
                run.got_bytes = True
                self._insist_on_one_length(run, run.body, part)
            if piece.trouble is not None:
                raise piece.trouble
            if piece.ended:
                self._insist_on_the_end(run, run.body, part)
                return True
            if part.length >= full or run.intake.now_s >= end_s:
                return False

    def _insist_on_one_length(self, run: Run, body: Body, part: PartFile) -> None:
        """A manifest and a header that disagree, or a body without end, are found out early."""
        if part.length > self._limits.package_bytes_max:
            raise Trouble(failure(Cause.NO_SPACE_DOWNLOAD))
        if part.expected is not None and body.total not in (None, part.expected):
            raise Trouble(failure(Cause.CORRUPT))
        if run.size is not None and (
            part.length > run.size or part.expected not in (None, run.size)
        ):
            raise Trouble(failure(Cause.CORRUPT))

    def _insist_on_the_end(self, run: Run, body: Body, part: PartFile) -> None:
        """Without a length a closed connection may be a cut one."""
        expected = part.expected if run.size is None else run.size
        if expected is not None and part.length < expected and body.total is None:
            raise Trouble(failure(Cause.SHORT_BODY))
        if expected is None and not body.end_is_known:
            raise Trouble(failure(Cause.BAD_ANSWER))
        if run.size not in (None, part.length):
            raise Trouble(failure(Cause.CORRUPT))

    def _checkpoint(self, run: Run, part: PartFile) -> Happening:
        """What came is synced, then told."""
        assert run.body is not None
        part.sync()
        run.checkpoint = Checkpoint(part.length, run.body.etag, run.body.total)
        run.used_s = time.monotonic()
        if run.owed is not None:
            run.close_body()
        return Progressed(run.op_id, run.checkpoint)
