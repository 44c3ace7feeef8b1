"""Packages in our depot, by address and by content: fits the server's port Packages.

What DM itself carries is small, and asked for while messages wait. So what was read is remembered,
and a store that does not answer is not asked again at once: OSError, and the device comes again.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from fumo.depot.ports import Store
from fumo.depot.urls import Address, Lane, Wanted, path
from fumo.server.fetching import PLAINLY, Fetching
from fumo.server.rows import Package

REMEMBERED_MAX = 16
REST_S = 10.0


class DepotAddresses:
    """Used by one thread."""

    def __init__(
        self, url: str, key: bytes, store: Store, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        """`url` is where devices reach the depot; `key` signs its addresses."""
        self._store = store
        self._url = url.rstrip("/")
        self._key = key
        self._now_s = now_s
        self._remembered: OrderedDict[str, bytes] = OrderedDict()
        self._rests_until_s = -REST_S

    def url(self, operation_id: int, package: Package, how: Fetching = PLAINLY) -> str:
        """The address of this operation alone; behind # what the package must be.

        Devices that believe signed packages look it up by that, and all others hold it against it.
        """
        wants = Wanted.DESCRIPTOR if how.described else Wanted.PACKAGE
        lane = Lane(f"c{how.campaign_id}", how.bytes_per_s) if how.bytes_per_s else None
        address = Address(str(operation_id), package.sha256, lane, wants=wants)
        return f"{self._url}{path(address, self._key)}#sha256={package.sha256}"

    def data(self, package: Package) -> bytes | None:
        """Its bytes, if they are still what its name says."""
        if package.sha256 not in self._remembered:
            data = self._asked(package.sha256)
            if data is None:
                return None
            self._remembered[package.sha256] = data
            while len(self._remembered) > REMEMBERED_MAX:
                self._remembered.popitem(last=False)
        return self._remembered[package.sha256]

    def _asked(self, sha256: str) -> bytes | None:
        if self._now_s() < self._rests_until_s:
            raise OSError("the store of packages did not answer just now")
        try:
            data = b"".join(self._store.read(sha256))
        except FileNotFoundError:
            return None
        except OSError:
            self._rests_until_s = self._now_s() + REST_S
            raise
        return data if hashlib.sha256(data).hexdigest() == sha256 else None
