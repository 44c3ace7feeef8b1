"""What a device process needs of its machine: randomness, a restart, and to be alone."""

import contextlib
import fcntl
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

REBOOT_S = 60.0
SAID_MAX = 200


class SystemDice:
    """Implements `Dice` with the system's best randomness."""

    def octets(self, count: int) -> bytes:
        """Unguessable bytes."""
        return secrets.token_bytes(count)

    def fraction(self) -> float:
        """Even in [0, 1)."""
        return secrets.randbelow(1 << 53) / (1 << 53)


def reboot(command: Sequence[str]) -> None:
    """Have the machine started anew. OSError: the command could not, or would not."""
    import subprocess  # here: only a real device needs it, and most of the time it does not

    try:
        done = subprocess.run(command, timeout=REBOOT_S, capture_output=True, check=False)
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{command[0]} took more than {REBOOT_S:g} s") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[:SAID_MAX]
        raise OSError(f"{command[0]} ended with {done.returncode}: {said}")


class NotAlone(OSError):
    """Another agent works in this folder."""


@contextmanager
def named(what: str) -> Iterator[None]:
    """Whatever goes wrong is told with this: a setting and what it says."""
    try:
        yield
    except NotAlone:
        raise  # it names the place itself
    except OSError as error:
        raise OSError(f"{what}: {error.strerror or error}") from error


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


BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_of_machine() -> str:
    """Another word at each start of the machine; where the kernel tells none, of the program."""
    with contextlib.suppress(OSError):
        return BOOT_ID.read_text().strip()
    return OF_THIS_PROCESS


OF_THIS_PROCESS = secrets.token_hex(16)
