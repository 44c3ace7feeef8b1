"""A download beside what it cannot do without: the same hash, the same write and the same syncs.

The server is another process, so that its work is not counted; ours is all processor time of this
one, the kernel's part of it too.
"""

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.page import table
from bench.rounds import spread
from bench.targets import Target, Times, Verdict, judge, reasons, verdict_table
from fumo.codes import Kind
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.edges.guard import Guard
from fumo.device.edges.http_source import open_body
from fumo.device.edges.intake import BUFFER_BYTES
from fumo.device.edges.pace import Limits
from fumo.package.manifest import Manifest, build
from fumo.update.happening import Progressed, Verified
from fumo.update.operation import Checkpoint, Order
from fumo.update.operation import Target as Object

MIB = 1024 * 1024
IMAGE_BYTES = 256 * MIB
WHOLE, BARE, HASH = "download", "hash, write, syncs", "hash alone"
TARGETS = (Target("download, in times of hash, write and syncs", WHOLE, BARE, 2, 1.6),)


def section(rounds: int) -> tuple[str, list[Verdict]]:
    """Measure it all: the section of the page, and the verdicts."""
    with (
        tempfile.TemporaryDirectory(prefix="fumo-bench-") as name,
        served(Path(name), IMAGE_BYTES) as url,
    ):
        took_ms = measure(things(Path(name), url, IMAGE_BYTES), rounds)
    size = f"{IMAGE_BYTES // MIB} MiB"
    verdicts = [judge(target, size, took_ms) for target in TARGETS]
    about = (
        f"Python {platform.python_version()}, {rounds} rounds of {size} over loopback, processor"
        " time of the device's process; medians (least-most)."
    )
    rows = [[name, str(spread(times))] for name, times in took_ms.items()]
    parts = ["## Download", about, verdict_table(verdicts, "package"), *reasons(verdicts)]
    return "\n\n".join([*parts, table(["thing", "ms"], rows)]), verdicts


@contextmanager
def served(folder: Path, length: int) -> Iterator[str]:
    """A package behind a server of its own process: its address."""
    package = folder / "served"
    write_package(package, length)
    words = [sys.executable, "-m", "bench.one_file", str(package)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/package"
        finally:
            server.kill()


def write_package(path: Path, length: int) -> None:
    """A package whose image repeats one piece."""
    piece = os.urandom(MIB)
    digest = hashlib.sha256()
    for _ in range(length // MIB):
        digest.update(piece)
    manifest = Manifest("bench", "1", length, digest.hexdigest())
    with path.open("wb") as file:
        file.writelines(build(manifest, (piece for _ in range(length // MIB))))


def things(folder: Path, url: str, length: int) -> dict[str, Callable[[], None]]:
    """What is timed."""
    return {
        WHOLE: partial(download, DiskFolder(folder / "download"), url),
        BARE: partial(bare, DiskFolder(folder / "bare"), length),
        HASH: partial(hash_alone, length),
    }


def download(folder: DiskFolder, url: str) -> None:
    """From the first byte to the verified package, as the device does it."""
    ask = partial(open_body, guard=Guard(["127.0.0.1"]))
    downloader = HttpDownloader(folder, Limits(), open_body=ask)
    order = Order(1, "s", "o", Kind.DOWNLOAD, None, "1", 1, 1, url)
    checkpoint: Checkpoint | None = None
    while not isinstance(
        happened := downloader.fetch(order, Object(checkpoint=checkpoint)), Verified
    ):
        assert isinstance(happened, Progressed), happened
        checkpoint = happened.checkpoint
    downloader.discard()


def bare(folder: DiskFolder, length: int) -> None:
    """As many bytes, hashed, written and synced as often, out of memory."""
    digest, synced, piece = hashlib.sha256(), 0, bytes(BUFFER_BYTES)
    folder.truncate("part", 0)
    for written in range(0, length, len(piece)):
        folder.write("part", written, piece)
        digest.update(piece)
        if written + len(piece) - synced >= Limits().checkpoint_bytes:
            folder.sync("part")
            synced = written + len(piece)
    folder.sync("part")
    folder.rename("part", "whole")
    folder.delete("whole")


def hash_alone(length: int) -> None:
    """As many bytes, hashed."""
    digest, piece = hashlib.sha256(), bytes(BUFFER_BYTES)
    for _ in range(0, length, len(piece)):
        digest.update(piece)


def measure(things: dict[str, Callable[[], None]], rounds: int) -> Times:
    """Milliseconds of each thing, once in every round; a first round is not counted."""
    took_ms: Times = {name: [] for name in things}
    for number in range(rounds + 1):
        for name, thing in things.items():
            start_s = time.process_time()
            thing()
            if number:
                took_ms[name].append((time.process_time() - start_s) * 1e3)
    return took_ms
