"""Packages in a folder, addressed by their SHA-256: `sha256/ab/cdef…`.

A file that has its name is whole and durable: it is written under another name, synced, and
renamed. The same content added twice is one file. Nothing is ever changed in place.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

from msgspec import Struct

PIECE = 1024 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """What bytes come out of, piece by piece."""

    def read(self, size: int, /) -> bytes:
        """The next piece; empty at the end."""


class Stored(Struct, frozen=True):
    """A package in the store."""

    sha256: str
    length: int


class PackageStore:
    """The folder; shared safely by any number of processes."""

    def __init__(self, folder: Path | str) -> None:
        """Made when missing."""
        self._root = Path(folder) / "sha256"
        self._root.mkdir(parents=True, exist_ok=True)
        self._checked: dict[str, tuple[tuple[int, int], bool]] = {}

    def add(self, content: Readable) -> Stored:
        """Copy a stream into the store; durable when it returns."""
        with tempfile.NamedTemporaryFile(dir=self._root, prefix="new-", delete=False) as file:
            aside = Path(file.name)
            try:
                stored = _copy(content, file)
                file.flush()
                os.fsync(file.fileno())
                self._name(aside, stored.sha256)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
        return stored

    def find(self, sha256: str) -> Path | None:
        """The file of a package, or None."""
        if SHA256.fullmatch(sha256) is None:
            return None
        path = self._path(sha256)
        return path if path.is_file() else None

    def checked(self, sha256: str, path: Path) -> bool | None:
        """Was this file what its name says when `check` read it? None: it was not read as it is."""
        seen, whole = self._checked.get(sha256, (None, None))
        return whole if seen == _looks(path) else None

    def check(self, sha256: str, path: Path) -> bool:
        """Read the file: is it still what its name says?"""
        seen = _looks(path)
        with path.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        self._checked[sha256] = seen, whole
        return whole

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:]

    def _name(self, aside: Path, sha256: str) -> None:
        path = self._path(sha256)
        path.parent.mkdir(exist_ok=True)
        aside.chmod(0o444)
        aside.replace(path)
        for folder in (path.parent, self._root):
            _sync_folder(folder)


def _copy(content: Readable, file: "tempfile._TemporaryFileWrapper[bytes]") -> Stored:
    running, length = hashlib.sha256(), 0
    while piece := content.read(PIECE):
        file.write(piece)
        running.update(piece)
        length += len(piece)
    return Stored(running.hexdigest(), length)


def _looks(path: Path) -> tuple[int, int]:
    """A size and a moment of change, which a file that was written to does not keep."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
