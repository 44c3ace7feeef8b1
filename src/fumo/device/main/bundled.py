"""The firmware of machines whose installer brings bundles of its own: RAUC, SWUpdate.

Both have a boot loader that chose the slot before this program began, and keep what they note in
a folder of the state, one for each object.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from fumo.device.bundles import Swupdate
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.machine import SystemDice, boot_of_machine
from fumo.device.edges.patching import Base
from fumo.device.edges.rauc import RaucAgent
from fumo.device.edges.swupdate import SwupdateAgent
from fumo.device.edges.swupdate_run import swupdate
from fumo.device.edges.uboot_env import UbootEnv
from fumo.device.ports import Log
from fumo.device.settings import ObjectSection, Settings
from fumo.package.fitness import Device
from fumo.package.manifest import RAUC, SWUPDATE


class RaucFirmware:
    """`rauc`: over D-Bus, with the extra `dbus`."""

    def __init__(self, settings: Settings, section: ObjectSection, dice: SystemDice) -> None:
        """OSError: the extra is not installed."""
        told = self._told = section.rauc
        self._dice, self._folder = dice, notes_of(settings, section)
        self._device = device_of(settings, RAUC)
        try:
            from fumo.device.edges.rauc_bus import RaucBus
        except ImportError as error:
            raise OSError("the update agent rauc needs the extra fumo[dbus]") from error
        self._rauc = RaucBus(told.bus, told.patience_s, told.install_s)

    def starts(self) -> Mapping[str, object]:
        """The boot loader chose already."""
        return {}

    def agent(self, packages: DiskFolder, log: Log) -> RaucAgent:
        """Over what RAUC tells and what is noted."""
        told, notes = self._told, DiskFolder(self._folder)
        boot_file = told.boot_id_file
        boot = Path(boot_file).read_text("utf-8").strip() if boot_file else boot_of_machine()
        return RaucAgent(
            self._rauc,
            notes,
            packages,
            packages.path,
            self._device,
            self._dice,
            log,
            boot,
            told.factory_version,
            told.read_back,
        )

    def base(self) -> Base | None:
        """A bundle is made of more than the image that runs."""
        return None


class SwupdateFirmware:
    """`swupdate`: its program, and those of libubootenv."""

    def __init__(self, settings: Settings, section: ObjectSection, dice: SystemDice) -> None:
        """Nothing is run yet."""
        self._told, self._dice = section.swupdate, dice
        self._folder = notes_of(settings, section)
        self._device = device_of(settings, SWUPDATE)

    def starts(self) -> Mapping[str, object]:
        """The boot loader chose already."""
        return {}

    def agent(self, packages: DiskFolder, log: Log) -> SwupdateAgent:
        """Over what the environment tells and what is noted."""
        told, notes = self._told, DiskFolder(self._folder)
        copies = told.copies
        programs = (told.read_env, told.write_env)
        env = UbootEnv(programs, tuple(copies), (notes, self._folder))
        runs = partial(swupdate, limit_s=told.install_s, folder=self._folder)
        return SwupdateAgent(
            runs,
            told.command,
            copies,
            partial(running_copy, told),
            env,
            notes,
            packages,
            packages.path,
            self._device,
            self._dice,
            log,
            told.factory_version,
        )

    def base(self) -> Base | None:
        """A bundle is made of more than the image that runs."""
        return None


def notes_of(settings: Settings, section: ObjectSection) -> Path:
    """Where an object's installer has its notes."""
    return Path(settings.device.state) / f"installer-{section.name}"


def device_of(settings: Settings, of_format: str) -> Device:
    """What is known of the device without its firmware."""
    device = settings.device
    return Device(device.model, "", hardware=device.hardware, formats=(of_format,))


def running_copy(told: Swupdate) -> str:
    """The slot that a file names, as a kernel's command line does. OSError: none is named."""
    words = Path(told.running_file).read_text("utf-8", "replace").split()
    named = [word.partition("=")[2] for word in words if word.startswith(f"{told.running_key}=")]
    if not named:
        raise OSError(f"{told.running_file} names no {told.running_key}")
    return named[-1]
