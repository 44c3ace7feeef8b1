"""Ends the demo's children when the demo can no longer do it: it was killed (-9).

    python -m fumo.fleet.warden [FOLDER]     what to remove then; nothing without it

A process of its own that hears on its standard input which groups of processes live: `+GROUP`,
and `-GROUP` once one is gone. When that input ends, the demo is over, or was killed: groups that
still live are killed, and the folder is removed. It does nothing else.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

REMOVE_WAIT_S = 3.0
LOOK_EVERY_S = 0.05


def living(lines: Iterable[str]) -> set[int]:
    """The groups that nobody has ended, once no more is heard."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        groups.add(group) if line[0] == "+" else groups.discard(group)
    return groups


def main(words: Sequence[str]) -> int:
    """Listen until the demo is gone, then leave nothing behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for group in living(sys.stdin):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for folder in map(Path, words):
        _remove(folder)
    return 0


def _remove(folder: Path) -> None:
    """Again and again for a while: what was killed a moment ago may still write."""
    until_s = time.monotonic() + REMOVE_WAIT_S
    while folder.exists() and time.monotonic() < until_s:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(LOOK_EVERY_S)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
