"""`fumo serve` as a real process, for stories that need sockets, signals or memory."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from fumo.wire.client import Link
from fumo.wire.exchange import Reply
from tests.server.device import Device

FREE = "127.0.0.1:0"
START_S = 20.0


class Process:
    """One server and what it printed."""

    program: tuple[str, ...] = (sys.executable, "-c", "import fumo.cli; fumo.cli.main()")

    def __init__(self, data: Path, listen: str = FREE, depot: str = FREE, *more: str) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [
                *self.program,
                "serve",
                "--data",
                str(data),
                "--listen",
                listen,
                "--depot-listen",
                depot,
                *more,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        said = [self.process.stdout.readline() for _ in range(3)]
        found = [urls[0] for line in said if (urls := re.findall(r"https?://\S+", line))]
        if len(found) != 3:
            raise AssertionError(f"{said} {self.process.communicate(timeout=10)}")
        self.dm_url, self.depot_url, self.page_link = found
        self.link = Link()

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.dm_url)
        assert parts.hostname
        assert parts.port
        return parts.hostname, parts.port

    @property
    def listen(self) -> str:
        return "{}:{}".format(*self.address)

    def post(self, device: Device, body: bytes) -> Reply:
        query = urlsplit(device.address).query
        url = f"{self.dm_url}?{query}" if query else self.dm_url
        reply = self.link.post(url, body, device.media_type)
        return Reply(200, reply.body, reply.media_type)

    def memory_kib(self, which: str = "VmRSS") -> int:
        """Resident now, or at most (VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{which}:\s+(\d+) kB", status)
        assert found
        return int(found.group(1))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=20)

    def stop(self) -> tuple[int, str]:
        """SIGTERM; its exit code, and what it said of itself on standard error."""
        self.link.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said
