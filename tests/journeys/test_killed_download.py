"""F14 for real: a large download by a real process that is killed again and again (SIGKILL).

The server kills the device while it sends, at offsets spread over the package, so that nothing
waits or polls. What the dead device had written is looked at before it starts again.
"""

import filecmp
import hashlib
import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from fumo.codes import Kind
from fumo.package.manifest import Manifest, build
from tests.device.test_process import Handler, Served, start, words

MIB = 1024 * 1024
CHECKPOINT_BYTES = 16 * MIB
KILLS = 20
GROWTH_MIB_MAX = 16
CHUNK = 64 * 1024


def write_package(path: Path, length: int) -> None:
    """A package whose image no block of which is like another."""

    def pieces() -> Iterator[bytes]:
        piece = random.Random(7).randbytes(MIB)
        for number in range(length // MIB):
            yield number.to_bytes(8, "big") + piece[8:]

    digest = hashlib.sha256()
    for piece in pieces():
        digest.update(piece)
    manifest = Manifest("fumo-device", "2", length, digest.hexdigest())
    with path.open("wb") as file:
        file.writelines(build(manifest, pieces()))


class Deadly(Served):
    """Serves one file by ranges, and kills whoever fetches it at the offsets in `kill_at`."""

    def __init__(self, package: Path, kills: int) -> None:
        super().__init__()
        self.RequestHandlerClass = DeadlyHandler
        self.package, self.size = package, package.stat().st_size
        step, dice = self.size // (kills + 1), random.Random(20)
        self.kill_at = [step * (n + 1) + dice.randrange(step // 2) for n in range(kills)]
        self.starts: list[int] = []
        self.sent = 0
        self.device: subprocess.Popen[str] | None = None
        self.rss_first_kib = 0
        self.grown_kib = 0

    def watches(self, device: subprocess.Popen[str]) -> None:
        """This process is the one that fetches now."""
        self.device, self.rss_first_kib = device, 0

    def handle_error(self, *_: object) -> None:
        """The dead do not say goodbye."""

    def looks(self) -> None:
        """How much the device has grown since it asked for its first byte."""
        assert self.device is not None
        text = Path(f"/proc/{self.device.pid}/status").read_text()
        said = dict(line.split(":", 1) for line in text.splitlines())
        if "VmHWM" not in said:
            return  # it is a zombie
        self.rss_first_kib = self.rss_first_kib or int(said["VmRSS"].split()[0])
        peak_kib = int(said["VmHWM"].split()[0])
        self.grown_kib = max(self.grown_kib, peak_kib - self.rss_first_kib)


class DeadlyHandler(Handler):
    """Ranges with one strong ETag."""

    server: Deadly

    def do_GET(self) -> None:
        server = self.server
        self.close_connection = True
        asked = self.headers.get("Range", "bytes=0-")
        begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        server.starts.append(begin)
        self.send_response(206 if begin else 200)
        if begin:
            end = f"{server.size - 1}/{server.size}"
            self.send_header("Content-Range", f"bytes {begin}-{end}")
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(server.size - begin))
        self.end_headers()
        server.looks()
        self._send_from(begin)

    def _send_from(self, begin: int) -> None:
        server = self.server
        with server.package.open("rb") as file:
            file.seek(begin)
            while data := file.read(CHUNK):
                try:
                    self.wfile.write(data)
                except OSError:
                    return
                server.sent += len(data)
                begin += len(data)
                if server.kill_at and begin >= server.kill_at[0]:
                    server.kill_at.pop(0)
                    server.looks()
                    assert server.device is not None
                    os.kill(server.device.pid, signal.SIGKILL)
                    return
        server.looks()


def test_f14_a_gibibyte_whose_device_is_killed_twenty_times_is_whole(tmp_path: Path):
    package = tmp_path / "served"
    write_package(package, 1024 * MIB)
    part, held = (tmp_path / "state/packages" / name for name in ("package.part", "package"))
    twice: list[int] = []
    with Deadly(package, KILLS) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            server.dm.orders(Kind.DOWNLOAD, f"{server.url}/package")
            line = words(f"{server.url}/dm", tmp_path, "--once", "--attempts", "32")
            while True:
                written = part.stat().st_size if part.exists() else 0
                device = start(line)
                server.watches(device)
                before = len(server.starts)
                _, told = device.communicate(timeout=120)
                if len(server.starts) > before:
                    twice.append(written - server.starts[before])
                if device.returncode != -signal.SIGKILL:
                    break
        finally:
            server.shutdown()
            thread.join()
    assert device.returncode == 0, told
    assert server.kill_at == []
    assert [alert.number for alert in server.dm.heard] == [200]
    assert filecmp.cmp(package, held, shallow=False)
    package.unlink()  # nobody has room for the files of many runs
    held.unlink()
    assert len(server.starts) == KILLS + 1
    assert max(twice) <= CHECKPOINT_BYTES
    assert server.grown_kib <= GROWTH_MIB_MAX * 1024
    print(f"asked twice: {sum(twice)} of {server.size}, at most {max(twice)} for a kill;")
    print(f"sent {server.sent}; grown by {server.grown_kib} KiB")
