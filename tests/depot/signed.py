"""A signed repository behind the real depot, and a device that believes it, over real HTTP."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from tuf.api.metadata import TargetFile

from fumo.codes import Kind
from fumo.depot.log import Log
from fumo.depot.main import open_store
from fumo.depot.server import DepotServer
from fumo.depot.tuf import places, publishing, signing
from fumo.depot.tuf.key_files import KeyFiles
from fumo.depot.tuf.places import Desk, Published
from fumo.depot.tuf.signing import Given
from fumo.device.edges.tuf_trust import TufTrust
from fumo.package.fitness import Device
from fumo.testing.machine import Listened
from fumo.update.operation import Failure, Order

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEVICE = Device("lamp", "1", hardware="r1")
KEYS = ("root-1", "root-2", "root-3", "targets-1", "targets-2", "online", "next")


def file_of(image: bytes, **more: Any) -> TargetFile:
    """A bare image as it is listed."""
    digest = sha256(image).hexdigest()
    custom = {"model": "lamp", "version": "2", "length": len(image), "sha256": digest} | more
    return TargetFile(len(image), {"sha256": digest}, "fw.bin", {"custom": custom})


@contextmanager
def serving(store: Any, folder: Path) -> Iterator[str]:
    """The depot in a thread; where its metadata is."""
    loop = asyncio.new_event_loop()
    log = Log(folder / "requests.jsonl")
    server = DepotServer(store, b"a key for tests only", log)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    host, port = asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result(10)
    try:
        yield f"http://{host}:{port}/metadata"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
        log.close()


class Signed:
    """Two of three sign root, two sign targets, one key is online; `now` goes where it is put."""

    def __init__(self, folder: Path, now: datetime = NOW) -> None:
        """The first root is made, and one package is published."""
        self.folder, self.now, self.log = folder, now, Listened()
        self.keys = KeyFiles(folder / "keys")
        for name in KEYS:
            self.keys.make(name, None)
        self.desk = Desk(folder / "desk")
        self.store = open_store(folder / "depot")
        self.published = Published(self.store)
        given = {
            "root": self.given("root-1", "root-2", "root-3", threshold=2),
            "targets": self.given("targets-1", "targets-2", threshold=2),
            "snapshot": self.given("online"),
            "timestamp": self.given("online"),
        }
        signing.begin(self.desk, given, self.keys, self.now)
        self.root = self.desk.get("1.root.json") or b""
        self.lists({"fw.bin": file_of(b"image")})
        self.publish()

    def given(self, *names: str, threshold: int = 1) -> Given:
        return Given(tuple(self.keys.public(name) for name in names), threshold)

    def only(self, *names: str) -> KeyFiles:
        """The keys of somebody who holds these, and knows all others."""
        folder = self.folder / "-".join(names)
        folder.mkdir(exist_ok=True)
        for path in (self.folder / "keys").iterdir():
            if path.suffix == ".pub" or path.stem in names:
                (folder / path.name).write_bytes(path.read_bytes())
        return KeyFiles(folder)

    def lists(self, files: Mapping[str, TargetFile]) -> None:
        signing.list_files(self.desk, files, self.keys, self.now)

    def publish(self) -> list[str]:
        return publishing.publish(self.desk, self.published, self.keys, self.now)

    def after(self, days: float) -> None:
        self.now += timedelta(days)

    def taken(self) -> dict[str, bytes]:
        """All that is published now."""
        root = self.folder / "depot" / "plain" / "metadata"
        return {path.name: path.read_bytes() for path in root.iterdir()}

    def gives(self, files: Mapping[str, bytes]) -> None:
        """Whoever serves gives these now."""
        for name, data in files.items():
            self.published.put(name, data)

    def believes(self, url: str, name: str = "fw.bin", device: str = "d1") -> bool:
        """Would this device, which keeps what it saw, take the file?"""
        return self.result(url, name, device) == 200

    def result(self, url: str, name: str = "fw.bin", device: str = "d1") -> int:
        """What it would report; 200 when it would go on."""
        at = self.folder / device
        trust = TufTrust(at, url, self.root, self.log, now_s=self.now.timestamp)
        where = f"http://127.0.0.1/{name}"
        order = Order(1, "s", "./F", Kind.DOWNLOAD_AND_UPDATE, "c", "1", 1, 1, where)
        told = trust.vouch(order, DEVICE)
        return told.result if isinstance(told, Failure) else 200


def version_of(place: places.Place) -> int:
    told = places.timestamp(place)
    return told.signed.version if told else 0
