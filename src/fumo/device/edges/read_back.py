"""What really is in a slot: a file or a block device, read again from its beginning."""

import hashlib
import os
from pathlib import Path

PIECE = 1024 * 1024


def front_digest(path: Path, length: int) -> str | None:
    """SHA-256 of its first `length` bytes, in hex; None when it is shorter. OSError."""
    running, left = hashlib.sha256(), length
    with path.open("rb", buffering=0) as file:
        while left and (piece := file.read(min(PIECE, left))):
            running.update(piece)
            left -= len(piece)
    return None if left else running.hexdigest()


def length_of(path: Path) -> int:
    """How many bytes it has; a block device, too. OSError."""
    with path.open("rb", buffering=0) as file:
        return file.seek(0, os.SEEK_END)
