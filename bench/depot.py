"""What a gigabyte costs whoever sends it: the depot, the depot behind nginx, and nginx alone.

The depot is `python -m fumo.depot` as it is, and nginx is Debian's with one process; all of them
send the same file over loopback to one client, whose own time is not counted. What counts is
processor time of all processes of a way, the kernel's part of it too.
"""

import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from bench.page import table
from bench.rounds import spread
from bench.targets import Target, Times, Verdict, judge, reasons, verdict_table
from fumo.depot.edges.folder import FolderStore
from fumo.depot.urls import Address, Lane, path
from tests.nginx import INSIDE, PROGRAM, nginx

MIB = 1024 * 1024
GB = 1e9
PACKAGE_BYTES = 64 * MIB
SENT_BYTES = 512 * MIB
ROUNDS_MAX = 5
TICKS = os.sysconf("SC_CLK_TCK")
KEY = secrets.token_hex(16).encode()
FAST = Lane("c1", 10**12)
"""A lane that is never waited for: what keeping a speed costs."""

SHORT_ALONE = (
    "Each request costs the depot some 0.4 ms of Python, and so a GB by ranges of 1 MiB 0.4 s. The"
    " bytes go by sendfile in takes of 256 KiB, each of them a few turns of the event loop: so the"
    " log tells to within one take what had gone when a line was cut, and a slow device is not"
    " taken for a dead one. Tried: takes of 4 MiB, which halve the time of a whole package. They"
    " would have to grow with the speed of each line."
)
SHORT_BEHIND = (
    "The depot's decision and its line in the log cost some 0.4 ms a request, of whatever length:"
    " nearly nothing of a whole package, and more than nginx's own work where each request is of"
    " 1 MiB. Devices ask for the whole package, and for a range only after a cut. nginx's own"
    " part was 0.06 to 0.2 s a GB from run to run, led or not, counted in ticks of 10 ms: so these"
    " ratios vary much."
)
NGINX, BEHIND, ALONE, PACED = "nginx alone", "depot behind nginx", "depot", "depot, in a lane"
ASKED = {"whole": PACKAGE_BYTES, "ranges of 1 MiB": MIB}
TARGETS = (
    Target("depot, in times of nginx alone", ALONE, NGINX, 1.5, 1.0, SHORT_ALONE),
    Target("depot behind nginx, in times of nginx alone", BEHIND, NGINX, 1.5, 1.2, SHORT_BEHIND),
)


class Way(Struct, frozen=True):
    """An address of the package, and the processes that send it."""

    url: str
    pids: tuple[int, ...]


def section(rounds: int) -> tuple[str, list[Verdict]]:
    """Measure it all: the section of the page, and the verdicts."""
    rounds = min(rounds, ROUNDS_MAX)
    with tempfile.TemporaryDirectory(prefix="fumo-bench-") as name, ways(Path(name)) as found:
        took = {what: measure(found, count, rounds) for what, count in ASKED.items()}
    verdicts = [judge(target, what, took[what]) for what in ASKED for target in TARGETS]
    about = (
        f"Python {platform.python_version()}, {rounds} rounds of {SENT_BYTES // MIB} MiB by each"
        f" way over loopback, a package of {PACKAGE_BYTES // MIB} MiB, one client; processor time"
        " of all processes that send; medians (least-most)."
    )
    rows = [
        [what, name, str(spread(times))] for what in ASKED for name, times in took[what].items()
    ]
    parts = ["## Depot", about, verdict_table(verdicts, "asked"), *reasons(verdicts)]
    return "\n\n".join([*parts, table(["asked", "way", "s a GB"], rows)]), verdicts


@contextmanager
def ways(root: Path, length: int = PACKAGE_BYTES) -> Iterator[dict[str, Way]]:
    """All ways to one package, while they are there; without nginx, only the depot's own."""
    with (root / "package").open("w+b") as package:
        package.writelines(os.urandom(MIB) for _ in range(length // MIB))
        package.seek(0)
        sha256 = FolderStore(root / "alone").add(package).sha256
    with ExitStack() as after:
        pid, url = after.enter_context(depot(root / "alone"))
        plain, laned = (path(Address("1", sha256, lane), KEY) for lane in (None, FAST))
        found = {ALONE: Way(url + plain, (pid,)), PACED: Way(url + laned, (pid,))}
        if PROGRAM is not None:
            words = ("--store", str(root / "alone"), "--accel", INSIDE)
            behind, inner = after.enter_context(depot(root / "behind", *words))
            port = after.enter_context(nginx(root, root / "alone", urlsplit(inner).port or 0))
            front, outer = int((root / "pid").read_text()), f"http://127.0.0.1:{port}"
            found[BEHIND] = Way(outer + plain, (front, behind))
            found[NGINX] = Way(f"{outer}/plain/{sha256[:2]}/{sha256[2:]}", (front,))
        yield found


@contextmanager
def depot(folder: Path, *more: str) -> Iterator[tuple[int, str]]:
    """One as a process: its number, and where it listens."""
    folder.mkdir(exist_ok=True)
    key = folder / "key"
    key.write_bytes(KEY)
    words = ["-m", "fumo.depot", "--folder", str(folder), "--key-file", str(key), *more]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.pid, process.stdout.readline().split()[1]
        finally:
            process.terminate()


def measure(
    ways: dict[str, Way],
    count: int,
    rounds: int,
    sent: int = SENT_BYTES,
    length: int = PACKAGE_BYTES,
) -> Times:
    """Seconds a gigabyte of each way, once in every round; a first round is not counted."""
    took: Times = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            began_s = spent_s(way.pids)
            gone = fetch(way.url, count, sent if number else length, length)
            if number:
                took[name].append((spent_s(way.pids) - began_s) / gone * GB)
    return took


def spent_s(pids: Iterable[int]) -> float:
    """Processor time of these processes, so far."""
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS


def fetch(url: str, count: int, sent: int, length: int) -> int:
    """Ask for so many bytes in all, `count` at a time, one after the other: how many came."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    piece, gone = memoryview(bytearray(MIB)), 0
    while gone < sent:
        start = gone % length
        fields = {} if count == length else {"Range": f"bytes={start}-{start + count - 1}"}
        connection.request("GET", parts.path, headers=fields)
        answer, here = connection.getresponse(), 0
        assert answer.status == (206 if fields else 200), (url, answer.status)
        while came := answer.readinto(piece):
            here += came
        assert here == count, (url, here)
        gone += here
    connection.close()
    return gone
