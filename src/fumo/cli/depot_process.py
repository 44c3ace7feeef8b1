"""The depot beside the server: a process of its own, started again whenever it ends.

Devices try again by themselves while it is away, so a depot that fails costs them a wait and the
server nothing. It keeps its port, which addresses of packages name, and it ends with the server,
however that ends.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping

from fumo.cli.place import Place
from fumo.server.main import Folder

START_S = 20.0
PAUSE_S, PAUSE_MAX_S = 0.5, 30.0  # before it is started again, doubled while it keeps failing
STEADY_S = 60.0  # one that lived so long failed by chance
STOP_S = 10.0
PARENT_GONE = 1  # PR_SET_PDEATHSIG


class Depot:
    """The depot's process. `url` is where it listens."""

    def __init__(
        self,
        folder: Folder,
        place: Place,
        tell: Callable[[str], None],
        store: str | None = None,
        told: Mapping[str, str] | None = None,
        words: tuple[str, ...] = (),
    ) -> None:
        """Started, and listening: OSError when it cannot. `tell` hears of every later start.

        `store` is where packages are, if not in the folder; `told` stands in its environment,
        `words` on its command line.
        """
        folder.depot.mkdir(exist_ok=True)
        self._store, self._told = store or str(folder.depot), dict(told or {})
        self._words = words
        self._folder, self._place, self._tell = folder, place, tell
        self._stopping = threading.Event()
        self.process, self.url = self._start(place)
        port = int(self.url.rstrip("/").rpartition(":")[2])
        self._place = Place(place.host, port)
        self._warden = threading.Thread(target=self._keep, daemon=True)
        self._warden.start()

    def stop(self) -> None:
        """End it, for good."""
        self._stopping.set()
        self.process.terminate()
        self._warden.join(STOP_S)
        if self.process.poll() is None:
            self.process.kill()

    def _start(self, place: Place) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "fumo.depot", "--folder", str(self._folder.depot),
             "--store", self._store, "--listen", str(place),
             "--key-file", str(self._folder.key_file("depot")), *self._words],
            stdout=subprocess.PIPE, text=True, preexec_fn=_end_with_parent,
            start_new_session=True, env=os.environ | self._told,
        )  # fmt: skip
        return process, _first_line(process, place)

    def _keep(self) -> None:
        """Wait for its end, and start it again unless that was wanted."""
        pause_s = PAUSE_S
        while not self._stopping.is_set():
            began_s = time.monotonic()
            code = self.process.wait()
            lived_s = time.monotonic() - began_s
            pause_s = PAUSE_S if lived_s > STEADY_S else min(pause_s * 2, PAUSE_MAX_S)
            if self._stopping.wait(pause_s):
                return
            self._tell(f"the depot ended with code {code}: it is started again")
            self._again()

    def _again(self) -> None:
        try:
            self.process, _ = self._start(self._place)
        except OSError as error:
            self._tell(str(error))
        if self._stopping.is_set():
            self.process.terminate()


def _first_line(process: subprocess.Popen[str], place: Place) -> str:
    """The address it tells once it listens."""
    assert process.stdout is not None
    watch = threading.Timer(START_S, process.kill)
    watch.start()
    line = process.stdout.readline()
    watch.cancel()
    if not line.startswith("depot "):
        process.wait()
        raise OSError(f"no depot on {place}: choose another port by --depot-listen")
    return line.split()[1]


def _end_with_parent() -> None:
    """Linux: a depot without its server would hold the port and serve nobody."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_GONE, signal.SIGTERM)
