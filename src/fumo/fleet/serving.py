"""`fumo serve` as a process: server, depot and pages, as an operator starts them."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from fumo.fleet.http1 import Address
from fumo.fleet.patience import Patience
from fumo.fleet.processes import Processes

NAME = "server"
PROGRAM = "from fumo.cli import main; main()"
"""What `fumo` is, without having to find where it was installed."""

PRINTED = ("DM server", "Depot", "Page")
"""What stands before its addresses."""

ANYWHERE = "127.0.0.1:0"


class Serving(Struct, frozen=True):
    """Where a running server is."""

    dm: Address
    depot: Address
    page: str


def serve(processes: Processes, data: Path, depot_url: str, patience: Patience) -> Serving:
    """Start it; devices are told packages under `depot_url`. It says itself where it listens."""
    words = ["--data", data.name, "--listen", ANYWHERE, "--depot-listen", ANYWHERE]
    # from its parent folder, since the path of the socket in it has to be short
    program = ("-c", PROGRAM, "serve", *words, "--depot-url", depot_url)
    processes.python(NAME, *program, cwd=data.parent)
    patience.until("the server listens", lambda: _read(processes.said(NAME)) is not None)
    serving = _read(processes.said(NAME))
    assert serving is not None
    return serving


def _read(said: str) -> Serving | None:
    """The addresses that it printed, once all are there."""
    found = [re.search(rf"^{name}\s+(http\S+)", said, re.M) for name in PRINTED]
    urls = [match[1] for match in found if match is not None]
    if len(urls) < len(PRINTED) or not said.endswith("\n"):
        return None
    return Serving(_address(urls[0]), _address(urls[1]), urls[2])


def _address(url: str) -> Address:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80
