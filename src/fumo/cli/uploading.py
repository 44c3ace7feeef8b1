"""Sends a file that goes on where it was cut: within the command, and by the same command again.

The server knows an unfinished upload by its user and SHA-256, so nothing is remembered here.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from fumo.cli.admin import Admin
from fumo.cli.telling import AGAIN, fail, warn

PIECE = 1 << 20
TRIES = 8
"""Without a single byte of progress."""
WAIT_S, WAIT_MAX_S = 0.5, 30.0


def send(admin: Admin, file: Path, length: int, sha256: str) -> None:
    """All of the file is in the depot when it returns."""
    begun = admin.post("/uploads", {"length": length, "sha256": sha256})
    name, offset = begun["id"], begun["offset"]
    if offset:
        warn(f"{file}: goes on from byte {offset:,} of {length:,}")
    tries = TRIES
    while offset < length:
        if admin.send_part(f"/uploads/{name}", offset, _read(file, offset, length)):
            break
        reached = _reached(admin, name, offset, TRIES - tries)
        tries = TRIES if reached > offset else tries - 1
        offset = reached
        if not tries:
            fail(f"{file}: {offset:,} of {length:,} bytes are there, and no more come through: "
                 "the same command later goes on", AGAIN)  # fmt: skip
    stored = admin.finish(f"/uploads/{name}/finish")
    if stored["sha256"] != sha256:
        fail(f"{file} changed while it was sent: add it again")


def _reached(admin: Admin, name: str, offset: int, failed: int) -> int:
    """How far it is now, after a pause that grows."""
    time.sleep(min(WAIT_S * 2**failed, WAIT_MAX_S))
    told = admin.look(f"/uploads/{name}")
    return int(told["offset"]) if told else offset


def _read(file: Path, offset: int, length: int) -> Iterator[bytes]:
    with file.open("rb") as content:
        content.seek(offset)
        left = length - offset
        while left and (piece := content.read(min(PIECE, left))):
            yield piece
            left -= len(piece)
