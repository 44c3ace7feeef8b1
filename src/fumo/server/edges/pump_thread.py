"""The one thread that writes: it gathers what has arrived, has it decided, commits, then replies.

While one commit is on its way to the disk the next messages gather, so that the price of the disk
is shared by all that wait. Orders of operators and the deadline sweep run on the same thread.
"""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, TypeAlias, TypeVar

from fumo.dm.message import Envelope, Shown
from fumo.server.ports import Meter
from fumo.server.pump import Pump, gather, turn_apart
from fumo.server.sweep import sweep
from fumo.wire.exchange import Reply, plain

SWEEP_EVERY_S = 5.0
STEP_EVERY_S = 0.1
"""The same while sweeps move something: a large campaign starts in steps, messages in between."""
WAITING_MAX = 4096
"""Messages that may wait: more are sent away at once, since their devices would not wait either."""
WAITING_OF_ONE_MAX = 8
"""Of these, messages that bear one device's name and certificate: it sends them one by one, and
whoever borrows its name shall take neither everybody's place nor its own."""

T = TypeVar("T")
Waiting: TypeAlias = tuple[Envelope, "Future[Reply]"]
Bearer: TypeAlias = tuple[str, Shown | None]
"""A device's name, and with which certificate it came."""
log = logging.getLogger("fumo.server")


class Unmetered:
    """Implements `Meter`: nobody counts."""

    def turned(self, replies: Sequence[Reply], seconds: float) -> None:
        """Nothing."""

    def answered(self, statuses: Iterable[int]) -> None:
        """Nothing."""


UNMETERED = Unmetered()


class PumpThread:
    """Runs a pump; safe to call from any thread."""

    def __init__(
        self,
        pump: Pump,
        now_s: Callable[[], float] = time.time,
        told: Callable[[], None] = lambda: None,
        meter: Meter = UNMETERED,
    ) -> None:
        """`told` is called after each commit, `meter` after each batch."""
        self._pump = pump
        self._now_s = now_s
        self._told, self._meter = told, meter
        self._news = threading.Condition()
        self._messages: deque[tuple[str, Waiting]] = deque()
        self._of_one: Counter[Bearer] = Counter()
        self._jobs: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._stopped = False
        self._sweep_every_s = SWEEP_EVERY_S
        self._thread = threading.Thread(target=self._run, name="fumo-pump", daemon=True)

    @property
    def alive(self) -> bool:
        """Does it turn?"""
        return self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Was it told to end?"""
        return self._stopped

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what waits, then end."""
        with self._news:
            self._stopped = True
            self._news.notify()
        self._thread.join(timeout=30)

    def message(self, envelope: Envelope) -> "Future[Reply]":
        """The reply to a message, once all it says is durable."""
        future: Future[Reply] = Future()
        bearer = _bearer(envelope)
        with self._news:
            if self._stopped or self._full(bearer):
                future.set_result(plain(503, "the server is busy: try again"))
                self._meter.answered((503,))
            else:
                self._messages.append((bearer[0], (envelope, future)))
                self._of_one[bearer] += 1
                self._news.notify()
        return future

    def _full(self, bearer: Bearer) -> bool:
        many = self._of_one[bearer] >= WAITING_OF_ONE_MAX
        return many or len(self._messages) >= WAITING_MAX

    def call(self, job: Callable[[], T]) -> "Future[T]":
        """What a job on the writer's thread gives."""
        future: Future[T] = Future()
        with self._news:
            self._jobs.append((job, future))
            self._news.notify()
        return future

    def _run(self) -> None:
        swept_s = 0.0
        while True:
            jobs, batch = self._next()
            for job, future in jobs:
                _do(job, future)
            if batch:
                self._answer(batch)
            if jobs or batch:
                self._told()
            if time.monotonic() - swept_s >= self._sweep_every_s:
                self._sweep()
                swept_s = time.monotonic()
            with self._news:
                if self._stopped and not self._messages and not self._jobs:
                    return

    def _next(self) -> tuple[list[tuple[Callable[[], Any], Future[Any]]], list[Waiting]]:
        with self._news:
            if not (self._messages or self._jobs or self._stopped):
                self._news.wait(self._sweep_every_s)
            jobs = list(self._jobs)
            self._jobs.clear()
            batch, later = gather(self._messages)
            self._messages = deque(later)
            self._of_one = Counter(_bearer(envelope) for _, (envelope, _) in later)
            return jobs, batch

    def _answer(self, batch: list[Waiting]) -> None:
        began_s = time.monotonic()
        replies = turn_apart(self._pump, [envelope for envelope, _ in batch], self._now_s())
        self._meter.turned(replies, time.monotonic() - began_s)
        for (_, future), reply in zip(batch, replies, strict=True):
            if future.set_running_or_notify_cancel():
                future.set_result(reply)

    def _sweep(self) -> None:
        self._sweep_every_s = SWEEP_EVERY_S
        try:
            if sweep(self._pump.store, self._now_s(), self._pump.dice.octets):
                self._sweep_every_s = STEP_EVERY_S
                self._told()
        except Exception:
            log.exception("the deadline sweep")


def _bearer(envelope: Envelope) -> Bearer:
    return envelope.message.header.source.uri, envelope.certificate


def _do(job: Callable[[], T], future: "Future[T]") -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(job())
    except BaseException as fault:
        future.set_exception(fault)
