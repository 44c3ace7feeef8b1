"""What a device process needs of its machine: randomness, a line on stderr, to be alone."""

import contextlib
import fcntl
import secrets
import sys
import time
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


class StderrLog:
    """Implements `Log`: `<UTC time> <device> <event> name=value …`, one line an event."""

    def __init__(self, name: str) -> None:
        """`name` tells the lines of several devices apart."""
        self._name = name

    def __call__(self, event: str, **values: object) -> None:
        """Write the line at once."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        told = "".join(f" {name}={_plain(value)}" for name, value in values.items())
        with contextlib.suppress(OSError, ValueError):  # nobody reads; the work goes on
            print(f"{at} {self._name} {event}{told}", file=sys.stderr, flush=True)


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


def _plain(value: object) -> str:
    """A value as one word; quoted where it holds blanks or controls."""
    text = str(value)
    return text if text.isprintable() and " " not in text and text else repr(text)
