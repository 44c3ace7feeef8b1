"""Starts the process that makes a delta, waits for it, and says why there is none.

It may be stopped from another thread: then the process is gone before `make` returns.
"""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec

from fumo.depot.deltas.limits import Limits
from fumo.depot.deltas.order import NO_MEMORY, Answer, Order
from fumo.package.delta import Made, NotMade
from fumo.package.plan import Format

SAID_MAX = 200


class Piece(msgspec.Struct, frozen=True):
    """A part of a file."""

    path: Path
    start: int
    length: int


class Worker:
    """Makes one delta at a time, as long as it is not stopped."""

    def __init__(self, limits: Limits) -> None:
        """Nothing is started yet."""
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def make(self, format_: Format, base: Piece, target: Path, output: Path) -> Made:
        """Write the delta into `output`; NotMade when there is none, with what it would be."""
        limits = self._limits
        order = Order(
            format_, str(base.path), base.start, base.length, str(target), str(output),
            limits.level, limits.memory_bytes, limits.seconds, limits.nice,
        )  # fmt: skip
        began_s = time.monotonic()
        code, said, complaint = self._run(msgspec.json.encode(order).decode())
        seconds = time.monotonic() - began_s
        if code != 0:
            raise self._why(code, complaint)
        answer = msgspec.json.decode(said, type=Answer)
        return Made(
            format_, answer.length, answer.sha256, base.length, answer.base_sha256, seconds,
            answer.memory_bytes,
        )  # fmt: skip

    def stop(self) -> None:
        """For good; whatever is being made is not."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def _run(self, order: str) -> tuple[int, bytes, bytes]:
        line = [sys.executable, "-m", "fumo.depot.deltas", order]
        with self._lock:
            if self._stopped:
                raise NotMade("it was stopped")
            process = subprocess.Popen(
                line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
            self._process = process
        try:
            said, complaint = process.communicate(timeout=self._limits.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise self._too_long() from None
        finally:
            self._process = None
        return process.returncode, said, complaint

    def _why(self, code: int, complaint: bytes) -> NotMade:
        if self._stopped:
            return NotMade("it was stopped")
        if code == -signal.SIGXCPU:
            return self._too_long()
        if code == NO_MEMORY:
            return NotMade(f"{self._limits.memory_mib} MiB of memory are too few")
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2][:SAID_MAX]
        return NotMade(f"its process ended with code {code}" + (f": {last}" if last else ""))

    def _too_long(self) -> NotMade:
        return NotMade(f"it was not made in {self._limits.seconds} s")
