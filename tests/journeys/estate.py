"""A server, a depot over a store, whoever signs, and devices: all real processes and sockets."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from fumo.cli.group import fumo
from fumo.depot.edges.opening import open_store
from fumo.depot.log import Line, read_log
from fumo.device.edges.boot_env import BootEnv
from fumo.device.edges.disk import DiskFolder
from tests.journeys.people import People
from tests.journeys.signer import Signer
from tests.server.process import Process

MODEL = "lamp"
SECRETS = ("--user", "u1", "--password", "p1", "--server-password", "s1")
DEVICE = "import sys; from fumo.cli.device import light_main; sys.exit(light_main())"


class Estate:
    """One server and one depot over `where`; packages by `package`, orders by `orders`."""

    def __init__(
        self, folder: Path, where: str, *more: str, signer: Signer | People | None = None
    ) -> None:
        self.folder = folder
        self.signer = signer or People(folder, where)
        self.store = open_store(where)
        self.server = Process(
            folder / "server", "127.0.0.1:0", "127.0.0.1:0", "--store", where, *more
        )
        self.devices = 0

    def stop(self) -> None:
        self.server.stop()

    # What operators do.

    def says(self, *words: str) -> str:
        """A command of the command line, which must go well."""
        done = CliRunner().invoke(fumo, list(words))
        assert done.exit_code == 0, (words, done.output)
        return done.output

    def asks(self, *words: str) -> str:
        """The same, of this server."""
        return self.says(*words, "--data", str(self.server.data))

    def package(self, image: bytes, version: str, *more: str) -> Path:
        """Built by the command; not in the depot yet."""
        raw, built = self.folder / f"image-{version}", self.folder / f"lamp-{version}.pkg"
        raw.write_bytes(image)
        self.says("package", "build", str(raw), "--model", MODEL, "--version", version,
                  "-o", str(built), *more)  # fmt: skip
        return built

    def adds(self, package: Path, version: str) -> None:
        self.asks("package", "add", str(package), "--name", MODEL, "--version", version)

    def delta(self, base: Path, package: Path) -> dict[str, object]:
        """Made by the command, put into the depot; what is to be signed of it."""
        to = self.folder / "deltas"
        told = self.says("package", "delta", str(base), str(package), "--to", str(to), "-o", "json")
        route: dict[str, object] = json.loads(told)
        with (to / str(route["sha256"])).open("rb") as content:
            self.store.add(content)
        return route

    def publishes(self) -> None:
        self.signer.publishes(self.store)

    def orders(self, device: str, version: str, *terms: str) -> int:
        """A campaign for one device: the number of its operation."""
        what = ("--package", f"{MODEL}@{version}", "--operation", "downloadandupdate")
        self.asks("campaign", "create", "--device", device, *what, *terms)
        return int(self.operations(device)[0]["id"])

    def operations(self, device: str) -> list[dict[str, Any]]:
        told = self.asks("operations", "list", "--device", device, "-o", "json")
        return list(json.loads(told))

    def story(self, operation: int) -> dict[str, Any]:
        return dict(json.loads(self.asks("operations", "show", str(operation), "-o", "json")))

    def result(self, operation: int) -> int | None:
        """What the device reported."""
        told: int | None = self.story(operation)["operation"]["result"]
        return told

    def log(self, operation: int) -> list[Line]:
        """What the depot was asked for this operation."""
        lines = read_log(self.server.data / "depot" / "requests.jsonl")
        return [line for line in lines if line.operation == str(operation)]


class Lamp:
    """A device that believes what the estate's signer signed."""

    def __init__(self, estate: Estate, trusts: bool = True, **more: Any) -> None:
        estate.devices += 1
        self.id = f"LAMP:{estate.devices}"
        self.folder = estate.folder / f"lamp-{estate.devices}"
        self.folder.mkdir()
        estate.asks("devices", "add", self.id, *SECRETS)
        root = self.folder / "root.json"
        root.write_bytes(estate.signer.factory_root)
        trust = {"metadata_url": f"{estate.server.depot_url}/metadata", "root": str(root)}
        self.tables: dict[str, dict[str, Any]] = {
            "device": {"id": self.id, "model": MODEL, "state": str(self.folder / "state")},
            "server": {"url": estate.server.dm_url, "user": "u1", "user_password": "p1",
                       "password": "s1"},
            "session": {"poll_s": 0.2, "gap_s": 0.05, "push_gap_s": 0.1, "backoff_s": 0.05},
            "download": {"attempts": 2, "backoff_s": 0.05},
            "trust": trust if trusts else {},
            "log": {"format": "text"},
        }  # fmt: skip
        for name, table in more.items():
            self.tables[name] |= table

    @property
    def slots(self) -> Path:
        return self.folder / "slots"

    def line(self, *words: str) -> list[str]:
        """The command that runs it."""
        file = self.folder / "device.toml"
        file.write_text(_toml(self.tables) + f'[[object]]\nslots = "{self.slots}"\n')
        return [sys.executable, "-c", DEVICE, "run", "--config", str(file), *words]

    def lives(self) -> str:
        """Until nothing is owed; what it said."""
        done = subprocess.run(
            self.line("--once"), stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    @contextmanager
    def sleeps(self) -> Iterator["subprocess.Popen[str]"]:
        """It waits for a datagram, and for nothing else."""
        self.tables["session"] |= {"poll_s": 3600.0, "push": "127.0.0.1:0"}
        with subprocess.Popen(self.line(), stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.terminate()
                process.communicate(timeout=20)

    @property
    def runs(self) -> bytes:
        """The image in the slot that runs."""
        env = BootEnv(DiskFolder(self.slots)).known()
        image = env.images.get(env.running)
        files = DiskFolder(self.slots)
        return files.read(env.running, 0, image.length) if image else b""

    def disk(self) -> dict[str, bytes]:
        """All that an update would change: slots and environment."""
        return {path.name: path.read_bytes() for path in self.slots.rglob("*") if path.is_file()}


def _toml(tables: dict[str, dict[str, Any]]) -> str:
    lines = []
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"
