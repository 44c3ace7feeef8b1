"""The depot as a process: `python -m fumo.depot --folder DIR --listen HOST:PORT --key-file FILE`.

Prints one line, `depot http://HOST:PORT`, once it listens; SIGTERM or SIGINT ends it.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fumo.depot.edges.opening import open_store
from fumo.depot.log import Log
from fumo.depot.ports import Store
from fumo.depot.server import DepotServer
from fumo.depot.urls import KEY_LENGTH_MIN
from fumo.depot.ways import Ways
from fumo.errors import FumoError

__all__ = ["main", "open_store", "run", "serve"]

LOG_NAME = "requests.jsonl"


def run(
    folder: Path, listen: tuple[str, int], key: bytes, ready: Callable[[str, int], None],
    store: Store | None = None, ways: Ways | None = None,
) -> None:  # fmt: skip
    """Serve until a signal ends it; `ready` is told the address that was bound.

    The log is in the folder, and the packages too, unless they are in another store. `ways` says
    who sends what, and how fast.
    """
    # Plain asyncio on purpose: uvloop has no sendfile.
    asyncio.run(serve(folder, listen, key, ready, store, ways))


async def serve(
    folder: Path, listen: tuple[str, int], key: bytes, ready: Callable[[str, int], None],
    store: Store | None = None, ways: Ways | None = None,
) -> None:  # fmt: skip
    """The same inside a running loop of the main thread."""
    log = Log(folder / LOG_NAME)
    server = DepotServer(store or open_store(folder), key, log, ways)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        ready(*await server.start(*listen))
        await ended.wait()
    finally:
        await server.stop()
        log.close()


def main(words: Sequence[str] | None = None) -> int:
    """The command line of the process."""
    parser = argparse.ArgumentParser(prog="python -m fumo.depot", description="Serve packages.")
    parser.add_argument("--folder", type=Path, required=True, help="the log, and the packages")
    parser.add_argument("--store", help="where packages are: DIR or s3://BUCKET/PREFIX")
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT")
    parser.add_argument("--key-file", type=Path, required=True, help="the key of the addresses")
    parser.add_argument("--accel", default="", metavar="PREFIX",
                        help="the nginx in front sends: X-Accel-Redirect to PREFIX, its internal"
                        " place of the folder sha256")  # fmt: skip
    parser.add_argument("--through", action="store_true",
                        help="send what is in an S3, instead of leading devices there")  # fmt: skip
    parser.add_argument("--rate", type=int, default=0, metavar="BYTES",
                        help="bytes a second, of all downloads together")  # fmt: skip
    asked = parser.parse_args(words)
    key = asked.key_file.read_bytes().strip()
    if len(key) < KEY_LENGTH_MIN:
        parser.error(f"the key is shorter than {KEY_LENGTH_MIN} bytes")
    ways = Ways(accel=asked.accel, through=asked.through, bytes_per_s=max(asked.rate, 0))
    host, _, port = asked.listen.rpartition(":")
    try:
        store = open_store(asked.store) if asked.store else None
        run(asked.folder, (host.strip("[]"), int(port)), key, _tell, store, ways)
    except (OSError, FumoError) as fault:
        sys.stderr.write(f"depot: {fault}\n")
        return 1
    return 0


def _tell(host: str, port: int) -> None:
    sys.stdout.write(f"depot http://{f'[{host}]' if ':' in host else host}:{port}\n")
    sys.stdout.flush()
