"""Deltas between two packages, in files or in a store; fits the server's port DeltaMaker.

What it starts from is the image of a package without its head, since that is what a slot holds.
Promise: what is kept was tried, and is worth it; whatever happens, nothing else is left behind.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from fumo.depot.deltas import formats
from fumo.depot.deltas.limits import Limits
from fumo.depot.deltas.process import Piece, Worker
from fumo.depot.ports import Store
from fumo.errors import DecodeError
from fumo.package.delta import Made, NotMade, is_worth_it
from fumo.package.manifest import HEAD_LENGTH_MAX, IMAGE, NotAPackage, read_head
from fumo.package.plan import Format

MISSING = "no deltas are made without zstd or bsdiff4: pip install 'fumo[delta]'"


class Maker:
    """Makes one at a time; `stop` from any thread ends it for good."""

    def __init__(self, limits: Limits, store: Store | None = None) -> None:
        """Without a store it only makes files out of files."""
        self._limits, self._store = limits, store
        self._worker = Worker(limits)

    @property
    def formats(self) -> tuple[str, ...]:
        """Those that can be made here, the one to try first before the others."""
        return tuple(one.value for one in formats.installed())

    @property
    def seconds(self) -> int:
        """One takes no longer."""
        return self._limits.seconds

    def stop(self) -> None:
        """End."""
        self._worker.stop()

    def make(self, base: str, target: str, format_: str) -> Made:
        """Between two contents; in the store when it returns. NotMade: it says why."""
        assert self._store is not None
        with tempfile.TemporaryDirectory(prefix="fumo-delta-") as aside:
            folder = Path(aside)
            output = folder / "delta"
            old, new = self._file(base, folder), self._file(target, folder)
            made = self.make_file(old, new, output, Format(format_))
            with output.open("rb") as content:
                stored = self._store.add(content)
        if stored.sha256 != made.sha256:
            raise NotMade("the delta was not kept as it was made")
        return made

    def make_file(self, base: Path, target: Path, output: Path, format_: Format) -> Made:
        """Out of two packages; NotMade too when it is not worth it, and then nothing is written."""
        if format_ not in formats.installed():
            raise NotMade(f"no {format_.value} here: pip install 'fumo[delta]'", final=True)
        piece, _ = _image(base), _image(target)
        made = self._worker.make(format_, piece, target, output)
        full, percent = target.stat().st_size, self._limits.worth_percent
        if not is_worth_it(made.length, full, percent):
            output.unlink()
            why = f"not worth it: {made.length} bytes, and the package has {full}"
            raise NotMade(why, final=True)
        return made

    def _file(self, sha256: str, folder: Path) -> Path:
        """A content as a file: its own in a folder, else a copy."""
        assert self._store is not None
        found = self._store.find(sha256)
        if found is None:
            raise NotMade(f"the store has no {sha256[:16]}…", final=True)
        if found.path is not None:
            return found.path
        copy = folder / sha256
        with copy.open("wb") as file:
            file.writelines(self._pieces(sha256))
        return copy

    def _pieces(self, sha256: str) -> Iterator[bytes]:
        assert self._store is not None
        return self._store.read(sha256)


def _image(file: Path) -> Piece:
    """Where the image lies in a package; a file that is none is an image itself."""
    try:
        with file.open("rb") as content:
            manifest, start = read_head(content.read(HEAD_LENGTH_MAX))
    except NotAPackage:
        return Piece(file, 0, file.stat().st_size)
    except DecodeError as fault:
        raise NotMade(f"a broken package: {fault}", final=True) from fault
    if manifest.format != IMAGE:
        raise NotMade(f"a bundle ({manifest.format}): no slot holds it as it is", final=True)
    return Piece(file, start, manifest.length)
