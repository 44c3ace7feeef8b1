"""Two servers on one PostgreSQL, and the shipped nginx before them: the set-up of the how-to."""

import json
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from fumo.cli.admin import Admin
from fumo.cli.group import fumo
from tests.deploy.front import Front, free_port, started
from tests.postgres import Cluster
from tests.server.process import FREE, Process
from tests.wire.certificates import Authority

GRACE_S = 5.0
"""Long enough to be seen by who looks, on a machine that is busy."""


class Site:
    """Everything that is set up: what the how-to describes, on free ports of this machine."""

    def __init__(self, folder: Path, postgres: Cluster, ends: ExitStack) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.authority = Authority(folder, "root")
        port = free_port()
        self.url = f"https://localhost:{port}"
        shared = (
            *("--database", postgres.fresh(), "--store", str(self.store)),
            *("--depot-url", self.url, "--public-url", self.url),
            *("--accel", "/internal/", "--proxy-net", "127.0.0.0/8", "--grace", str(GRACE_S)),
        )
        self.servers = [Process(folder / name, FREE, FREE, *shared) for name in ("a", "b")]
        for server in self.servers:
            ends.callback(server.kill)  # which needs no grace
        self.front = self._front(port)
        ends.enter_context(started(self.front))

    def _front(self, port: int) -> Front:
        upstreams = {
            "fumo_servers": [server.listen for server in self.servers],
            "fumo_depots": [s.depot_url.removeprefix("http://") for s in self.servers],
        }
        own = self.authority.signs("front", "DNS:localhost")
        where = self.folder / "n"
        return Front(where, port, own, self.authority.root, upstreams, self.store)

    def command(self, *words: str) -> str:
        """A command of an admin elsewhere, who comes by the front."""
        token = self.folder / "token"
        if not token.exists():
            admin = Admin(self.servers[0].data)
            admin.post("/users", {"name": "ann", "role": "admin"})
            token.write_text(admin.post_once("/tokens", {"user": "ann"})["token"])
        way = ("--server", self.url, "--token-file", str(token), "--ca", str(self.authority.root))
        done = CliRunner().invoke(fumo, [*words, *way])
        assert done.exit_code == 0, done.output
        return done.stdout

    def lines(self) -> list[dict[str, Any]]:
        """The log of the front, once it is written."""
        time.sleep(1.2)
        return [json.loads(line) for line in self.front.log.read_text().splitlines()]


def status(server: Process, path: str) -> int:
    """What a server answers by itself; 0: it does not."""
    link = HTTPConnection(*server.address, timeout=5)
    try:
        link.request("GET", path)
        return link.getresponse().status
    except OSError:
        return 0
    finally:
        link.close()


def asked(site: Site, path: str, **headers: str) -> tuple[int, bytes]:
    """What the front answers to a new connection."""
    link = site.front.ask()
    link.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = link.getresponse()
    told = answer.status, answer.read()
    link.close()
    return told
