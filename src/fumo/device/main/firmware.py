"""Each object's firmware on this machine: which update agent works for it, and what it needs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from fumo.device.edges.ab_file import AbFile, install_factory
from fumo.device.edges.boot_env import COPIES, BootEnv
from fumo.device.edges.checkup import CheckedUp
from fumo.device.edges.command_agent import CommandAgent
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.machine import SystemDice, boot_of_machine
from fumo.device.edges.patching import Base
from fumo.device.main.bundled import RaucFirmware, SwupdateFirmware
from fumo.device.ports import Log, UpdateAgent
from fumo.device.settings import ObjectSection, Settings
from fumo.package.fitness import Device

FACTORY_VERSION = "0"


class Firmware(Protocol):
    """One object's firmware on this machine, for as long as the program runs."""

    def starts(self) -> Mapping[str, object]:
        """The machine starts: whatever chooses an image does so. What people may want to read."""

    def agent(self, packages: DiskFolder, log: Log) -> UpdateAgent:
        """The update agent of one life; what is to be installed lies in `packages`."""

    def base(self) -> Base | None:
        """The image that runs, from which deltas start; None: nobody can read it."""


class AbFirmware:
    """`ab_file`: two files, and the environment that chooses one as a boot loader does."""

    def __init__(self, settings: Settings, section: ObjectSection, dice: SystemDice) -> None:
        """Gives an empty folder its factory image."""
        self._model, self._hardware = settings.device.model, settings.device.hardware
        self._plain = settings.download.plain_packages
        self._slots, self._dice = DiskFolder(section.slots), dice
        if not any(self._slots.exists(name) for name in COPIES):
            install_factory(self._slots, [b"factory image\n"], FACTORY_VERSION)

    def starts(self) -> Mapping[str, object]:
        """The environment, not the agent, chooses the slot."""
        env = BootEnv(self._slots).boot()
        return {"slot": env.running, "version": env.images[env.running].version}

    def agent(self, packages: DiskFolder, log: Log) -> AbFile:
        """Over the same slots."""
        model, hardware = self._model, self._hardware
        return AbFile(self._slots, packages, model, self._dice, self._plain, hardware)

    def base(self) -> Base | None:
        """The slot that runs."""
        return self.agent(self._slots, _silent).base()


class CommandFirmware:
    """`command`: an installer of the maker's own."""

    def __init__(self, settings: Settings, section: ObjectSection, dice: SystemDice) -> None:
        """Its marks lie in the state folder, one folder for each object."""
        self._installer, self._dice = section.command, dice
        self._device = Device(settings.device.model, "", hardware=settings.device.hardware)
        self._plain = settings.download.plain_packages
        self._folder = Path(settings.device.state) / f"installer-{section.name}"

    def starts(self) -> Mapping[str, object]:
        """The machine's own loader chose already."""
        return {}

    def agent(self, packages: DiskFolder, log: Log) -> UpdateAgent:
        """With what the marks tell."""
        folders = (self._folder, packages.path)
        about = (self._device, boot_of_machine(), self._dice, log, self._plain)
        return CommandAgent(self._installer, DiskFolder(self._folder), packages, folders, *about)

    def base(self) -> Base | None:
        """Nobody knows where its image lies."""
        return None


FIRMWARE: Mapping[str, Callable[[Settings, ObjectSection, SystemDice], Firmware]] = {
    "ab_file": AbFirmware,
    "command": CommandFirmware,
    "rauc": RaucFirmware,
    "swupdate": SwupdateFirmware,
}
"""A row for each update agent, by its name in the settings."""


def checked(agent: UpdateAgent, settings: Settings, log: Log) -> UpdateAgent:
    """With the maker's own word on a new image, where there is one."""
    health = settings.health
    return CheckedUp(agent, health.command, health.timeout_s, log) if health.command else agent


def _silent(event: str, **values: object) -> None:
    """Nothing is said while a base is looked for."""
