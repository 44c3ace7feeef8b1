"""The operator of the demo: what `fumo devices`, `package`, `campaign` and `operations` say.

HTTP over the Unix socket in the server's folder, as the command line does it. The server's
database is never opened from here.
"""

import http.client
import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from fumo.depot.edges.folder import FolderStore
from fumo.errors import FumoError
from fumo.fleet.cast import Actor
from fumo.fleet.evidence import Counted, Row, now_ns
from fumo.package.manifest import read_head

ANSWER_S_MAX = 15.0
API = "/api/v1"
PAGE = 500
KIND = "downloadandupdate"
COUNTING = ("final", "late")
"""Matches of an alert that make it a result."""


class Operator:
    """Speaks to one server."""

    def __init__(self, data: Path) -> None:
        """`data` is the server's folder."""
        self._data = data
        self.depot_log = data / "depot" / "requests.jsonl"

    def add_device(self, actor: Actor) -> None:
        """Say that a device may come."""
        names = {"id": actor.name, "user": actor.user, "password": actor.password}
        self._ask("POST", "/devices", {**names, "server_password": actor.server_password})

    def add_package(self, package: bytes, name: str, version: str) -> None:
        """Put a package into the depot, and say so."""
        manifest, _ = read_head(package)
        path = self._data / f"{name}.fumo"
        path.write_bytes(package)
        with path.open("rb") as file:
            stored = FolderStore(self._data / "depot").add(file)
        about = {"name": name, "version": version, "model": manifest.model, "id": 0}
        told = {"sha256": stored.sha256, "length": stored.length}
        self._ask("POST", "/packages", {**about, **told, "from_version": manifest.from_version})

    def order(self, package: str, devices: list[str]) -> int:
        """Begin a campaign; its id."""
        asked = {"package": package, "devices": devices, "operation": KIND}
        return int(self._ask("POST", "/campaigns", asked)["id"])

    def retry(self, campaign: int) -> int:
        """Order anew what failed; how many operations that made."""
        return int(self._ask("POST", f"/campaigns/{campaign}/retry")["operations"])

    def rows(self, campaign: int) -> list[Row]:
        """The server's rows of a campaign's operations."""
        rows: list[Row] = []
        path = f"/operations?campaign={campaign}&limit={PAGE}"
        page = self._ask("GET", path)
        while page["next"]:
            rows += map(_row, page["items"])
            page = self._ask("GET", f"{path}&cursor={page['next']}")
        return [*rows, *map(_row, page["items"])]

    def counters(self, campaign: int) -> Counted:
        """The campaign's counters."""
        told = self._ask("GET", f"/campaigns/{campaign}")
        states = told["states"]
        return Counted(
            at_ns=now_ns(),
            campaign=campaign,
            succeeded=states.get("succeeded", 0),
            failed=states.get("failed", 0),
            results=sum(told["results"].values()),
        )

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        line = _Line(self._data / "admin.sock")
        try:
            said = b"" if body is None else msgspec.json.encode(body)
            line.request(method, API + path, said, {"Content-Type": "application/json"})
            answer = line.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise FumoError(f"the server refuses {method} {path}: {answer.status} {text!r}")
            return msgspec.json.decode(text)
        finally:
            line.close()


class _Line(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER_S_MAX)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:  # by the folder's number, since a socket's path has to be short
            self.sock.connect(f"/proc/self/fd/{folder}/{self._path.name}")
        finally:
            os.close(folder)


def _row(told: dict[str, Any]) -> Row:
    return Row(
        at_ns=now_ns(),
        id=told["id"],
        device=told["device"],
        campaign=told["campaign"],
        correlator=told["correlator"],
        path=urlsplit(told["url"] or "").path,
        state=told["state"],
        result=told["result"],
        retry_of=told["retry_of"],
        counted=sum(told["alerts"].get(match, 0) for match in COUNTING),
    )
