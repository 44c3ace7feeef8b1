"""Many devices in one process, each in a thread of its own: real agents, real sockets, real files.

    python -m fumo.fleet.crowd CONFIGS     a file of JSON: a list of device configurations

Ends by SIGTERM or SIGINT, or when whoever holds its standard input lets go of it.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fumo.device.main import Config, Machine, run

END_WAIT_S = 5.0


class Crowd:
    """The machines of this process, to be stopped together."""

    def __init__(self) -> None:
        """Nobody lives yet."""
        self._machines: list[Machine] = []
        self._over = threading.Event()

    def live(self, configs: Sequence[Config]) -> None:
        """Run all of them until `stop`."""
        threads = [
            threading.Thread(target=run, args=(config, self._joined), name=config.device_id)
            for config in configs
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
    configs = msgspec.json.decode(Path(words[0]).read_bytes(), type=list[Config])
    crowd = Crowd()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, crowd.stop)
    threading.Thread(target=_stop_when_alone, args=(crowd,), daemon=True).start()
    crowd.live(configs)
    return 0


def _stop_when_alone(crowd: Crowd) -> None:
    """Standard input ends when the parent is gone, however it went."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    crowd.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
