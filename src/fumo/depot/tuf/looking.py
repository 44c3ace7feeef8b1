"""What stands in a repository: how each role stands, and what of it a device would believe."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.api.metadata import Metadata, Root, TargetFile
from tuf.ngclient import FetcherInterface, Updater

from fumo.depot.tuf import places, rules
from fumo.depot.tuf.places import Desk, Place, Published, Refused

BASE = "place:/"


class Role(Struct, frozen=True):
    """One role as it stands; `signed` of `threshold` signatures are there."""

    role: str
    version: int
    expires: str
    days_left: float
    standing: rules.Standing
    signed: int
    threshold: int
    keys: tuple[str, ...]


def roles(place: Desk | Published, now: datetime) -> list[Role]:
    """Those that are there, root first."""
    root = places.newest_roots(place)[-1]
    return [_role(role, one, root.signed, now) for role, one in _signed(place, root)]


def _signed(place: Desk | Published, root: Metadata[Root]) -> Iterator[tuple[str, Metadata[Any]]]:
    yield rules.ROOT, root
    if version := list_version(place):
        yield rules.TARGETS, places.main_list(place, version)
    if (at := places.timestamp(place)) is not None:
        yield rules.SNAPSHOT, places.snapshot(place, at.signed)
        yield rules.TIMESTAMP, at


def list_version(place: Desk | Published) -> int:
    """Of the newest list at a desk, or of the one that devices are given; 0: none."""
    if isinstance(place, Desk):
        return place.version()
    at = places.timestamp(place)
    return places.snapshot(place, at.signed).signed.meta["targets.json"].version if at else 0


def _role(role: str, metadata: Metadata[Any], root: Root, now: datetime) -> Role:
    told, given = metadata.signed, root.roles[role]
    left_s = (told.expires - now).total_seconds()
    result = root.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    return Role(
        role, told.version, told.expires.isoformat(), round(left_s / rules.DAY_S, 2),
        rules.standing(role, left_s), len(result.signed), given.threshold, tuple(given.keyids),
    )  # fmt: skip


class PlaceFetcher(FetcherInterface):
    """A place, as python-tuf's own client reads it."""

    def __init__(self, place: Place) -> None:
        """Nothing is read yet."""
        self._place = place

    def _fetch(self, url: str) -> Iterator[bytes]:
        data = self._place.get(url.removeprefix(BASE))
        if data is None:
            raise DownloadHTTPError(f"{url} is missing", 404)
        yield data


def verify(place: Place, root: bytes, name: str | None = None) -> TargetFile | None:
    """What a device born with this root would believe now: all of it, and of one file.

    Refused when it would not, or when the file is not listed.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            updater = Updater(folder, BASE, fetcher=PlaceFetcher(place), bootstrap=root)
            updater.refresh()
            found = updater.get_targetinfo(name) if name is not None else None
        except (RepositoryError, DownloadHTTPError, ValueError) as fault:
            raise Refused(f"no device would believe it: {fault}") from fault
    if name is not None and found is None:
        raise Refused(f"{name} is not listed")
    return found


def verify_file(file: Path, told: TargetFile) -> None:
    """Are these the bytes that were signed? Refused when not."""
    with file.open("rb") as content:
        try:
            told.verify_length_and_hashes(content)
        except RepositoryError as fault:
            raise Refused(f"{file} is not what was signed: {fault}") from fault
