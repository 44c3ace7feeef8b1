"""The process that makes one delta: `python -m fumo.depot.deltas ORDER`, both ways in JSON.

First it binds itself: memory, processor time, its place behind all others; and it ends with
whoever started it. Then it reads both files and makes the delta. It never deletes
or changes anything but the one file that it was told to write. What it made is undone again as a
device would: a delta that does not give the very same file is none.
"""

import ctypes
import hashlib
import os
import resource
import signal
import sys
from pathlib import Path

import msgspec

from fumo.depot.deltas.formats import make, undo
from fumo.depot.deltas.order import NO_MEMORY, NOT_MADE, Answer, Order
from fumo.errors import DecodeError

PARENT_GONE = 1  # PR_SET_PDEATHSIG


def main(words: list[str]) -> int:
    """One order; the exit code says why there is no delta."""
    order = msgspec.json.decode(words[0], type=Order)
    _bind(order)
    try:
        answer = _make(order)
    except MemoryError:
        return NO_MEMORY
    except Exception as fault:
        text = f"{fault}" or type(fault).__name__
        sys.stderr.write(f"{text}\n")
        return NO_MEMORY if "memory" in text.lower() else NOT_MADE
    sys.stdout.write(msgspec.json.encode(answer).decode())
    return 0


def _bind(order: Order) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_GONE, signal.SIGKILL)
    os.nice(order.nice)
    for what, most in (
        (resource.RLIMIT_AS, order.memory_bytes),
        (resource.RLIMIT_CPU, order.seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _make(order: Order) -> Answer:
    with Path(order.base).open("rb") as file:
        file.seek(order.base_start)
        old = file.read(order.base_length)
    if len(old) != order.base_length:
        raise DecodeError(f"the base ends at byte {len(old)} of {order.base_length}")
    new = Path(order.target).read_bytes()
    made = make(order.format, old, new, order.level)
    if undo(order.format, old, made, len(new)) != new:
        raise DecodeError("what was made does not lead to the package")
    Path(order.output).write_bytes(made)
    return Answer(len(made), _digest(made), _digest(old), _most_memory())


def _most_memory() -> int:
    """Bytes at the most, of this program alone: what getrusage says begins with its parent's."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
