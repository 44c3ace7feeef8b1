"""The device's tree: what it knows of itself, and over it what servers wrote.

Promises: what was written is saved before it is believed, and all changes of one call are saved
together or not at all; PkgData, which is no leaf but the package, only by a call of its own.
"""

import contextlib
import errno
from collections.abc import Mapping

from fumo.codes import Status
from fumo.device import fumo_object
from fumo.device.memory import Memory
from fumo.device.ports import Downloader
from fumo.device.setup import Setup
from fumo.tree import objects
from fumo.tree.node import Caller, Change, Tree
from fumo.tree.objects import Description
from fumo.tree.written import forsaken, has_room, overlay, written_of
from fumo.update.happening import PackageReplaced
from fumo.update.operation import Target


class Nodes:
    """Reads and writes the tree."""

    def __init__(self, setup: Setup, memory: Memory, downloaders: Mapping[str, Downloader]) -> None:
        """`downloaders` store PkgData, each that of the object at its address."""
        self._setup, self._memory = setup, memory
        self._packages = {fumo_object.pkg_data(uri): uri for uri in downloaders}
        self._downloaders = downloaders
        self.caller = Caller(setup.description.server_id, setup.description.limits)
        """The ServerID of the one account; a session proves it (DM TND §7.7.1)."""

    def settles(self) -> None:
        """A server that has no account any more leaves every list (DM TND §7.7.1.4)."""
        journal, now = self._memory.journal, self.caller.server
        before = journal.served()
        if before == now:
            return
        if before is not None and (left := forsaken(self._own(), self._memory.written, before)):
            self._memory.writes(left)
        journal.save_served(now)

    def tree(self) -> Tree:
        """All nodes, as they are now."""
        return overlay(self._own(), self._memory.written)

    def value(self, uri: str) -> str | None:
        """A leaf's text, if it has one."""
        node = self.tree().get(uri)
        return str(node.value) if node is not None and node.value else None

    def writes_package(self, change: Change) -> bool:
        """Does this change the package itself, rather than a leaf or what is known of one?"""
        if change.node is None or change.uri not in self._packages:
            return False
        return bool(change.node.value != self._own()[change.uri].value)

    def write(self, changes: tuple[Change, ...]) -> Status:
        """Save: a package on the disk, all else in one commit of the journal."""
        package = next((change for change in changes if self.writes_package(change)), None)
        if package is not None and package.node is not None:
            return self._stored(self._packages[package.uri], package.node.value)
        own = self._own()
        new = {change.uri: written_of(own, change) for change in changes}
        after = {**self._memory.written, **new}
        if not has_room(one for one in after.values() if one is not None):
            return Status.DEVICE_FULL
        self._memory.writes(new)
        return Status.OK

    def _own(self) -> Tree:
        targets = {uri: self._memory.targets[uri] for uri in self._downloaders}
        return own(self._setup.description, targets)

    def _stored(self, uri: str, value: str | bytes) -> Status:
        """PkgData: on disk and in the journal before it is answered."""
        data = value if isinstance(value, bytes) else value.encode()
        if not data:
            self._memory.happens(uri, PackageReplaced(None))
            with contextlib.suppress(OSError):  # what no record speaks of is nobody's package
                self._downloaders[uri].discard()
            return Status.OK
        try:
            happening = self._downloaders[uri].store(data)
        except OSError as error:
            if self._memory.targets[uri].held is not None:
                self._memory.happens(uri, PackageReplaced(None))  # what was held is gone, too
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            return Status.DEVICE_FULL if full else Status.FAILED
        self._memory.happens(uri, happening)
        return Status.OK


def own(device: Description, targets: Mapping[str, Target]) -> Tree:
    """All nodes that a device has of itself; `targets` are its FUMO objects, by address."""
    known = objects.root() | objects.dev_info(device) | objects.dev_detail(device)
    built = dict(known | objects.dm_acc(device) | objects.inbox())
    for uri, target in targets.items():
        built |= fumo_object.nodes(uri, target, device.server_id)
    return built
