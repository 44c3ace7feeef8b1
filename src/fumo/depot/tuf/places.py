"""Where metadata lies: a folder of whoever signs, or the plain files of a store.

The names are TUF's: `3.root.json`, `3.targets.json`, `timestamp.json`. A file with a version in its
name is never another one later, so a folder may be copied from machine to machine by any means.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from fumo.depot.ports import Store
from fumo.errors import FumoError

PREFIX = "metadata/"
VERSION = re.compile(r"([0-9]+)\.targets\.json")


class Refused(FumoError):
    """What was asked for would not be believed, or not be true; the text says why."""


class Place(Protocol):
    """Named small files."""

    def get(self, name: str) -> bytes | None:
        """What stands there, or None."""

    def put(self, name: str, data: bytes) -> None:
        """Whole, or not at all."""


class Desk:
    """A folder in which lists are drafted and signed, on a machine that needs no network."""

    def __init__(self, folder: Path) -> None:
        """Made when something is written."""
        self.folder = folder

    def get(self, name: str) -> bytes | None:
        """The file."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    def put(self, name: str, data: bytes) -> None:
        """Beside, and then renamed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f".new-{name}"
        aside.write_bytes(data)
        aside.replace(self.folder / name)

    def version(self) -> int:
        """Of the newest list; 0: there is none."""
        names = self.folder.glob("*.targets.json")
        found = (VERSION.fullmatch(path.name) for path in names)
        return max((int(one[1]) for one in found if one), default=0)


class Published:
    """What devices are given: the plain files `metadata/…` of a store."""

    def __init__(self, store: Store) -> None:
        """Any store."""
        self._store = store

    def get(self, name: str) -> bytes | None:
        """The plain file."""
        return self._store.plain(PREFIX + name)

    def put(self, name: str, data: bytes) -> None:
        """The plain file."""
        self._store.put_plain(PREFIX + name, data)


def roots(place: Place) -> Iterator[Metadata[Root]]:
    """Every root, the first one first."""
    version = 1
    while (data := place.get(f"{version}.root.json")) is not None:
        yield Metadata[Root].from_bytes(data)
        version += 1


def newest_roots(place: Place) -> list[Metadata[Root]]:
    """The newest root, and before it the one that it follows, if any; Refused without any."""
    found = list(roots(place))[-2:]
    if not found:
        raise Refused("there is no root yet: fumo keys begin makes the first one")
    return found


def timestamp(place: Place) -> Metadata[Timestamp] | None:
    """The one that everything hangs on."""
    data = place.get("timestamp.json")
    return None if data is None else Metadata[Timestamp].from_bytes(data)


def snapshot(place: Place, at: Timestamp) -> Metadata[Snapshot]:
    """The one that the timestamp names."""
    return Metadata[Snapshot].from_bytes(
        present(place, f"{at.snapshot_meta.version}.snapshot.json")
    )


def main_list(place: Place, version: int) -> Metadata[Targets]:
    """The list of this version without its bins."""
    return Metadata[Targets].from_bytes(present(place, f"{version}.targets.json"))


def listed(place: Place, version: int) -> dict[str, Metadata[Targets]]:
    """The list of this version by its name, and its bins if it has any."""
    main = main_list(place, version)
    found = {"targets": main}
    if main.signed.delegations and main.signed.delegations.succinct_roles:
        for name in main.signed.delegations.succinct_roles.get_roles():
            data = present(place, f"{version}.{name}.json")
            found[name] = Metadata[Targets].from_bytes(data)
    return found


def present(place: Place, name: str) -> bytes:
    """What must be there."""
    if (data := place.get(name)) is None:
        raise Refused(f"{name} is missing")
    return data


def files(parts: dict[str, Metadata[Targets]]) -> dict[str, Any]:
    """Every file that is listed, in whatever part."""
    return {name: one for part in parts.values() for name, one in part.signed.targets.items()}
