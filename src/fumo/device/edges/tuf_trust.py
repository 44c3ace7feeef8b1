"""Packages are believed by the signed metadata of a TUF repository. Needs the extra `tuf`.

    PkgURL → a name → what is signed of it: length, SHA-256, manifest, deltas → does it fit? → Plan

All of it before a byte of the package is asked for, so whoever serves packages, and whoever
orders them, is believed in nothing. Implements `Trust`; several objects may ask at a time.
"""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.doubt import Doubt, Expired
from fumo.device.edges.known_packages import KnownPackages
from fumo.device.edges.metadata_source import Bounds, Get, HttpGet, Source, is_base
from fumo.device.edges.seen_time import SeenTime
from fumo.device.edges.trouble import Trouble, disk
from fumo.device.pointer import read_pointer
from fumo.device.ports import Log
from fumo.errors import DecodeError
from fumo.package.fitness import MISMATCH, NOT_ACCEPTABLE, Device, judge
from fumo.package.listing import Listing, plan_of
from fumo.package.plan import Plan
from fumo.update.failures import Cause
from fumo.update.operation import Failure, Held, Order

if TYPE_CHECKING:
    from fumo.device.edges.tuf_repository import Found, Repository

WHY_LENGTH_MAX = 200
CLOCK_BEHIND_S = 24 * 3600.0
CAUSES = {MISMATCH: Cause.UNFIT, NOT_ACCEPTABLE: Cause.NOT_ACCEPTABLE}


class Unusable(OSError):
    """Trust as it is configured cannot work; the text says what to do."""


class TufTrust:
    """Implements `Trust` over one repository."""

    def __init__(
        self,
        folder: Path,
        metadata_url: str,
        root: bytes,
        log: Log,
        bounds: Bounds | None = None,
        get: Get | None = None,
        now_s: Callable[[], float] = time.time,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`folder` keeps what was seen; `root` is the metadata that the device was born with.

        `now_s` is the calendar's time, as far as this device knows it; `steady_s` bounds a look-up.

        Unusable when the extra is not installed, or root or address are none.
        """
        self._log, self._get = log, get or HttpGet()
        self._now_s, self._steady_s = now_s, steady_s
        self._bounds = bounds or Bounds()
        self._lock = Lock()
        files = DiskFolder(folder)
        self._seen, self._known = SeenTime(files), KnownPackages(files)
        self._repository = _opened(folder / "metadata", metadata_url, root, self._bounds)

    def vouch(self, order: Order, device: Device) -> Plan | Failure:
        """What is signed of the package that PkgURL names."""
        pointer = read_pointer(order.url or "")
        if pointer.malformed or pointer.name is None:
            return self._told(order.op_id, Doubt(Cause.BAD_URL, "PkgURL names no package"))
        try:
            return self._vouched(pointer.name, device)
        except (Doubt, Trouble) as doubt:
            return self._told(order.op_id, doubt)

    def vouch_held(self, held: Held, device: Device) -> Plan | Failure:
        """It was vouched for when it was downloaded; or it is listed under its SHA-256, as
        PkgData is, which has no name."""
        try:
            with disk():
                known = held.manifest is not None and self._known.knows(held.sha256)
            plan = Plan(held.length, held.sha256, held.manifest)
            return plan if known else self._listed_as(held, device)
        except (Doubt, Trouble) as doubt:
            return self._told(held.source or 0, doubt)

    def _listed_as(self, held: Held, device: Device) -> Plan:
        plan = self._vouched(held.sha256, device)
        if (plan.sha256, plan.length) != (held.sha256, held.length):
            raise Doubt(Cause.UNTRUSTED, "another file is listed by this digest")
        return plan

    def _vouched(self, name: str, device: Device) -> Plan:
        with self._lock, disk():
            plan = _fitting(self._listed(name), device)
            assert plan.sha256 is not None  # nothing is listed without it
            self._known.remember(plan.sha256)
            return plan

    def _told(self, op_id: int, doubt: Doubt | Trouble) -> Failure:
        """Only the cause goes into the journal; why it is so is for people."""
        why = str(doubt)[:WHY_LENGTH_MAX]
        self._log("NotVouched", operation=op_id, cause=doubt.failure.cause, why=why)
        return doubt.failure

    def _listed(self, name: str) -> Listing:
        """By metadata that is good now, and was not seen newer before."""
        found = self._found(name)
        self._seen.save(found.at_s, found.timestamp_keys)
        if found.listing is None:
            raise Doubt(Cause.UNTRUSTED, f"{name} is not listed")
        return found.listing

    def _found(self, name: str) -> "Found":
        """At the later of the clock and the seen time; unless the keys of that were given up."""
        seen, clock_s = self._seen.read(), self._now_s()
        if seen.at_s - clock_s > CLOCK_BEHIND_S:
            self._log("ClockBehind", seconds=round(seen.at_s - clock_s))
        source = Source(self._get, self._bounds, self._steady_s)
        try:
            return self._repository.find(name, max(clock_s, seen.at_s), source)
        except Expired as expired:
            if seen.at_s <= clock_s or seen.keys == tuple(sorted(expired.timestamp_keys)):
                raise
            return self._repository.find(name, clock_s, source)


def _opened(folder: Path, url: str, root: bytes, bounds: Bounds) -> "Repository":
    """python-tuf is loaded here and nowhere else, so that a device without it stays light."""
    if not is_base(url):
        raise Unusable(f"metadata cannot be had from this address: {url}")
    try:
        from fumo.device.edges.tuf_repository import Repository
    except ImportError as error:
        raise Unusable(f"signed metadata needs the extra fumo[tuf]: {error}") from error
    try:
        return Repository(folder, url, root, bounds)
    except ValueError as error:
        raise Unusable(f"the root metadata is none: {error}") from error


def _fitting(listing: Listing, device: Device) -> Plan:
    """What is listed, if it can be true and is for this device."""
    try:
        says, plan = plan_of(listing)
    except DecodeError as error:
        raise Doubt(Cause.INVALID, str(error)) from error
    if (misfit := judge(says, device)) is not None:
        raise Doubt(CAUSES[misfit.result], misfit.why)
    return plan
