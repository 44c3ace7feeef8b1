"""Slot files as seen from outside: a thread that looks at their times and sizes again and again.

The file system dates a write itself (to a few milliseconds, never later than it was), so a write
is placed rightly however seldom the thread looks; only writes before the last one can be missed
between two looks, and a write after the alert always is the last one.
"""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from fumo.device.edges.boot_env import SLOTS
from fumo.fleet.evidence import Recorder, Written, now_ns

LOOK_EVERY_S = 0.01
Seen: TypeAlias = tuple[int, int]
"""When a file was last written (by the wall clock), and its size."""


class Watcher:
    """Looks at the slots of many devices. `start` it before the first order."""

    def __init__(
        self,
        folders: Mapping[str, Path],
        recorder: Recorder,
        on_write: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`folders` holds each device's slots; `on_write` is told of each write at once."""
        self._files = {
            (device, slot): folder / slot for device, folder in folders.items() for slot in SLOTS
        }
        self._recorder = recorder
        self._on_write = on_write
        self._seen = {key: _look(path) for key, path in self._files.items()}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """One last look, and no more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
            self._look_at_all()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self._look_at_all()

    def _look_at_all(self) -> None:
        for key, path in self._files.items():
            seen = _look(path)
            if seen != self._seen[key]:
                self._seen[key] = seen
                self._note(*key, seen)

    def _note(self, device: str, slot: str, seen: Seen) -> None:
        written_ns, size = seen
        self._recorder.add(Written(_monotonic(written_ns), device, slot, size))
        self._on_write(device)


def _look(path: Path) -> Seen:
    try:
        about = path.stat()
    except OSError:
        return 0, 0
    return about.st_mtime_ns, about.st_size


def _monotonic(wall_ns: int) -> int:
    """The same instant by the evidence's clock; never later than now."""
    apart_ns = time.time_ns() - now_ns()
    return min(wall_ns - apart_ns, now_ns())
