"""A Unix socket at which a running agent is asked how it stands, and told what to do.

    one connection, one line of JSON up to `LINE_BYTES_MAX`, one line back
    {"do":"status"}                                {"ok":true,"standing":{…}}
    {"do":"check"|"cancel"|"defer"|"agree", …}     {"ok":true|false,"text":"…"}

Implements `Controls`. Promises: only the agent's own user may ask (mode 0600); a status is answered
at once, whatever the loop is at; whoever is slow, many or wrong costs the loop nothing.
"""

import contextlib
import os
import queue
import socket
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fumo.device.control import Agree, Asked, Cancel, Check, Command, Defer, Said, Standing, as_told
from fumo.device.edges.machine import named

LINE_BYTES_MAX = 4096
PATH_BYTES_MAX = 107  # what Linux takes
ASKERS_MAX = 8
READ_S = 5.0
ANSWER_S = 150.0  # the loop may be at a message with a server that does not answer
LOOK_S = 0.5  # how often the thread looks whether it is to end
BUSY = Said(False, "the agent has not answered yet; it will do it when it can")
MANY = Said(False, "too many ask at once")


class Status(msgspec.Struct, frozen=True, tag="status", tag_field="do"):
    """How does it stand?"""


QUESTIONS = Status | Check | Cancel | Defer | Agree


class _Asked:
    """A command, and the thread that waits for its answer."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._answers: queue.SimpleQueue[Said] = queue.SimpleQueue()

    def answer(self, said: Said) -> None:
        """Wake whoever waits; nobody may do so any more."""
        self._answers.put(said)

    def wait(self, seconds: float) -> Said:
        """The answer, or that there is none yet."""
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return BUSY


class ControlSocket:
    """A context: nobody can ask before or after it."""

    def __init__(
        self,
        path: str,
        wake: Callable[[], None],
        now_s: Callable[[], float],
        about: Mapping[str, str],
    ) -> None:
        """OSError when the place cannot be had. `about` is told with each status."""
        self._path, self._wake, self._now_s, self._about = path, wake, now_s, about
        self._waiting: queue.SimpleQueue[Asked] = queue.SimpleQueue()
        self._standing: Standing | None = None
        self._room = threading.BoundedSemaphore(ASKERS_MAX)
        self._ending = threading.Event()
        self._socket = _bound(path)
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def take(self) -> list[Asked]:
        """What was asked since, each once. Never waits."""
        taken: list[Asked] = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._waiting.get_nowait())
        return taken

    def stands(self, standing: Standing) -> None:
        """From now on this is told."""
        self._standing = standing

    def __enter__(self) -> "ControlSocket":
        self._thread.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes whoever waits in accept
        self._thread.join()
        self._socket.close()
        with contextlib.suppress(OSError):
            Path(self._path).unlink()

    def _listen(self) -> None:
        while not self._ending.is_set():
            try:
                asker, _ = self._socket.accept()
            except OSError:  # nobody came, or no file descriptor is left
                self._ending.wait(0.01)
                continue
            if not self._room.acquire(blocking=False):
                _tell(asker, msgspec.to_builtins(MANY))
                continue
            threading.Thread(target=self._serve, args=(asker,), daemon=True).start()

    def _serve(self, asker: socket.socket) -> None:
        try:
            asker.settimeout(READ_S)
            _tell(asker, self._answer(_line(asker)))
        except OSError:
            asker.close()  # it went away or said nothing: there is nobody to tell
        finally:
            self._room.release()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            command = msgspec.json.decode(line, type=QUESTIONS)
        except (ValueError, RecursionError) as error:
            return {"ok": False, "text": f"no command: {error}"}
        if isinstance(command, Status):
            return self._told()
        asked = _Asked(command)
        self._waiting.put(asked)
        self._wake()
        answered: dict[str, Any] = msgspec.to_builtins(asked.wait(ANSWER_S))
        return answered

    def _told(self) -> dict[str, Any]:
        standing = self._standing
        if standing is None:
            return {"ok": False, "text": "the agent is starting"}
        return {"ok": True, "standing": dict(self._about) | as_told(standing, self._now_s())}


def _bound(path: str) -> socket.socket:
    """A socket at this place, which nobody else holds and nobody else may speak to."""
    if len(os.fsencode(path)) > PATH_BYTES_MAX:
        raise OSError(f"control.socket: a path of more than {PATH_BYTES_MAX} bytes: {path}")
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with named(f"control.socket: {path}"):
            _free(path)
            before = os.umask(0o177)
            try:
                made.bind(path)
            finally:
                os.umask(before)
            made.listen(ASKERS_MAX)
    except OSError:
        made.close()
        raise
    made.settimeout(LOOK_S)
    return made


def _free(path: str) -> None:
    """Take away what a killed agent left; never what somebody uses, nor a file."""
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError("something is there, and it is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(READ_S)
        try:
            caller.connect(path)
        except ConnectionRefusedError:
            Path(path).unlink()
        else:
            raise OSError("another agent answers there")


def _line(asker: socket.socket) -> bytes:
    heard = b""
    while b"\n" not in heard and len(heard) <= LINE_BYTES_MAX:
        piece = asker.recv(LINE_BYTES_MAX)
        if not piece:
            break
        heard += piece
    return heard.partition(b"\n")[0][:LINE_BYTES_MAX]


def _tell(asker: socket.socket, answer: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError), asker:
        asker.sendall(msgspec.json.encode(answer) + b"\n")
