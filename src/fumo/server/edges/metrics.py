"""What a server counts of itself, for Prometheus. Nothing here names a device.

The pump tells each turn as it ends; how operations stand is read from the counters of the database
when somebody asks, so that all servers of one database say the same.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client import Counter as Count
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fumo.server.edges.events import feed, hooks
from fumo.server.edges.porter import Porter
from fumo.server.edges.views import Views
from fumo.server.webhook import HookState
from fumo.wire.exchange import Reply

TURN_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
PAUSED = HookState.PAUSED
BATCH = (1, 2, 4, 8, 16, 32, 64, 128)


class Operations(Collector):
    """How many operations stand where, of all campaigns."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge with a label for the state."""
        told = GaugeMetricFamily("fumo_operations", "Operations by state.", labels=["state"])
        for state, number in self._views.states().items():
            told.add_metric([state], number)
        yield told


class Told(Collector):
    """How far the feed is, and how webhooks stand: the same at all servers of one database."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def collect(self) -> Iterator[Metric]:
        """The newest number, webhooks by state, and how far the last one of them is behind."""
        last, every = feed.newest(self._views.db), hooks.every(self._views.db)
        yield CounterMetricFamily("fumo_events", "The number of the newest event.", last)
        states = GaugeMetricFamily("fumo_webhooks", "Webhooks by state.", labels=["state"])
        for state in HookState:
            states.add_metric([state], sum(hook.state is state for hook in every))
        yield states
        behind = max((last - hook.number for hook in every if hook.state is not PAUSED), default=0)
        yield GaugeMetricFamily(
            "fumo_webhook_behind", "Events that the slowest webhook was not told.", max(behind, 0)
        )


class Lasting(Collector):
    """How long signed metadata is good."""

    def __init__(self, left: Callable[[float], Iterable[tuple[str, float]]]) -> None:
        self._left = left

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge with a label for the role."""
        told = GaugeMetricFamily(
            "fumo_metadata_expires_seconds",
            "Seconds until a role of signed metadata expires; below 0 it has.",
            labels=["role"],
        )
        for role, left_s in self._left(time.time()):
            told.add_metric([role], left_s)
        yield told


class Metrics:
    """One server's registry; safe to call from any thread."""

    def __init__(self, views: Views, left: Callable[[float], Iterable[tuple[str, float]]]) -> None:
        """Nothing was counted yet; `left`: the seconds of each role of signed metadata."""
        self._registry = CollectorRegistry()
        self.porter = Porter(self._registry)
        self._registry.register(Operations(views))
        self._registry.register(Told(views))
        self._registry.register(Lasting(left))
        self._messages = Count(
            "fumo_messages", "DM messages answered, by HTTP status.", ["status"],
            registry=self._registry,
        )  # fmt: skip
        self._turn = Histogram(
            "fumo_turn_seconds", "From the first row loaded to the commit of a batch.",
            buckets=TURN_S, registry=self._registry,
        )  # fmt: skip
        self._batch = Histogram(
            "fumo_batch_messages", "Messages in one commit.",
            buckets=BATCH, registry=self._registry,
        )  # fmt: skip

    def turned(self, replies: Sequence[Reply], seconds: float) -> None:
        """A batch was answered."""
        self._turn.observe(seconds)
        self._batch.observe(len(replies))
        self.answered(reply.status for reply in replies)

    def answered(self, statuses: Iterable[int]) -> None:
        """Messages were answered, these among them that no batch took in."""
        for status, number in Counter(statuses).items():
            self._messages.labels(status).inc(number)

    def text(self) -> bytes:
        """In the text form of Prometheus."""
        return generate_latest(self._registry)
