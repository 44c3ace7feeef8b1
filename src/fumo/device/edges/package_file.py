"""The held package on disk, and how its bytes are read: head, image, digest. Memory stays flat.

`PART` is what is being fetched, `HELD` what is complete; a rename leads from one to the other.
`DELTA` is a smaller way to `PART`: while it is there, it is what is being fetched.
What a file holds is believed only together with the journal's record of it, or after hashing.
"""

import hashlib
from collections.abc import Iterator

from fumo.device.files import Files
from fumo.errors import DecodeError
from fumo.package import manifest as package
from fumo.package.manifest import HEAD_LENGTH_MAX, PREFIX_LENGTH, Manifest, NotAPackage

PART = "package.part"
HELD = "package"
DELTA = "package.delta"
PIECE = 256 * 1024


def pieces(files: Files, name: str, start: int, length: int) -> Iterator[bytes]:
    """The bytes from `start`, at most `length` of them; fewer when the file is shorter."""
    end = start + length
    while start < end and (piece := files.read(name, start, min(PIECE, end - start))):
        yield piece
        start += len(piece)


def digest(files: Files, name: str, start: int, length: int) -> str | None:
    """SHA-256 of exactly that range, in hex; None when the file is too short."""
    if files.size(name) < start + length:
        return None
    running = hashlib.sha256()
    for piece in pieces(files, name, start, length):
        running.update(piece)
    return running.hexdigest()


def read_manifest(files: Files, name: str, raw_allowed: bool) -> tuple[Manifest, bytes, int] | None:
    """(manifest, its bytes, where the image begins); None for a raw package where allowed.

    DecodeError when the file is no package, or one that says of itself what is not so.
    """
    front = files.read(name, 0, HEAD_LENGTH_MAX)
    try:
        manifest, offset = package.read_head(front)
    except NotAPackage:
        if raw_allowed:
            return None
        raise
    if files.size(name) != offset + manifest.length:
        raise DecodeError(f"the image is not {manifest.length} bytes long", f"offset {offset}")
    return manifest, front[PREFIX_LENGTH:offset], offset


def manifest_of_held(files: Files) -> bytes | None:
    """A broken manifest is kept as an empty one: that it is broken is judged in Applying."""
    try:
        found = read_manifest(files, HELD, raw_allowed=True)
    except DecodeError:
        return b""
    return found[1] if found else None
