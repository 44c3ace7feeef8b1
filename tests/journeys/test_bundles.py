"""RAUC and SWUpdate in a whole device: a real process, a DM server, a package by HTTP.

A restart of the machine is asked for by the device's `reboot` command; then the process is ended,
as an init system does it, the boot loader chooses, and a new process begins.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from fumo.codes import Kind
from tests.device.rauc_world import RaucWorld
from tests.device.rauc_world import real as real_rauc
from tests.device.swupdate_world import SwupdateWorld, programs_in
from tests.device.swupdate_world import real as real_swupdate
from tests.device.test_process import SECRETS, Served, served

__all__ = ["served"]
EXAMPLES = Path(__file__).parents[2] / "examples"
IMAGE = os.urandom(200_000)
STARTS_MAX = 8
DEVICE_PROGRAM = "import sys; from fumo.cli.device import light_main; sys.exit(light_main())"
LIFE_S = 60.0

DEVICE = """
[device]
id = "IMEI:1"
model = "lamp"
hardware = "r1"
state = "{root}/state"
reboot = ["touch", "{root}/reboot"]

[server]
url = "{server}/dm"

[session]
poll_s = 0.3
backoff_s = 0.05

[download]
plain_packages = true

[log]
format = "text"
"""

WITH_RAUC = """
[[object]]
agent = "rauc"

[object.rauc]
bus = "{bus}"
boot_id_file = "{root}/boot-id"
patience_s = 20
"""

WITH_SWUPDATE = """
[[object]]
agent = "swupdate"

[object.swupdate]
command = {command}
read_env = {read_env}
write_env = {write_env}
running_file = "{root}/cmdline"

[object.swupdate.a]
select = "stable,copy-a"
device = "{root}/slot-a"

[object.swupdate.b]
select = "stable,copy-b"
device = "{root}/slot-b"
"""


class Product:
    """A machine with its device program, which an init system starts and ends."""

    def __init__(self, world, served: Served, agent: str) -> None:
        self.world, self.served = world, served
        self.config = world.root / "device.toml"
        self.config.write_text(DEVICE.format(root=world.root, server=served.url) + agent)
        self.asked, self.log = world.root / "reboot", world.root / "log"
        self.told: list[str] = []

    def lives(self) -> None:
        """Until a result was heard, and nothing is owed."""
        while not self._one_life():
            self.world.boots()
            assert len(self.told) < STARTS_MAX, self.told

    def dies_while_it_installs(self) -> None:
        """A life that ends by SIGKILL, when the installer is at work; that goes on."""
        self.world.hold()
        with self._begun() as process:
            self.world.wait_till_it_writes()
            process.kill()
        self.told.append(self.log.read_text())
        threading.Timer(0.5, self.world.go_on).start()

    def _one_life(self) -> bool:
        """Did it end by itself? False: it asked for a restart of the machine."""
        with self._begun() as process:
            deadline_s = time.monotonic() + LIFE_S
            while process.poll() is None and not self.asked.exists():
                assert time.monotonic() < deadline_s, self.log.read_text()
                time.sleep(0.02)
            ended = process.poll() is not None
            process.terminate()
        self.told.append(self.log.read_text())
        assert process.returncode == 0, self.told[-1]
        return ended

    @contextmanager
    def _begun(self) -> Iterator[subprocess.Popen[bytes]]:
        """A process of it, which has ended afterwards."""
        self.asked.unlink(missing_ok=True)
        words = ["run", "--config", str(self.config), "--once", *SECRETS]
        with self.log.open("w") as file:
            process = subprocess.Popen([sys.executable, "-c", DEVICE_PROGRAM, *words], stderr=file)
        try:
            yield process
            process.wait(30)
        finally:
            process.kill()
            process.wait()


def with_rauc(root: Path, served: Served, keys: Path) -> Product:
    world = RaucWorld(root / "w", keys)
    return Product(world, served, WITH_RAUC.format(bus=world.address, root=world.root))


def with_swupdate(root: Path, served: Served, keys: Path) -> Product:
    world = SwupdateWorld(root / "w", keys)
    read_env, write_env = (msgspec.json.encode(words).decode() for words in programs_in(world.root))
    command = msgspec.json.encode(world.command).decode()
    told = {"command": command, "read_env": read_env, "write_env": write_env}
    return Product(world, served, WITH_SWUPDATE.format(root=world.root, **told))


KINDS = [
    pytest.param(with_rauc, marks=real_rauc, id="rauc"),
    pytest.param(with_swupdate, marks=real_swupdate, id="swupdate"),
]


@pytest.fixture(params=KINDS)
def product(request, served: Served, tmp_path_factory):
    # a short path: SWUpdate has sockets in it
    root, keys = tmp_path_factory.mktemp("p"), tmp_path_factory.mktemp("keys")
    product = request.param(root, served, keys)
    yield product
    product.world.close()


def test_without_its_extra_the_agent_rauc_says_what_is_missing(tmp_path: Path):
    light = "import sys; sys.modules['jeepney'] = None; from fumo.cli.device import light_main; "
    words = ["run", "--config", str(EXAMPLES / "rauc.toml"), "--state", str(tmp_path)]
    line = [sys.executable, "-c", f"{light} sys.exit(light_main())", *words]
    told = subprocess.run(line, capture_output=True, text=True, timeout=30)
    assert told.returncode == 2
    last = told.stderr.splitlines()[-1]
    assert last == "fumo-device: the update agent rauc needs the extra fumo[dbus]"


def ordered(product: Product, bundle: bytes) -> None:
    product.served.files["/p"] = bundle
    product.served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{product.served.url}/p")


def heard(product: Product) -> list[int]:
    return [alert.number for alert in product.served.dm.heard]


@pytest.mark.clause("C04b", "C08")
def test_a_bundle_from_order_to_report(product: Product):
    ordered(product, product.world.bundle(IMAGE))
    product.lives()
    assert heard(product) == [200], product.told
    assert product.served.fetched == ["/p"]
    assert product.world.slot("b")[: len(IMAGE)] == IMAGE
    assert len(product.told) == 2  # lives


def test_a1_a_corrupt_bundle_is_reported_and_nothing_written(product: Product):
    good = product.world.bundle(IMAGE)
    middle = len(good) // 2
    ordered(product, good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :])
    product.lives()
    assert heard(product) == [402], product.told
    assert product.world.slot("b").startswith(b"older firmware\0")
    assert len(product.told) == 1


def test_f3_killed_while_it_installs_the_next_life_ends_it(product: Product):
    ordered(product, product.world.bundle(IMAGE))
    product.dies_while_it_installs()
    product.lives()
    assert heard(product) == [200], product.told
    assert product.served.fetched == ["/p"]
    assert product.world.slot("b")[: len(IMAGE)] == IMAGE
    assert product.world.booted() == "b"


def test_f26_an_image_that_is_not_well_falls_back(product: Product):
    product.config.write_text(product.config.read_text() + '\n[health]\ncommand = ["false"]\n')
    ordered(product, product.world.bundle(IMAGE))
    product.lives()
    assert heard(product) == [410], product.told
    assert product.world.booted() == "a"
    assert product.world.slot("a").startswith(b"old firmware\0")
