"""A machine with RAUC: its real service on a bus of its own, and a boot loader of files.

The boot loader is RAUC's `custom` one: a script that RAUC calls, and `boots`, which does what a
loader with a trial counter does at a start. The service is started by the bus when it is asked,
as on a real system; `--override-boot-slot` tells it what the loader chose.
Whatever was started here is stopped by `close`, and nothing else.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.rauc import RaucAgent
from fumo.device.edges.rauc_bus import RaucBus
from fumo.package.fitness import Device
from fumo.package.manifest import RAUC
from fumo.testing.machine import Listened
from fumo.update.happening import Woke
from fumo.update.records import fold
from tests.device.certificates import signer
from tests.device.machine import Coins, Machine

PROGRAMS = ("rauc", "dbus-daemon", "mksquashfs", "openssl", "mount")
SLOT_BYTES = 1 << 20
TRIALS_MAX = 3
LAMP = Device("lamp", "", hardware="r1", formats=(RAUC,))

CONF = """[system]
compatible=lamp
bootloader=custom
statusfile={root}/status.raucs
mountprefix={root}/mnt
activate-installed=false
bundle-formats=plain

[handlers]
bootloader-custom-backend={root}/backend

[keyring]
path={root}/maker.pem

[slot.rootfs.0]
device={root}/slot-a
type=raw
bootname=A

[slot.rootfs.1]
device={root}/slot-b
type=raw
bootname=B
"""

BACKEND = """#!/bin/sh
cd {root}/env || exit 1
echo "$*" >> asked
case "$1" in
get-primary) cat primary;;
set-primary) echo good > "state-$2"; echo {trials} > left; echo "$2" > primary;;
get-state) cat "state-$2";;
set-state) if [ "$3" = good ]; then echo "$2" > committed; fi; echo "$3" > "state-$2";;
*) exit 1;;
esac
"""

SERVICE = """#!/bin/sh
exec rauc --conf={root}/system.conf service --override-boot-slot=$(cat {root}/env/booted) \
>>{root}/service.log 2>&1
"""

ACTIVATION = """[D-BUS Service]
Name=de.pengutronix.rauc
Exec={root}/service
"""

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={root}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{root}/services</servicedir>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

MANIFEST = """[update]
compatible={compatible}
version={version}

[bundle]
format=plain

[hooks]
filename=hook

[image.rootfs]
filename=root.img
hooks=post-install
"""

# After the slot was written, and before RAUC says so: as long as the file `hold` is there.
HOOK = """#!/bin/sh
if [ "$1" = slot-post-install ]; then
  echo $$ > {root}/installing
  while [ -e {root}/hold ]; do sleep 0.02; done
