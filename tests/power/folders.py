"""Folders on the recording disk, beside the journal's files in the same row of events."""

import errno
from collections.abc import Mapping
from typing import Protocol

from fumo.device.fumo_object import address
from fumo.testing.disk import MemoryFiles
from tests.power.around import Around
from tests.power.events import Change, Deleted, Renamed, Synced, Truncated, Written
from tests.power.vfs import FULL, Disk


class World(Protocol):
    """Whose folders they are."""

    around: Around
    disk: Disk

    def note(self, *what: str) -> None:
        """Something left a trace outside."""

    def reached(self, name: str) -> None:
        """An event was done."""


class RecordedFiles(MemoryFiles):
    """A folder on the recording disk. `replace` is done as on a real one: aside, sync, rename."""

    def __init__(self, folder: str, world: World, image: Mapping[str, bytes]) -> None:
        """`image` has the files of all folders."""
        super().__init__()
        self._folder, self._world = f"{folder}/", world
        mine = {k[len(self._folder) :]: v for k, v in image.items() if k.startswith(self._folder)}
        self.durable = mine
        self.volatile = {name: bytearray(content) for name, content in mine.items()}

    def write(self, name: str, offset: int, data: bytes) -> None:
        self._log(Written(self._folder + name, offset, bytes(data)))
        super().write(name, offset, data)

    def truncate(self, name: str, length: int) -> None:
        self._log(Truncated(self._folder + name, length))
        super().truncate(name, length)

    def sync(self, name: str) -> None:
        self._log(Synced(self._folder + name))
        super().sync(name)

    def rename(self, name: str, new: str) -> None:
        self._log(Renamed(self._folder + name, self._folder + new))
        super().rename(name, new)

    def delete(self, name: str) -> None:
        self._log(Deleted(self._folder + name))
        super().delete(name)

    def replace(self, name: str, data: bytes) -> None:
        aside = f"{name}.new"
        self.truncate(aside, 0)
        self.write(aside, 0, data)
        self.sync(aside)
        self.rename(aside, name)

    def _log(self, event: Change | Synced | Renamed | Deleted) -> None:
        what = f"{type(event).__name__} {event.file}"
        if code := self._world.disk.log(event):
            raise OSError(errno.ENOSPC if code & 0xFF == FULL else errno.EIO, what)
        self._world.reached(what)


class Slots(RecordedFiles):
    """The folder of an object's slots: each write to one is noted, before it begins."""

    def __init__(self, name: str, world: World, image: Mapping[str, bytes]) -> None:
        super().__init__(f"slots {name}", world, image)
        self._object_uri = address(name)

    def write(self, name: str, offset: int, data: bytes) -> None:
        if name.startswith("slot"):
            self._world.note("slot", name, str(offset), self._object_uri)
            faults = self._world.around.slot_faults
            if faults and faults.popleft():
                raise OSError(errno.EIO, f"write {name}")
        super().write(name, offset, data)
