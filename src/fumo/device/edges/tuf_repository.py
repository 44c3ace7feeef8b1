"""One look-up in a TUF repository, by the client workflow of python-tuf. Needs the extra `tuf`.

root → timestamp → snapshot → targets → delegated targets: each file is bounded, verified against
the one before, and kept durably, since what was seen once must not be rolled back later.
Nothing here knows a package from another file; `fumo.device.edges.tuf_trust` does.
"""

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    RepositoryError,
    SlowRetrievalError,
)
from tuf.api.metadata import Metadata, Root, Timestamp
from tuf.ngclient import FetcherInterface, TargetFile, Updater, UpdaterConfig

from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.doubt import Doubt, Expired
from fumo.device.edges.metadata_source import Bounds, Refused, Source, TooMuch, TooSlow
from fumo.package.listing import Listing
from fumo.update.failures import Cause

FIRST_S, LAST_S = 0.0, 32503680000.0  # 1970 and 3000: a clock beyond them is none
SIGNED_AT = "signed_at"


class Found(Struct, frozen=True):
    """`listing` None: no such package. `at_s` is a moment at which all of it was good."""

    listing: Listing | None
    at_s: float
    timestamp_keys: tuple[str, ...]


# The first that fits counts. Whatever else goes wrong in reading what strangers sent is a
# reason not to believe it, too.
CAUSES: tuple[tuple[type[Exception], Cause], ...] = (
    (DownloadLengthMismatchError, Cause.UNTRUSTED),
    (DownloadError, Cause.NO_METADATA),
    (Exception, Cause.UNTRUSTED),
)


class Fetcher(FetcherInterface):
    """Our source in the words of python-tuf, and in memory: there may be no place for files."""

    def __init__(self, source: Source) -> None:
        """For one look-up."""
        self._source = source

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            yield from self._source.pieces(url)
        except Refused as no:
            raise DownloadHTTPError(str(no), no.status) from no
        except TooSlow as slow:
            raise SlowRetrievalError(str(slow)) from slow
        except TooMuch as much:
            raise DownloadLengthMismatchError(str(much)) from much
        except (OSError, http.client.HTTPException) as error:
            raise DownloadError(f"{type(error).__name__}: {error}") from error

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """The whole file; one that is longer is not read on."""
        whole = bytearray()
        for piece in self.fetch(url):
            whole += piece
            if len(whole) > max_length:
                raise DownloadLengthMismatchError(f"{url} is longer than {max_length} bytes")
        return bytes(whole)


class DurableUpdater(Updater):
    """python-tuf's client, with what it keeps synced, and at a moment that is told."""

    def is_at(self, at_s: float) -> None:
        """Judge expiry at this moment, not by the clock."""
        self._trusted_set.reference_time = moment(at_s)

    def insist_on_all_being_good_at(self, at_s: float) -> None:
        """The top-level roles and the delegations that this look-up went through."""
        if any(signed.is_expired(moment(at_s)) for signed in self._trusted_set):
            raise ExpiredMetadataError("expired when its own timestamp was signed")

    def timestamp_keys(self) -> tuple[str, ...]:
        """Under the newest root that is known."""
        return tuple(self._trusted_set.root.roles[Timestamp.type].keyids)

    def timestamp(self) -> Timestamp:
        """The one that everything else hangs on."""
        return self._trusted_set.timestamp

    def _persist_file(self, filename: str, data: bytes) -> None:
        path = Path(filename)
        DiskFolder(path.parent).replace(path.name, data)


class Repository:
    """A repository and what this device knows of it already."""

    def __init__(self, folder: Path, url: str, root: bytes, bounds: Bounds) -> None:
        """`root` is the metadata that the factory gave; newer roots are proved by it.

        ValueError when it is none.
        """
        folder.mkdir(parents=True, exist_ok=True)
        _insist_on_a_root(root)
        self._folder, self._url, self._root, self._bounds = folder, url, root, bounds

    def find(self, name: str, at_s: float, source: Source) -> Found:
        """What is listed of the file. Doubt when it cannot be believed; OSError of the disk."""
        updater = None
        try:
            updater = self._updater(source)
            return _found(updater, name, at_s)
        except OSError:
            raise
        except ExpiredMetadataError as error:
            assert updater is not None
            raise Expired(str(error), updater.timestamp_keys()) from error
        except Exception as error:
            cause = next(cause for kind, cause in CAUSES if isinstance(error, kind))
            raise Doubt(cause, _words(error)) from error

    def _updater(self, source: Source) -> DurableUpdater:
        bounds = self._bounds
        config = UpdaterConfig(
            max_root_rotations=bounds.root_rotations_max,
            max_delegations=bounds.delegations_max,
            root_max_length=bounds.root_bytes_max,
            timestamp_max_length=bounds.timestamp_bytes_max,
            snapshot_max_length=bounds.snapshot_bytes_max,
            targets_max_length=bounds.targets_bytes_max,
        )
        fetcher, folder = Fetcher(source), str(self._folder)
        return DurableUpdater(
            folder, self._url, fetcher=fetcher, config=config, bootstrap=self._root
        )


def _words(error: BaseException) -> str:
    """For people: the error, and what it came from."""
    inner = f" ({error.__cause__})" if error.__cause__ else ""
    return f"{type(error).__name__}: {error}{inner}"


def _insist_on_a_root(data: bytes) -> None:
    try:
        root = Metadata[Root].from_bytes(data)
        Root.verify_delegate(root.signed, Root.type, root.signed_bytes, root.signatures)
    except (RepositoryError, AttributeError, ValueError) as error:
        raise ValueError(str(error)) from error


def _found(updater: DurableUpdater, name: str, at_s: float) -> Found:
    updater.is_at(at_s)
    updater.refresh()
    file = updater.get_targetinfo(name)
    at_s = max(at_s, _signed_at_s(updater.timestamp()))
    updater.insist_on_all_being_good_at(at_s)
    return Found(_listing(file) if file else None, at_s, updater.timestamp_keys())


def moment(at_s: float) -> datetime:
    """Seconds since 1970, as python-tuf wants them."""
    return datetime.fromtimestamp(min(max(at_s, FIRST_S), LAST_S), UTC)


def _signed_at_s(timestamp: Timestamp) -> float:
    """When it says that it was made; a lie about a time after its own end counts for nothing."""
    told = timestamp.unrecognized_fields.get(SIGNED_AT)
    try:
        at = datetime.fromisoformat(str(told))
        return at.timestamp() if at.tzinfo and at < timestamp.expires else FIRST_S
    except (ValueError, OverflowError):
        return FIRST_S


def _listing(file: TargetFile) -> Listing:
    return Listing(file.length, file.hashes.get("sha256"), file.custom)
