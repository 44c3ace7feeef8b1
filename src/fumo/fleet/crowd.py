"""Many devices in one process, each in a thread of its own: real agents, real sockets, real files.

    python -m fumo.fleet.crowd FILE     JSON: a list of the devices' settings

Ends by SIGTERM or SIGINT, or when whoever holds its standard input lets go of it.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fumo.device.main import Machine, run
from fumo.device.settings import Settings

END_WAIT_S = 5.0


class Crowd:
    """The machines of this process, to be stopped together."""

    def __init__(self) -> None:
        """Nobody lives yet."""
        self._machines: list[Machine] = []
        self._over = threading.Event()

    def live(self, crowd: Sequence[Settings]) -> None:
        """Run all of them until `stop`."""
        threads = [
            threading.Thread(target=run, args=(one, self._joined), name=one.device.id)
            for one in crowd
        ]
        for thread in threads:
            thread.daemon = True
            thread.start()
        self._over.wait()
        for machine in self._machines:
            machine.stop()
        for thread in threads:
            thread.join(END_WAIT_S)

    def stop(self, *_: object) -> None:
        """From a signal or another thread."""
        self._over.set()

    def _joined(self, machine: Machine) -> None:
        self._machines.append(machine)
        if self._over.is_set():
            machine.stop()


def main(words: Sequence[str]) -> int:
    """Live as the devices of a file."""
    devices = msgspec.json.decode(Path(words[0]).read_bytes(), type=list[Settings])
    crowd = Crowd()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, crowd.stop)
    threading.Thread(target=_stop_when_alone, args=(crowd,), daemon=True).start()
    crowd.live(devices)
    return 0


def _stop_when_alone(crowd: Crowd) -> None:
    """Standard input ends when the parent is gone, however it went."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    crowd.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