fi
"""


def missing() -> str:
    """Why RAUC cannot be had here, if so."""
    gone = [name for name in PROGRAMS if shutil.which(name) is None]
    if gone:
        return f"not installed: {', '.join(gone)}"
    return "" if os.geteuid() == 0 else "RAUC mounts its bundles, which needs root"


real = pytest.mark.skipif(bool(missing()), reason=f"RAUC: {missing()}")


class RaucWorld:
    """The machine's disk, boot loader, bus and service."""

    def __init__(self, root: Path, keys: Path) -> None:
        self.root, self.keys = root, keys
        for name in ("env", "mnt", "services"):
            (root / name).mkdir(parents=True)
        shutil.copy(signer(keys, "maker")[0], root / "maker.pem")
        self._write("system.conf", CONF)
        self._write("backend", BACKEND, 0o755)
        self._write("service", SERVICE, 0o755)
        self._write("services/de.pengutronix.rauc.service", ACTIVATION)
        self._write("bus.conf", BUS)
        for name, text in (("a", b"old firmware"), ("b", b"older firmware")):
            (root / f"slot-{name}").write_bytes(text.ljust(SLOT_BYTES, b"\0"))
        first = {"primary": "A", "committed": "A", "booted": "A", "left": "0"}
        for name, text in {**first, "state-A": "good", "state-B": "bad", "asked": ""}.items():
            self.env(name, text)
        self.boot_count, self.dice = 0, Coins()
        words = ["dbus-daemon", f"--config-file={root}/bus.conf", "--nofork", "--print-address=1"]
        self.daemon = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.address = self.daemon.stdout.readline().strip()
        self.boots()

    @property
    def rauc(self) -> RaucBus:
        return RaucBus(self.address, patience_s=20, install_s=60)

    def env(self, name: str, text: str | None = None) -> str:
        """What the boot loader keeps under a name."""
        path = self.root / "env" / name
        if text is not None:
            path.write_text(f"{text}\n")
        return path.read_text().strip()

    def boots(self) -> None:
        """The machine starts: nothing that ran goes on, and the loader chooses the slot."""
        self.stop_service(signal.SIGKILL)
        self.boot_count += 1
        (self.root / "boot-id").write_text(f"boot {self.boot_count}\n")
        committed, primary = self.env("committed"), self.env("primary")
        if primary != committed:
            left = int(self.env("left")) - 1
            self.env("left", str(left))
            if left < 0 or self.env(f"state-{primary}") != "good":
                self.env(f"state-{primary}", "bad")
                primary = self.env("primary", committed)
        self.env("booted", primary)

    def boot_id(self) -> str:
        return (self.root / "boot-id").read_text().strip()

    def booted(self) -> str:
        """The slot that this start is from, as its file is named."""
        return self.env("booted").lower()

    def service_pid(self) -> int | None:
        """The process that answers on our bus as RAUC; proven to be the one of this world."""
        words = ["dbus-send", f"--bus={self.address}", "--print-reply=literal"]
        words += ["--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus."]
        words[-1] += "GetConnectionUnixProcessID"
        told = subprocess.run(
            [*words, "string:de.pengutronix.rauc"], capture_output=True, text=True
        )
        if told.returncode != 0:
            return None
        pid = int(told.stdout.split()[-1])
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        if not line:
            return None  # it just ended
        assert str(self.root / "system.conf").encode() in line, line
        return pid

    def stop_service(self, how: int) -> None:
        """End it, and what it mounted."""
        if (pid := self.service_pid()) is not None:
            os.kill(pid, how)
            while self.service_pid() is not None:
                time.sleep(0.02)
            self._stop_hook()
        while str(self.root / "mnt" / "bundle") in Path("/proc/mounts").read_text():
            subprocess.run(["umount", str(self.root / "mnt" / "bundle")], check=True)

    def _stop_hook(self) -> None:
        """The bundle's own program does not outlive the machine, either."""
        installing = self.root / "installing"
        pid = installing.read_text().strip() if installing.exists() else ""
        line = Path(f"/proc/{pid or 0}/cmdline")
        if pid and line.exists() and str(self.root).encode() in line.read_bytes():
            os.kill(int(pid), signal.SIGKILL)
            while line.exists() and line.read_bytes():
                time.sleep(0.02)

    def bundle(
        self, image: bytes, version: str = "2", compatible: str = "lamp", by: str = "maker"
    ) -> bytes:
        """A bundle by RAUC itself."""
        content = self.root / "content"
        shutil.rmtree(content, ignore_errors=True)
        content.mkdir()
        (content / "root.img").write_bytes(image)
        told = MANIFEST.format(version=version, compatible=compatible)
        (content / "manifest.raucm").write_text(told)
        self._write("content/hook", HOOK, 0o755)
        certificate, key = signer(self.keys, by)
        made = self.root / "made.raucb"
        made.unlink(missing_ok=True)
        words = ["rauc", "bundle", f"--cert={certificate}", f"--key={key}"]
        subprocess.run([*words, str(content), str(made)], check=True, capture_output=True)
        return made.read_bytes()

    def hold(self) -> None:
        """The next install stops after it wrote the slot, until `go_on`."""
        (self.root / "installing").unlink(missing_ok=True)
        (self.root / "hold").touch()

    def go_on(self) -> None:
        (self.root / "hold").unlink(missing_ok=True)

    def wait_till_it_writes(self) -> None:
        deadline_s = time.monotonic() + 30
        while not (self.root / "installing").is_file():
            assert time.monotonic() < deadline_s, "RAUC does not install"
            time.sleep(0.01)

    def asked(self, words: str) -> int:
        """How often RAUC asked the boot loader this."""
        return self.env("asked").splitlines().count(words)

    def installs(self) -> int:
        """How often RAUC began to write the slot that does not run."""
        log = self.root / "service.log"
        return log.read_text().count("Marking target slot") if log.exists() else 0

    def slot(self, name: str) -> bytes:
        return (self.root / f"slot-{name}").read_bytes()

    def close(self) -> None:
        self.go_on()
        with contextlib.suppress(ProcessLookupError):
            self.stop_service(signal.SIGKILL)
        self.daemon.terminate()
        self.daemon.wait(10)
        self.daemon.stdout.close()

    def _write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.root / name
        path.write_text(text.format(root=self.root, trials=TRIALS_MAX))
        path.chmod(mode)


class RaucMachine(Machine):
    """A `Machine` whose update agent is `rauc`."""

    def __init__(self, world: RaucWorld, data: bytes, device: Device = LAMP, **rest) -> None:
        self.world, self.device = world, device
        self.folder = world.root / "packages"
        self.notes = DiskFolder(world.root / "notes")
        self.log = Listened()
        super().__init__(data, **rest)
        self.packages = DiskFolder(self.folder)
        self.packages.replace("package", data)
        self.agent = self.new_agent()

    def new_agent(self, rauc=None) -> RaucAgent:
        files = (self.notes, DiskFolder(self.folder), self.folder)
        return RaucAgent(
            rauc or self.world.rauc,
            *files,
            self.device,
            self.world.dice,
            self.log,
            self.world.boot_id(),
        )

    def starts(self) -> None:
        if self.boots:
            self.world.boots()
        self.wakes()

    def wakes(self) -> None:
        """Our own process starts anew, and the machine goes on."""
        self.boots += 1
        self.agent = self.new_agent()
        self.target = fold(self.saved)
        self.happen(Woke(self.boots, 0.0))
