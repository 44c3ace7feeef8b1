"""A real device whose firmware is installed by a maker's own program, and the kill of it."""

import os
import signal
import time
from pathlib import Path

import pytest

from fumo.codes import Kind
from fumo.testing.world import package
from tests.device.test_process import Served, served, start, words

__all__ = ["served"]

IMAGE = b"new firmware\n" * 1000
SETTINGS = """
[[object]]
agent = "command"

[object.command]
install = ["/bin/sh", "-e", "{folder}/install"]
version_file = "{folder}/version"
mark_good = ["/bin/sh", "-c", "echo good >> {folder}/deeds"]
abort = ["/bin/sh", "-c", "echo abort >> {folder}/deeds; echo 1 > {folder}/version"]

[health]
command = ["/bin/sh", "-c", "echo health >> {folder}/deeds; [ ! -e {folder}/sick ]"]
"""
INSTALL = """
echo "install $FUMO_FROM_VERSION $FUMO_TO_VERSION" >> {folder}/deeds
cat > {folder}/image
[ ! -e {folder}/slow ] || sleep 600
echo "$FUMO_TO_VERSION" > {folder}/version
"""


class Maker:
    """A device with an installer, and one order for it."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served, self.folder = served, folder
        (folder / "device.toml").write_text(SETTINGS.format(folder=folder))
        (folder / "install").write_text(INSTALL.format(folder=folder))
        (folder / "version").write_text("1\n")
        served.files["/p"] = package(IMAGE, "2", model="fumo-device")
        served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{served.url}/p")

    def starts(self):
        config = str(self.folder / "device.toml")
        return start(words(f"{self.served.url}/dm", self.folder, "--config", config, "--once"))

    def lives(self) -> None:
        process = self.starts()
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told

    @property
    def deeds(self) -> list[str]:
        return (self.folder / "deeds").read_text().splitlines()

    @property
    def results(self) -> list[int]:
        return [alert.number for alert in self.served.dm.heard]


@pytest.fixture
def maker(served: Served, tmp_path: Path) -> Maker:
    return Maker(served, tmp_path)


def test_a_makers_installer_carries_out_an_update(maker: Maker):
    maker.lives()
    assert maker.results == [200]
    assert maker.deeds == ["install 1 2", "health", "good"]
    assert (maker.folder / "image").read_bytes() == IMAGE


def test_firmware_that_is_not_well_is_rolled_back_by_the_makers_program(maker: Maker):
    (maker.folder / "sick").touch()
    maker.lives()
    assert maker.results == [410]
    assert maker.deeds == ["install 1 2", *["health"] * 3, "abort"]
    assert (maker.folder / "version").read_text() == "1\n"


@pytest.mark.clause("C16")
def test_f3_a_device_killed_while_it_installs_reports_and_never_installs_again(maker: Maker):
    (maker.folder / "slow").touch()
    device = maker.starts()
    until_s = time.monotonic() + 30
    while not (maker.folder / "image").exists() and time.monotonic() < until_s:
        time.sleep(0.02)
    installers = children(device.pid)
    device.send_signal(signal.SIGKILL)
    try:
        device.wait(30)
        maker.lives()
        maker.lives()
    finally:
        for child in installers:
            os.killpg(child, signal.SIGKILL)
        device.communicate(timeout=30)
    assert maker.results == [409]
    assert maker.deeds == ["install 1 2"]


def children(pid: int) -> list[int]:
    """The processes that this one started, in any of its threads."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    told = [(thread / "children").read_text() for thread in threads]
    return [int(word) for line in told for word in line.split()]
