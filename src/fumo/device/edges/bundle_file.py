"""The bundle in what is held, as a file that an installer can open by its path.

A bundle that came as it is, is what is held. One inside a Fumo package is copied out of it for as
long as it is wanted; its digest is compared on the way, so that nothing else is ever installed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from fumo.device.edges.package_file import HELD, digest, pieces
from fumo.device.files import Files
from fumo.errors import DecodeError

BUNDLE = "bundle"


@contextmanager
def bundle_in(packages: Files, length: int, sha256: str) -> Iterator[str]:
    """The name of a file that is the bundle and nothing else. DecodeError: it is not there whole.

    The image is the end of what is held, as in every package.
    """
    start = packages.size(HELD) - length
    if start < 0:
        raise DecodeError(f"of {length} bytes {-start} are missing", HELD)
    if start == 0:
        _same(digest(packages, HELD, 0, length), sha256)
        yield HELD
        return
    try:
        _same(_copied(packages, start, length), sha256)
        yield BUNDLE
    finally:
        packages.delete(BUNDLE)


def _copied(packages: Files, start: int, length: int) -> str:
    running, written = hashlib.sha256(), 0
    for piece in pieces(packages, HELD, start, length):
        packages.write(BUNDLE, written, piece)
        running.update(piece)
        written += len(piece)
    packages.truncate(BUNDLE, written)
    return running.hexdigest()


def _same(found: str | None, sha256: str) -> None:
    if found != sha256:
        raise DecodeError("the bundle is not the one that was judged: SHA-256 differs", HELD)
