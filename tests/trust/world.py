"""A device that believes a repository: its real downloader and update agent, with two slots."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from fumo.codes import Kind
from fumo.device.compose import Parts
from fumo.device.edges.ab_file import AbFile
from fumo.device.edges.boot_env import SLOTS, BootEnv, Image
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.edges.metadata_source import Bounds
from fumo.device.edges.patching import Patching
from fumo.device.edges.tuf_trust import TufTrust
from fumo.device.ports import Trust
from fumo.device.vouching import Vouched, voucher
from fumo.package.manifest import Manifest, build, encode
from fumo.testing.disk import MemoryFiles
from fumo.testing.machine import AtOnce
from fumo.testing.server import OBJECT, replace_leaf
from fumo.testing.world import MODEL, DeviceWorld
from fumo.update.operation import Policy
from tests.trust.repository import BASE, NOW_S, Lab

OLD, NEW = b"old firmware " * 40, b"new firmware! " * 50
HARDWARE, COUNTER = "r2", 3
NAME = "lamp-2.pkg"
URL = f"http://127.0.0.1/p/{NAME}"


def says(image: bytes = NEW, **changes) -> Manifest:
    """The manifest of a package that fits the device, unless it is changed."""
    said = {"model": MODEL, "version": "2", "length": len(image)}
    said |= {"sha256": sha256(image).hexdigest(), "security_counter": COUNTER}
    return Manifest(**(said | changes))


def package_of(manifest: Manifest, image: bytes = NEW) -> bytes:
    return b"".join(build(manifest, [image]))


def custom_of(manifest: Manifest, **more) -> dict:
    """The manifest as it stands in metadata."""
    return json.loads(encode(manifest)) | more


class TrustedWorld(DeviceWorld):
    """`lab` is the repository, `depot` whoever serves packages, `server` whoever orders."""

    def __init__(self, folder: Path, lab: Lab | None = None, bounds: Bounds | None = None):
        """Nothing is listed yet."""
        super().__init__(policy=Policy(download_attempts_max=2, backoff_base_s=1.0))
        self.lab = lab or Lab()
        self.folder = folder
        self.bounds = bounds
        self.clock_s, self.slow_s = NOW_S, 0.0
        self.yesterday: dict[str, bytes] = {}
        """What was served once."""
        self.slots = MemoryFiles()
        self.slots.write(SLOTS[0], 0, OLD)
        running = Image("1", len(OLD), sha256(OLD).hexdigest(), security_counter=COUNTER)
        BootEnv(self.slots).install(SLOTS[0], running)
        self.trusts: Callable[[], Trust] = self.tuf

    def tuf(self) -> TufTrust:
        """Trust as a new life of the agent has it: from the folder and the factory's root."""
        return TufTrust(
            self.folder,
            BASE,
            self.lab.factory_root,
            self.log,
            self.bounds,
            self.lab.get,
            lambda: self.clock_s,
            lambda: self.slow_s,
        )

    def offers(self, manifest: Manifest | None = None, image: bytes = NEW, **more) -> bytes:
        """The package is served, and listed under its name; not published yet."""
        manifest = manifest or says(image)
        data = package_of(manifest, image)
        self.depot.files[URL] = data
        self.lab.lists(NAME, data, custom_of(manifest, **more))
        return data

    def ab_file(self) -> AbFile:
        """The update agent itself."""
        return AbFile(self.slots, self.files, MODEL, self.dice, hardware=HARDWARE)

    def parts(self) -> dict[str, Parts]:
        """The real downloader, which asks before it fetches."""
        self.trust = self.trusts()
        agent = self.ab_file()
        downloader = HttpDownloader(
            self.files,
            self.limits,
            open_body=self.depot.open_body,
            vouch=voucher(self.trust, agent.device),
            patcher=Patching(agent.base, self.log),
        )
        vouched = Vouched(agent, self.trust)
        return {self.setup.objects[0]: Parts(downloader, vouched, AtOnce())}

    def boot(self) -> None:
        """The environment chooses the slot."""
        BootEnv(self.slots).boot()

    def orders(self, url: str | None = URL, kind: Kind = Kind.DOWNLOAD_AND_UPDATE) -> int:
        """Order it, live until it is told, and give the result."""
        self.server.orders(kind, url, f"c-{len(self.server.heard)}")
        self.run()
        return self.server.heard[-1].number

    def gives(self, data: bytes) -> int:
        """PkgData in a session, an order to install it, and the result."""
        self.server.says.append([replace_leaf(f"{OBJECT}/Update/PkgData", data)])
        return self.orders(None, Kind.UPDATE)

    @property
    def runs(self) -> bytes:
        """The image in the slot that runs."""
        env = BootEnv(self.slots).known()
        return self.slots.read(env.running, 0, env.images[env.running].length)

    def why(self) -> list[str]:
        """The reasons against packages, as they were logged."""
        return [str(line["why"]) for line in self.log.of("NotVouched")]

    def look(self) -> dict[str, bytes]:
        """All that an update would change: slots and environment."""
        return {name: bytes(data) for name, data in self.slots.volatile.items()}
