"""Child processes that never outlive the demo, however it ends.

Each child is the leader of a process group of its own, so that Ctrl-C reaches the demo alone, and
ending a child ends what it started. A warden ends them if the demo itself is killed.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

END_WAIT_S = 5.0


class Processes:
    """All children, by name. Safe for any thread."""

    def __init__(
        self, logs: Path, end_wait_s: float = END_WAIT_S, passing: Path | None = None
    ) -> None:
        """What children say goes to files of their name in `logs`.

        `passing`: a folder that is removed when we are killed, with all that lives.
        """
        self._end_wait_s = end_wait_s
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._lock = threading.Lock()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._over = False
        words = [sys.executable, "-P", "-m", "fumo.fleet.warden", *([str(passing)] * bool(passing))]
        self._warden = subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)

    def python(self, name: str, *words: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
        """Start this interpreter in a folder; its standard input ends with us."""
        out_path, log_path = self._logs / f"{name}.out", self._logs / f"{name}.log"
        with self._lock, out_path.open("ab") as out, log_path.open("ab") as log:
            if self._over:
                raise InterruptedError("the demo is ending")
            child = subprocess.Popen(
                [sys.executable, "-P", *words],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=log,
                start_new_session=True,
                cwd=cwd,
            )
            self._children[name] = child
            self._tell(f"+{child.pid}")
            return child

    def signal(self, name: str, number: int) -> None:
        """Send a signal to one child itself."""
        self._children[name].send_signal(number)

    def kill(self, name: str) -> None:
        """End it as a power cut does, and wait until it is gone."""
        child = self._children[name]
        child.kill()
        child.wait(END_WAIT_S)
        self._tell(f"-{child.pid}")

    def ended(self) -> list[str]:
        """Children that are not alive any more."""
        return [name for name, child in self._children.items() if child.poll() is not None]

    def said(self, name: str) -> str:
        """All that a child has said on stdout until now."""
        return (self._logs / f"{name}.out").read_text("utf-8", "replace")

    def complained(self, name: str) -> str:
        """All that a child has said on stderr until now."""
        return (self._logs / f"{name}.log").read_text("utf-8", "replace")

    def end_all(self) -> None:
        """Ask all to end, then make them. Nothing is started any more."""
        with self._lock:
            self._over = True
            children = list(self._children.values())
        for child in children:
            _to_group(child, signal.SIGTERM)
        until_s = time.monotonic() + self._end_wait_s
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, until_s - time.monotonic()))
            _to_group(child, signal.SIGKILL)
            child.wait(END_WAIT_S)
            if child.stdin is not None:
                child.stdin.close()
            self._tell(f"-{child.pid}")
        self._warden.communicate(timeout=END_WAIT_S)

    def _tell(self, line: str) -> None:
        """To the warden; one that somebody has killed is not missed."""
        assert self._warden.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._warden.stdin.write(line.encode() + b"\n")
            self._warden.stdin.flush()


def _to_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)
