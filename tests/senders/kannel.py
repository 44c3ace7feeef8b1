"""Kannel, as Debian has it: a push proxy gateway that sends by SMPP to an SMSC of ours."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.senders.smsc import Smsc, free_port

START_S = 20.0
CORE = """
group = core
admin-port = {admin}
admin-password = none
admin-allow-ip = 127.0.0.1
wapbox-port = {wap}
smsbox-port = {sms}
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 0

group = wapbox
bearerbox-host = 127.0.0.1
log-file = {folder}/wapbox.log
log-level = 0

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}

group = sms-service
keyword = default
text = nothing
max-messages = 0

group = smsc
smsc = smpp
smsc-id = ours
host = 127.0.0.1
port = {smsc}
smsc-username = kannel
smsc-password = secret
system-type = VMA
transceiver-mode = true
reconnect-delay = 1

group = ppg
ppg-url = /wappush
ppg-port = {ppg}
concurrent-pushes = 10
trusted-pi = true
users = 0
service-name = ppg
"""


class Kannel:
    """Its two processes; `url` takes pushes."""

    def __init__(self, folder: Path, center: Smsc) -> None:
        ports = {name: free_port() for name in ("admin", "wap", "sms", "sendsms", "ppg")}
        self.folder, self.url = folder, f"http://127.0.0.1:{ports['ppg']}/wappush"
        config = folder / "kannel.conf"
        config.write_text(CORE.format(folder=folder, smsc=center.port, **ports))
        self._running: list[subprocess.Popen[bytes]] = []
        self._config, self._center, self._ports = config, center, ports

    def start(self) -> None:
        """Both of them, each proven to be ours: it answers, and runs."""
        self._start("bearerbox")
        self._until(lambda: self._center.bound > 0 and _answers(self._ports["admin"]))
        self._start("wapbox")
        self._until(lambda: _answers(self._ports["ppg"]))

    def stop(self) -> None:
        """Both of them, the one that speaks to devices last."""
        for process in reversed(self._running):
            process.terminate()
        for process in self._running:
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def _start(self, program: str) -> None:
        said = (self.folder / f"{program}.out").open("wb")
        self._running.append(
            subprocess.Popen(
                [program, str(self._config)], stdout=said, stderr=said, cwd=self.folder
            )
        )

    def _until(self, holds: Callable[[], bool]) -> None:
        end_s = time.monotonic() + START_S
        while not holds():
            dead = [p for p in self._running if p.poll() is not None]
            assert not dead, [f.read_text("latin-1") for f in self.folder.glob("*.out")]
            assert time.monotonic() < end_s, "Kannel does not start"
            time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def kannel(center: Smsc) -> Iterator[Kannel]:
    """Started, and gone afterwards; a test without Kannel is skipped."""
    if shutil.which("bearerbox") is None or shutil.which("wapbox") is None:
        pytest.skip("Kannel is not installed")
    folder = Path(tempfile.mkdtemp(prefix="fumo-kannel-"))
    running = Kannel(folder, center)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)
