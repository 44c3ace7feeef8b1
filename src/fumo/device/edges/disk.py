"""The `Files` port over a real folder. Every promise of the port is kept with fsync.

Names are plain file names: whatever a caller passes, no path leaves the folder.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fumo.errors import MisuseError

TEMPORARY = ".new"


class DiskFolder:
    """A flat folder of files on a file system; made when missing."""

    def __init__(self, folder: Path | str) -> None:
        """`folder` holds nothing but these files."""
        self._folder = self.path = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._paths: dict[str, Path] = {}  # making one takes longer than writing a page

    def exists(self, name: str) -> bool:
        """Is there such a file?"""
        return self._path(name).exists()

    def size(self, name: str) -> int:
        """Length in bytes; 0 for a missing file."""
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Up to `length` bytes; b"" at the end or for a missing file."""
        try:
            with _opened(self._path(name), os.O_RDONLY) as file:
                return os.pread(file, length, offset)
        except FileNotFoundError:
            return b""

    def write(self, name: str, offset: int, data: bytes | memoryview) -> None:
        """Write in place; not durable before `sync`."""
        with _opened(self._path(name), os.O_WRONLY | os.O_CREAT) as file:
            _write_all(file, data, offset)

    def truncate(self, name: str, length: int) -> None:
        """Cut or extend to `length`."""
        with _opened(self._path(name), os.O_WRONLY | os.O_CREAT) as file:
            os.ftruncate(file, length)

    def sync(self, name: str) -> None:
        """The file's bytes, and its name in the folder, are durable."""
        with _opened(self._path(name), os.O_RDWR | os.O_CREAT) as file:
            os.fsync(file)
        self._sync_folder()

    def replace(self, name: str, data: bytes) -> None:
        """The old file or the new one, whole, whatever happens."""
        aside = name + TEMPORARY
        self.truncate(aside, 0)
        self.write(aside, 0, data)
        self.sync(aside)
        self.rename(aside, name)

    def rename(self, name: str, new: str) -> None:
        """Atomic and durable; replaces `new`."""
        self._path(name).replace(self._path(new))
        self._sync_folder()

    def delete(self, name: str) -> None:
        """Gone durably; a missing file is fine."""
        self._path(name).unlink(missing_ok=True)
        self._sync_folder()

    def free(self) -> int:
        """Bytes that can still be written."""
        room = os.statvfs(self._folder)
        return room.f_bavail * room.f_frsize

    def _path(self, name: str) -> Path:
        known = self._paths.get(name)
        if known is None:
            known = self._paths[name] = self._checked(name)
        return known

    def _checked(self, name: str) -> Path:
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise MisuseError(f"{name!r} is no plain file name")
        return self._folder / name

    def _sync_folder(self) -> None:
        with _opened(self._folder, os.O_RDONLY | os.O_DIRECTORY) as folder:
            os.fsync(folder)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    file = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _write_all(file: int, data: bytes | memoryview, offset: int) -> None:
    """Write it all: the kernel may take less than it was given."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file, rest, offset)
        rest, offset = rest[written:], offset + written
