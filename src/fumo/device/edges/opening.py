"""Has a body to read from whose first byte is the next one needed, or says why there is none.

Everything that can be known before the first byte of a package is judged here: whether PkgURL
leads to a descriptor, whether types and lengths are what was said, and whether there is room.
"""

import time
from collections.abc import Callable

from fumo.device.edges.descriptors import (
    insist_on_type,
    is_descriptor,
    object_wish,
    read_descriptor,
)
from fumo.device.edges.http_body import Body
from fumo.device.edges.http_source import StartOver, Wish
from fumo.device.edges.install_notify import InstallNotify
from fumo.device.edges.pace import Limits
from fumo.device.edges.part_file import PartFile
from fumo.device.edges.run import Run
from fumo.device.edges.trouble import Trouble
from fumo.device.edges.urls import led
from fumo.dlota.descriptor import Descriptor
from fumo.update.failures import Cause, failure
from fumo.update.operation import Order

Open = Callable[[Wish, float, int], Body]
"""Asks a download server: the wish, the time-out of each read, and how many redirects to follow."""


class Opener:
    """Opens the bodies of one downloader."""

    def __init__(self, open_body: Open, limits: Limits, notify: InstallNotify) -> None:
        """`notify` is told of descriptors, and remembers them over restarts."""
        self._open_body, self._limits, self._notify = open_body, limits, notify

    def connect(self, run: Run, part: PartFile, order: Order) -> None:
        """`run.body` is good to read from; Trouble, or StartOver."""
        if run.body is not None and time.monotonic() - run.used_s > self._limits.idle_max_s:
            run.close_body()
        if run.body is not None and run.body_is_judged:
            return
        self._insist_on_size(part, part.expected)
        wish = _wish(run, part, order)
        if run.body is None:
            self._open(run, part, wish)
        assert run.body is not None
        if run.delta is None and is_descriptor(run.body):
            self._follow(run, part, wish)
        self._insist_on_one_length(run, part, run.body.total)
        self._insist_on_size(part, run.body.total)
        run.body_is_judged = True

    def _open(self, run: Run, part: PartFile, wish: Wish) -> None:
        """Ask at PkgURL. Where a descriptor led before, its own bytes are wanted first."""
        if part.length and wish.etag is None:
            raise StartOver(None)
        run.size = None
        described = run.delta is None and self._notify.is_described(run.op_id)
        run.body = self._ask(Wish(wish.url) if described else wish)
        if described and part.length and not is_descriptor(run.body):
            body, run.body = run.body, None
            raise StartOver(body)

    def _follow(self, run: Run, part: PartFile, wish: Wish) -> None:
        """In place of the descriptor, have the body of the package it speaks of."""
        assert run.body is not None
        found, run.body = run.body, None
        described = read_descriptor(found, lambda url: self._notify.described(run.op_id, url))
        descriptor = described.descriptor
        wish = object_wish(described, wish, self._limits)
        run.size = descriptor.size
        if part.length and run.total not in (None, run.size):
            raise StartOver(None)
        self._insist_on_one_length(run, part, None)
        self._insist_on_size(part, descriptor.size)
        try:
            run.body = self._ask(wish)
        except StartOver as turn:
            _insist_on_type(turn.body, descriptor)
            raise
        _insist_on_type(run.body, descriptor)

    def _ask(self, wish: Wish) -> Body:
        return self._open_body(wish, self._limits.io_timeout_s, self._limits.redirects_max)

    def _insist_on_size(self, part: PartFile, total: int | None) -> None:
        """Trouble when it is larger than this device takes, or than there is room for."""
        if total is None:
            return
        if total > self._limits.package_bytes_max:
            raise Trouble(failure(Cause.NO_SPACE_DOWNLOAD))
        part.make_room(total)

    def _insist_on_one_length(self, run: Run, part: PartFile, total: int | None) -> None:
        """A length that was vouched for, a descriptor's and a header's are one, where told."""
        if len({length for length in (part.expected, run.size, total) if length is not None}) > 1:
            raise Trouble(failure(Cause.CORRUPT))


def _wish(run: Run, part: PartFile, order: Order) -> Wish:
    etag = run.checkpoint.etag if run.checkpoint else None
    url = order.url or ""
    if run.delta is not None:
        url = led(url, run.delta.url)
    return Wish(url, part.length, etag, run.total)


def _insist_on_type(body: Body | None, descriptor: Descriptor) -> None:
    if body is None:
        return
    try:
        insist_on_type(body, descriptor)
    except Trouble:
        body.close()
        raise
