"""Listens for pushes on a named pipe: for whoever hears them first, such as a modem's daemon.

    length (2 octets, big-endian) | that many octets: the push as it came (its WSP PDU, or the
    notification alone)

A push is to be written in one `write`: up to 4096 octets come whole, however many write at once.
One that is cut short by its writer's end is dropped; after a length of 0 or beyond the bound
nothing is believed until all writers have gone (`push_queue` has the other bounds).
"""

import errno
import os
import select
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from fumo.device.edges.push_queue import DATAGRAM_BYTES_MAX, LOOK_S, PAUSE_S, Listener

LENGTH_OCTETS = 2
PIECE = 4096
PRIVATE = 0o600


class PushPipe(Listener):
    """Implements `Pushes`. A context; the pipe stays where it is."""

    def __init__(self, path: Path, wake: Callable[[], None]) -> None:
        """Make the pipe where none is. OSError when it cannot be had, or is something else."""
        super().__init__(wake)
        if not path.exists():
            os.mkfifo(path, PRIVATE)
        if not stat.S_ISFIFO(path.stat().st_mode):
            raise OSError(errno.EEXIST, f"{path} is no named pipe")
        self._pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._heard = bytearray()
        self._lost = False

    def _hear(self) -> Iterable[bytes]:
        ready = select.poll()
        ready.register(self._pipe, select.POLLIN)
        for _, what in ready.poll(LOOK_S * 1000):
            if not what & select.POLLIN:  # nobody writes any more
                self._begin_anew()
                self._ending.wait(LOOK_S)
                return
            yield from self._pushes()

    def _pushes(self) -> Iterator[bytes]:
        self._heard += os.read(self._pipe, PIECE)
        while not self._lost and len(self._heard) >= LENGTH_OCTETS:
            length = int.from_bytes(self._heard[:LENGTH_OCTETS], "big")
            self._lost = not 0 < length <= DATAGRAM_BYTES_MAX
            end = LENGTH_OCTETS + length
            if self._lost or len(self._heard) < end:
                break
            yield bytes(self._heard[LENGTH_OCTETS:end])
            del self._heard[:end]
            self._ending.wait(PAUSE_S)
        if self._lost:
            self._heard.clear()

    def _begin_anew(self) -> None:
        self._heard.clear()
        self._lost = False

    def _close(self) -> None:
        os.close(self._pipe)
