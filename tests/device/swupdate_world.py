"""A machine with SWUpdate and U-Boot's environment: both real, but for the loader that starts.

`boots` does what U-Boot does with `bootcount`, `bootlimit` and `altbootcmd`, by the same
environment files that `fw_setenv` writes. Everything lies in one folder.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import pytest

from fumo.device.bundles import Copy
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.swupdate import SwupdateAgent
from fumo.device.edges.swupdate_run import Told, swupdate
from fumo.device.edges.uboot_env import UbootEnv
from fumo.package.fitness import Device
from fumo.package.manifest import SWUPDATE
from fumo.testing.machine import Listened
from fumo.update.happening import Woke
from fumo.update.operation import Intent
from fumo.update.records import fold
from tests.device.certificates import signer
from tests.device.machine import Coins, Machine

PROGRAMS = ("swupdate", "swugenerator", "fw_printenv", "fw_setenv", "openssl")
SLOT_BYTES = 1 << 20
ENV_BYTES = 0x4000
ONE_AT_A_TIME = Path(tempfile.gettempdir()) / "fumo-tests-uboot-env.lock"
"""libubootenv has one lock for the whole machine, which a held SWUpdate holds, too."""
BOOTLIMIT = 3
LAMP = Device("lamp", "", hardware="r1", formats=(SWUPDATE,))

DESCRIPTION = """software =
{{
    version = "{version}";
    hardware-compatibility: [ "{hardware}" ];
    stable = {{
        copy-a: {{ images: (
            {{ filename = "root.img"; device = "{root}/slot-a"; type = "raw"; }} ); }};
        copy-b: {{ images: (
            {{ filename = "root.img"; device = "{root}/slot-b"; type = "raw"; }} ); }};
    }};
}}
"""

SLOW = """#!/bin/sh
# SWUpdate, held up right before it installs for as long as `hold` is there.
case "$*" in
*" -c") ;;
*) echo x >> {root}/installs; while [ -e {root}/hold ]; do sleep 0.02; done;;
esac
exec swupdate "$@"
"""


def missing() -> str:
    """Why SWUpdate cannot be had here, if so."""
    gone = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"not installed: {', '.join(gone)}" if gone else ""


real = pytest.mark.skipif(bool(missing()), reason=f"SWUpdate: {missing()}")


def programs_in(root: Path):
    """What reads and what writes the environment."""
    config = ("-c", str(root / "fw_env.config"))
    return ("fw_printenv", *config), ("fw_setenv", *config, "-f", str(root / "defaults"))


def command_in(root: Path):
    """SWUpdate, but for what it is to do."""
    return (str(root / "slow"), "-k", str(root / "maker.pem"), "-H", "lamp:r1", "-M", "-m")


def running_in(root: Path) -> str:
    """The slot that the machine started from."""
    words = (root / "cmdline").read_text().split()
    return next(word for word in words if word.startswith("fumo.slot=")).partition("=")[2]


def agent_in(root: Path, runs, device: Device, dice, log) -> SwupdateAgent:
    """An agent of the folder alone."""
    notes, folder = DiskFolder(root / "notes"), root / "packages"
    env = UbootEnv(programs_in(root), ("a", "b"), (notes, root / "notes"))
    copies = {name: Copy(f"stable,copy-{name}", str(root / f"slot-{name}")) for name in ("a", "b")}
    told = (command_in(root), copies, lambda: running_in(root), env)
    return SwupdateAgent(runs, *told, notes, DiskFolder(folder), folder, device, dice, log)


def apply_alone(root: Path, intent: Intent) -> None:
    """What a process does that will not live to see its end."""
    runs = partial(swupdate, limit_s=60.0, folder=root / "notes")
    agent_in(root, runs, LAMP, Coins(), Listened()).apply(intent)


class SwupdateWorld:
    """The machine's disk, boot environment and programs. There is one at a time."""

    def __init__(self, root: Path, keys: Path) -> None:
        self._alone = ONE_AT_A_TIME.open("w")
        fcntl.flock(self._alone, fcntl.LOCK_EX)
        self.root, self.keys = root, keys
        for name in ("artifacts", "notes", "packages"):
            (root / name).mkdir(parents=True)
        shutil.copy(signer(keys, "maker")[0], root / "maker.pem")
        for name, text in (("a", b"old firmware"), ("b", b"older firmware")):
            (root / f"slot-{name}").write_bytes(text.ljust(SLOT_BYTES, b"\0"))
        lines = [f"{root}/env-{copy} 0x0 {ENV_BYTES:#x}\n" for copy in (0, 1)]
        (root / "fw_env.config").write_text("".join(lines))
        for copy in (0, 1):
            (root / f"env-{copy}").write_bytes(bytes(ENV_BYTES))
        (root / "defaults").write_text("")
        (root / "slow").write_text(SLOW.format(root=root))
        (root / "slow").chmod(0o755)
        self.dice = Coins()
        self.set_env(fumo_good="a", fumo_slot="a", bootlimit=str(BOOTLIMIT))
        self.boots()

    def set_env(self, **values: str) -> None:
        script = "".join(f"{name}={value}\n" for name, value in values.items())
        words = [*self.programs[1], "-s", "-"]
        subprocess.run(words, input=script, text=True, check=True, capture_output=True)

    def env(self, name: str) -> str:
        words = [*self.programs[0], "-n", name]
        return subprocess.run(words, capture_output=True, text=True).stdout.strip()

    def boots(self) -> None:
        """The machine starts, as U-Boot starts it."""
        if self.env("upgrade_available") == "1":
            count = int(self.env("bootcount") or 0) + 1
            self.set_env(bootcount=str(count))
            if count > BOOTLIMIT:  # altbootcmd
                token, good = self.env("fumo_token"), self.env("fumo_good")
                self.set_env(fumo_slot=good, fumo_fell_back=token, upgrade_available="0")
        (self.root / "cmdline").write_text(f"console=ttyS0 fumo.slot={self.env('fumo_slot')} rw\n")

    @property
    def command(self):
        return command_in(self.root)

    @property
    def programs(self):
        return programs_in(self.root)

    def running(self) -> str:
        return running_in(self.root)

    booted = running

    def bundle(
        self, image: bytes, version: str = "2", hardware: str = "r1", by: str = "maker"
    ) -> bytes:
        """A bundle by SWUpdate's own generator."""
        root = self.root
        (root / "artifacts" / "root.img").write_bytes(image)
        told = DESCRIPTION.format(version=version, hardware=hardware, root=root)
        (root / "sw-description").write_text(told)
        certificate, key = signer(self.keys, by)
        words = ["swugenerator", "-s", "sw-description", "-a", "artifacts", "-o", "made.swu"]
        words += ["-k", f"CMS,{key},{certificate}", "create"]
        subprocess.run(words, check=True, capture_output=True, cwd=root)
        return (root / "made.swu").read_bytes()

    def hold(self) -> None:
        (self.root / "hold").touch()

    def go_on(self) -> None:
        (self.root / "hold").unlink(missing_ok=True)

    def wait_till_it_writes(self) -> None:
        deadline_s = time.monotonic() + 30
        while self.installs() == 0:
            assert time.monotonic() < deadline_s, "SWUpdate does not install"
            time.sleep(0.01)

    def installs(self) -> int:
        """How often SWUpdate was started to install."""
        file = self.root / "installs"
        return len(file.read_text().split()) if file.exists() else 0

    def write(self, words, image: bytes) -> None:
        """What SWUpdate does, asked so."""
        if "-c" not in words:
            name = words[words.index("-e") + 1].rpartition("-")[2]
            (self.root / f"slot-{name}").write_bytes(image.ljust(SLOT_BYTES, b"\0"))

    def processes(self) -> list[int]:
        """The pids of SWUpdates of this world alone."""
        words = ["pgrep", "-f", "--", f"-i {self.root}/"]
        return [int(pid) for pid in subprocess.run(words, capture_output=True).stdout.split()]

    def close(self) -> None:
        """Nothing of it goes on."""
        self.go_on()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._alone.close()

    def slot(self, name: str) -> bytes:
        return (self.root / f"slot-{name}").read_bytes()


class SwupdateMachine(Machine):
    """A `Machine` whose update agent is `swupdate`."""

    def __init__(self, world: SwupdateWorld, data: bytes, device: Device = LAMP, **rest) -> None:
        self.world, self.device = world, device
        self.notes = DiskFolder(world.root / "notes")
        self.log = Listened()
        self.limit_s, self.image = 60.0, None
        super().__init__(data, **rest)
        self.packages = DiskFolder(world.root / "packages")
        self.packages.replace("package", data)
        self.agent = self.new_agent()

    def new_agent(self) -> SwupdateAgent:
        return agent_in(self.world.root, self.runs, self.device, self.world.dice, self.log)

    def runs(self, words) -> Told:
        if self.image is not None:  # no word of SWUpdate is needed where the flip is the story
            self.world.write(words, self.image)
            return Told(0)
        return swupdate(words, self.limit_s, self.world.root / "notes")

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
