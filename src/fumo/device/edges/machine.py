"""What a device process needs of its machine: randomness, and to be alone."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SystemDice:
    """Implements `Dice` with the system's best randomness."""

    def octets(self, count: int) -> bytes:
        """Unguessable bytes."""
        return secrets.token_bytes(count)

    def fraction(self) -> float:
        """Even in [0, 1)."""
        return secrets.randbelow(1 << 53) / (1 << 53)


class NotAlone(OSError):
    """Another agent works in this folder."""


@contextmanager
def alone(folder: Path, name: str = "lock") -> Iterator[None]:
    """One agent a folder (of state or slots); the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NotAlone(f"another agent works in {folder}") from error
        yield
