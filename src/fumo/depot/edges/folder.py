"""Contents in a folder: `sha256/ab/cdef…`, uploads in `uploads/`, plain files in `plain/`.

A file that has its name is whole and durable: it is written under another name, synced, and
renamed. Nothing is ever changed in place.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fumo.depot.ports import (
    PIECE,
    PLAIN,
    SHA256,
    UPLOAD,
    WORD,
    Found,
    Named,
    Part,
    Readable,
    Stored,
)

ASIDE = "new-"
"""How the names of files begin that are not whole yet."""


class FolderStore:
    """The folder; shared safely by any number of processes."""

    is_near = True

    def __init__(self, folder: Path | str) -> None:
        """Made when missing."""
        self._folder = Path(folder)
        self._root = self._folder / "sha256"
        self._root.mkdir(parents=True, exist_ok=True)
        self._checked: dict[str, tuple[str, bool]] = {}

    def add(self, content: Readable) -> Stored:
        """Copy a stream into the store; durable when it returns."""
        with tempfile.NamedTemporaryFile(dir=self._root, prefix=ASIDE, delete=False) as file:
            aside = Path(file.name)
            try:
                stored = copy(content, file)
                _name(aside, file, self._path(stored.sha256))
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
        return stored

    def find(self, sha256: str) -> Found | None:
        """A content and its file, or None."""
        if SHA256.fullmatch(sha256) is None:
            return None
        path = self._path(sha256)
        try:
            stat = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Found(sha256, stat.st_size, f"{stat.st_size}-{stat.st_mtime_ns}", path)

    def read(self, sha256: str, start: int = 0, count: int | None = None) -> Iterator[bytes]:
        """Piece by piece."""
        with self._path(sha256).open("rb") as file:
            file.seek(start)
            while piece := file.read(PIECE if count is None else min(PIECE, count)):
                yield piece
                count = None if count is None else count - len(piece)

    def checked(self, found: Found) -> bool | None:
        """As it was when it was read; None: it is another file now, or was never read."""
        mark, whole = self._checked.get(found.sha256, ("", False))
        return whole if mark == found.mark else None

    def check(self, found: Found) -> bool:
        """Read the file: is it still what its name says?"""
        with self._path(found.sha256).open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == found.sha256
        self._checked[found.sha256] = found.mark, whole
        return whole

    def lead(self, sha256: str, seconds: int) -> str | None:
        """A folder has no address of its own."""
        return None

    def names(self) -> Iterator[Named]:
        """Every content; one that is removed meanwhile is passed over."""
        for path in self._root.glob("??/*"):
            sha256 = path.parent.name + path.name
            if SHA256.fullmatch(sha256) and path.exists():
                stat = path.stat()
                yield Named(sha256, stat.st_size, stat.st_mtime)

    def named(self) -> Iterator[str]:
        """In whatever form they are named."""
        for path in sorted((self._folder / "plain").rglob("*")):
            if path.is_file() and not path.name.startswith(ASIDE):
                yield from (word.decode() for word in WORD.findall(path.read_bytes()))

    def remove(self, sha256: str, before_s: float) -> bool:
        """Unlink it if it is older."""
        path = self._path(sha256)
        if not path.exists() or path.stat().st_mtime >= before_s:
            return False
        path.unlink(missing_ok=True)
        return True

    def put_part(self, upload: str, number: int, content: bytes) -> None:
        """A file of its own."""
        _write(self._upload(upload) / f"{number:06d}", content)

    def parts(self, upload: str) -> list[Part]:
        """Those that have their names."""
        found = sorted(self._upload(upload).glob("[0-9]*"))
        return [Part(int(path.name), path.stat().st_size) for path in found]

    def read_part(self, upload: str, number: int) -> bytes:
        """The file."""
        return (self._upload(upload) / f"{number:06d}").read_bytes()

    def drop(self, upload: str) -> None:
        """The folder of it."""
        shutil.rmtree(self._upload(upload), ignore_errors=True)

    def uploads(self) -> Iterator[str]:
        """Folders."""
        for path in (self._folder / "uploads").glob("*"):
            if UPLOAD.fullmatch(path.name):
                yield path.name

    def put_plain(self, name: str, content: bytes) -> None:
        """A file below `plain/`."""
        if PLAIN.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of a file in a store")
        _write(self._folder / "plain" / name, content)

    def plain(self, name: str) -> bytes | None:
        """The file, or None."""
        path = self._folder / "plain" / name
        return path.read_bytes() if PLAIN.fullmatch(name) and path.is_file() else None

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:]

    def _upload(self, upload: str) -> Path:
        if UPLOAD.fullmatch(upload) is None:
            raise ValueError(f"{upload!r} is no name of an upload")
        return self._folder / "uploads" / upload


def copy(content: Readable, file: "tempfile._TemporaryFileWrapper[bytes]") -> Stored:
    """Write all of a stream, and name it."""
    running, length = hashlib.sha256(), 0
    while piece := content.read(PIECE):
        file.write(piece)
        running.update(piece)
        length += len(piece)
    return Stored(running.hexdigest(), length)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=ASIDE, delete=False) as file:
        aside = Path(file.name)
        try:
            file.write(content)
            _name(aside, file, path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise


def _name(aside: Path, file: "tempfile._TemporaryFileWrapper[bytes]", path: Path) -> None:
    """Durable first, then named, and the name durable too."""
    file.flush()
    os.fsync(file.fileno())
    path.parent.mkdir(parents=True, exist_ok=True)
    aside.chmod(0o444)
    aside.replace(path)
    for folder in (path.parent, path.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
