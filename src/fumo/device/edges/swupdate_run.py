"""Runs SWUpdate, once at a time, and hears why it fails.

SWUpdate inherits a lock, so that also after a crash of the agent no second one runs beside it. The
one that a dead agent left behind is ended: nobody hears it any more, so what it writes is written
again anyway. Some versions now and then hang after a failure, so whoever said that it failed is
given a few seconds to end.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from fumo.device.edges.programs import HANDED_ON
from fumo.device.installer import Words
from fumo.update.failures import Cause

LINES_MAX = 200
LAST_WORDS = 4  # of one that names no error
ERROR = "ERROR"
FAILED = "SWUpdate *failed*"
SUCCESSFUL = "SWUPDATE successful"
HANG_S = 5.0
LOOK_S = 0.1
NAME_LENGTH = 64
FOLDER_MAX = 107 - len("/sockinstctrl")
SAYS = (
    ("not compatible with hardware", Cause.UNFIT),
    ("No space left", Cause.NO_SPACE_UPDATE),
    ("HASH mismatch", Cause.CORRUPT),
    ("Checksum WRONG", Cause.CORRUPT),
    ("CPIO", Cause.CORRUPT),
    ("ignature", Cause.INVALID),
    ("igner", Cause.INVALID),
    ("verif", Cause.INVALID),
)
"""What an error of SWUpdate means, by a part of it; anything else is a write that failed."""


class Told(Struct, frozen=True):
    """How it ended; `exit` is None when we ended it, and below 0 when a signal did."""

    exit: int | None
    lines: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[str, ...]:
        """The lines that name one."""
        return tuple(line for line in self.lines if ERROR in line)

    @property
    def well(self) -> bool:
        """It did what it was asked. Its own end may ask too early how the install is, under load
        (2022.12), and be 1 though that went well: then what the installer said counts."""
        said_so = any(SUCCESSFUL in line for line in self.lines) and not self.errors
        return self.exit == 0 or (self.exit == 1 and said_so)

    @property
    def cause(self) -> Cause:
        """What its errors mean."""
        found = (cause for part, cause in SAYS if any(part in line for line in self.errors))
        return next(found, Cause.WRITE_ERROR)

    def __str__(self) -> str:
        words = self.errors or self.lines[-LAST_WORDS:]
        return f"exit {self.exit}: {' / '.join(words)}"


def swupdate(words: Words, limit_s: float, folder: Path) -> Told:
    """Run it to its end. `folder` is for its lock and its sockets. OSError: it never began."""
    if len(os.fsencode(folder)) > FOLDER_MAX:
        raise OSError(f"{folder} is too long a path for the sockets of SWUpdate")
    until_s = time.monotonic() + limit_s
    with _lock(folder / "swupdate.lock", until_s) as lock:
        program = _started(words, folder, lock)
        name = f"{program.pid} {_began(program.pid)}".ljust(NAME_LENGTH)
        os.pwrite(lock, name.encode(), 0)
    lines: deque[str] = deque(maxlen=LINES_MAX)
    listening = threading.Thread(target=_listen, args=(program, lines), daemon=True)
    listening.start()
    try:
        exit_code = _end_of(program, lines, until_s)
    finally:
        _end(program)
    listening.join(HANG_S)
    return Told(exit_code, tuple(lines))


def _started(words: Words, folder: Path, lock: int) -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**kept, "TMPDIR": str(folder)},  # not the sockets of a SWUpdate that serves
        pass_fds=[lock],
        start_new_session=True,
        text=True,
        errors="replace",
    )


def _listen(program: subprocess.Popen[str], lines: "deque[str]") -> None:
    with contextlib.suppress(ValueError):  # closed while we listened
        for line in program.stdout or ():
            lines.append(line.rstrip()[:500])


def _end_of(program: subprocess.Popen[str], lines: "deque[str]", until_s: float) -> int | None:
    """Its exit code; None when its time is up, or when it hangs after it failed."""
    while (now_s := time.monotonic()) < until_s:
        if any(FAILED in line for line in tuple(lines)):
            until_s = min(until_s, now_s + HANG_S)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return program.wait(LOOK_S)
    return None


def _end(program: subprocess.Popen[str]) -> None:
    """Nothing of it goes on."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


@contextmanager
def _lock(path: Path, until_s: float) -> Iterator[int]:
    """Ends an older one, which outlived the agent that began it. OSError: it goes on."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until_s:
                    raise
                _end_older(os.pread(file, NAME_LENGTH, 0).decode("ascii", "replace"))
                time.sleep(LOOK_S)
            else:
                break
        yield file
    finally:
        os.close(file)


def _end_older(name: str) -> None:
    """The process of that number, if it is the very one: it leads a group of its own."""
    pid, _, began = name.strip().partition(" ")
    if pid.isdecimal() and began == _began(int(pid)) != "":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(int(pid), signal.SIGKILL)


def _began(pid: int) -> str:
    """When a process began, in ticks of the machine; with its number it is a name. Empty: gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""
