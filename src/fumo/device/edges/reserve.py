"""Disk space kept back for the seal: a file that is given up when the disk is full.

It holds real bytes, since a sparse file or zeros might take no room. Never needed for safety:
without it a seal waits until there is room again, and the operation is not retried meanwhile.
"""

import contextlib
import os
from pathlib import Path

ROOM_TIMES = 8  # free room, in reserves, without which none is made


class Reserve:
    """The file `<path>.reserve`; made at once, as far as the disk allows."""

    def __init__(self, path: str, size_bytes: int) -> None:
        """Make it when it is missing or short."""
        self._path = Path(f"{path}.reserve")
        with contextlib.suppress(OSError):
            if not self._is_whole(size_bytes) and self._has_room(size_bytes):
                self._path.write_bytes(os.urandom(size_bytes))

    def _is_whole(self, size_bytes: int) -> bool:
        return self._path.exists() and self._path.stat().st_size >= size_bytes

    def _has_room(self, size_bytes: int) -> bool:
        """A reserve that takes the last room would be the cause of what it is for."""
        room = os.statvfs(self._path.parent)
        return room.f_bavail * room.f_frsize >= ROOM_TIMES * size_bytes

    def give_up(self) -> bool:
        """Free its room; was there any?"""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
