"""Signed packages from end to end: the example signs, a real device believes, over real HTTP."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.codes import Kind
from fumo.device.edges.boot_env import BootEnv
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.tuf_trust import Unusable
from fumo.device.main import Machine
from fumo.device.reading import SettingsError
from fumo.device.settings import Settings
from fumo.testing.machine import Listened
from fumo.testing.world import package
from tests.device.test_process import Handler, Served, settings_of, words

ROOT = Path(__file__).resolve().parents[2]
IMAGE = b"a new image" * 1000


class Site(Handler):
    """What is not there is 404, as a new root that nobody has made."""

    def do_GET(self) -> None:
        if self.path in self.server.files:
            super().do_GET()
        else:
            self.send_error(404)


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as server:
        server.RequestHandlerClass = Site
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def signed(served: Served, folder: Path, image: bytes = IMAGE) -> None:
    """The package and a new state of the repository are served; made by the example."""
    fw = folder / "lamp-2.pkg"
    fw.write_bytes(package(image, "2", model="fumo-device"))
    example = ROOT / "examples/sign_packages.py"
    subprocess.run([sys.executable, example, folder / "repository", fw], check=True, timeout=60)
    served.files["/lamp-2.pkg"] = fw.read_bytes()
    for path in (folder / "repository").iterdir():
        served.files[f"/metadata/{path.name}"] = path.read_bytes()


def settings(served: Served, folder: Path, monkeypatch, **more: str) -> Settings:
    told = {"METADATA_URL": f"{served.url}/metadata"} | more
    told |= {"ROOT": str(folder / "repository" / "1.root.json")}
    for name, value in told.items():
        monkeypatch.setenv(f"FUMO_DEVICE_TRUST_{name}", value)
    return settings_of(words(f"{served.url}/dm", folder, "--once", "--attempts", "2"))


def updated(served: Served, told: Settings) -> int:
    """Order the package, be the device until it is done, and give the result."""
    served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{served.url}/lamp-2.pkg", str(len(served.files)))
    log = Listened()
    assert Machine(told, True, log).run() == 0, log.events
    return served.dm.heard[-1].number or 0


def test_what_is_signed_is_installed_and_what_was_changed_later_is_not(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    signed(served, tmp_path)
    told = settings(served, tmp_path, monkeypatch)
    assert updated(served, told) == 200
    env = BootEnv(DiskFolder(tmp_path / "slots")).known()
    assert env.images[env.good].version == "2"
    signed(served, tmp_path, b"another" + IMAGE)
    assert updated(served, told) == 200
    served.fetched.clear()
    served.files["/metadata/timestamp.json"] = served.files["/metadata/timestamp.json"][:-9]
    assert updated(served, told) == 404
    assert not any("lamp" in path for path in served.fetched)


def test_a_device_does_not_start_without_the_trust_that_it_shall_have(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    signed(served, tmp_path)
    told = settings(served, tmp_path, monkeypatch)
    (tmp_path / "repository" / "1.root.json").write_text("{}")
    with pytest.raises(Unusable, match="root metadata"):
        Machine(told)
    (tmp_path / "repository" / "1.root.json").unlink()
    with pytest.raises(FileNotFoundError):
        Machine(told)


def test_an_address_without_a_root_is_no_setting(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(SettingsError, match="metadata_url: is missing"):
        settings(served, tmp_path, monkeypatch, METADATA_URL="")
    monkeypatch.setenv("FUMO_DEVICE_DOWNLOAD_PLAIN_PACKAGES", "true")
    with pytest.raises(SettingsError, match="take one of the two"):
        settings(served, tmp_path, monkeypatch)
