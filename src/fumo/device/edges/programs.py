"""Runs programs of the device's maker: no shell, an end in bounded time, no secret handed on.

A program gets the image on its standard input where it is to install it. It inherits its lock, so
that also after a crash of the agent no second one runs beside it.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

SAID_MAX = 4096
STDERR = 2
GRACE_S = 5.0  # between asking a program to end and ending it
HANDED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "DBUS_SYSTEM_BUS_ADDRESS")
"""Nothing else of our environment: it may hold passwords (`FUMO_DEVICE_…`)."""


class Call(Struct, frozen=True):
    """One program. `image` is (file, offset): what its standard input begins with.

    `listens`: what it says is wanted; else that goes where our own errors go.
    """

    words: tuple[str, ...]
    limit_s: float
    values: Mapping[str, str] = {}
    image: tuple[Path, int] | None = None
    lock: Path | None = None
    listens: bool = False


class Ran(Struct, frozen=True):
    """How it ended: `exit` is None when a signal or our patience ended it."""

    exit: int | None
    said: str = ""

    @property
    def well(self) -> bool:
        """Exit code 0."""
        return self.exit == 0


class NotStarted(OSError):
    """The program never ran, so it did nothing."""


def run(call: Call) -> Ran:
    """Run it to its end. NotStarted: it never began; any other error says nothing of that."""
    with contextlib.ExitStack() as files:
        try:
            program = _started(call, files)
        except (OSError, ValueError) as error:
            raise NotStarted(f"{call.words[:1]}: {error}") from error
        try:
            said = _heard(program, call.limit_s)
        except subprocess.TimeoutExpired:
            _end(program)
            return Ran(None)
        except BaseException:
            _end(program)
            raise
    exit_code = program.returncode
    return Ran(exit_code if exit_code >= 0 else None, _text(said))


def _started(call: Call, files: contextlib.ExitStack) -> subprocess.Popen[bytes]:
    if not call.words:
        raise ValueError("no program is named")
    held = files.enter_context(_lock(call.lock))
    return subprocess.Popen(
        call.words,
        stdin=files.enter_context(_image(call.image)),
        stdout=subprocess.PIPE if call.listens else STDERR,
        env=_environment(call.values),
        pass_fds=[held] if held is not None else [],
        start_new_session=True,  # so that its children can be ended with it
    )


def _heard(program: subprocess.Popen[bytes], limit_s: float) -> bytes:
    """What it says first, until it ended; the rest of a talker costs no memory."""
    until_s, said = time.monotonic() + limit_s, b""
    if program.stdout is not None:
        with program.stdout as out:
            while select.select([out], [], [], max(0.0, until_s - time.monotonic()))[0]:
                if not (piece := os.read(out.fileno(), SAID_MAX)):
                    break
                said += piece[: SAID_MAX - len(said)]
    program.wait(max(0.0, until_s - time.monotonic()))
    return said


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace").strip()


def _end(program: subprocess.Popen[bytes]) -> None:
    """Ask its whole group to end, then end it."""
    for deed in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, deed)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(GRACE_S)
    if program.stdout is not None:
        program.stdout.close()


def _environment(values: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    return kept | dict(values)


@contextmanager
def _image(image: tuple[Path, int] | None) -> Iterator[int]:
    """A file to read the image from, or nothing to read."""
    path, offset = image or (Path(os.devnull), 0)
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.lseek(file, offset, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


@contextmanager
def _lock(path: Path | None) -> Iterator[int | None]:
    """Held as long as anybody has the file open, thus by the program's children, too."""
    if path is None:
        yield None
        return
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError: an older one still runs
        yield file
    finally:
        os.close(file)
