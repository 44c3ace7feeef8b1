"""Did a device keep its word? Judged by what was seen outside it, in order. Pure.

I1 nothing is tried after its alert      I5 success means the image is committed, failure not
I2 all alerts of an operation agree      I8 what the device held for told, the server has heard
I3 one order, one operation, one flip    I9 what was answered 202 ends in a result
I4 attempts stay within the budget       (I6 and I7 are the server's)
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from fumo.codes import Kind
from fumo.update.operation import Policy
from tests.power.orders import Order

GETS_PER_ATTEMPT = 2  # one that goes on, and one from the beginning when that cannot be


class Broken(AssertionError):
    """An invariant does not hold; the text begins with its number."""


class Judge:
    """Hears what was seen, one by one."""

    def __init__(self, orders: tuple[Order, ...], factory: str, policy: Policy) -> None:
        self._orders = {one.correlator: one for one in orders}
        self._by_url = {url: one.correlator for one in orders for url in (one.url, *one.more_urls)}
        self._policy = policy
        self.told: dict[str, str] = {}
        """The result of each alert that left, by Correlator."""
        self._updating: dict[str, str] = {}
        self._count: Counter[tuple[str, str]] = Counter()
        self._tokens: dict[str, set[str]] = {}
        self._cancels: set[str] = set()
        self.runs: defaultdict[str, str] = defaultdict(lambda: factory)
        """The version that must run by now, of each object."""

    def hear(self, seen: list[tuple[str, ...]]) -> None:
        """All of it, in order; Broken at the first that must not be."""
        for what, *rest in seen:
            getattr(self, f"_{what}")(*rest)

    def _ordered(self, correlator: str) -> None:
        order = self._orders.get(correlator)
        if order is not None and order.kind is not Kind.DOWNLOAD:
            self._updating[order.object_uri] = correlator

    def _fetch(self, url: str) -> None:
        correlator = self._by_url.get(url, "?")
        self._insist_open(correlator, f"GET of {url}")
        self._count[correlator, "GETs"] += 1
        files = 1 + len(self._orders[correlator].more_urls)
        most = files * GETS_PER_ATTEMPT * self._policy.download_attempts_max
        _insist(self._count[correlator, "GETs"] <= most, f"I4: more than {most} GETs")

    def _report(self, url: str, code: str) -> None:
        """What a download server hears changes nothing."""

    def _cancelled(self, object_uri: str) -> None:
        """A person was told that it ends: no success may come of it any more."""
        self._cancels |= set(self._orders) - set(self.told)

    def _slot(self, name: str, offset: str, object_uri: str) -> None:
        correlator = self._updating.get(object_uri, "?")
        self._insist_open(correlator, f"write to {name}")
        if offset == "0":
            self._count[correlator, "walks"] += 1
            most = self._policy.apply_attempts_max
            _insist(self._count[correlator, "walks"] <= most, f"I4: a slot written {most} times")

    def _trial(self, token: str, object_uri: str) -> None:
        tokens = self._tokens.setdefault(self._updating.get(object_uri, "?"), set())
        tokens.add(token)
        _insist(len(tokens) == 1, f"I3b: one order was activated as {sorted(tokens)}")

    def _insist_open(self, correlator: str, deed: str) -> None:
        _insist(correlator in self._orders, f"I1: a {deed} that nobody ordered")
        _insist(correlator not in self.told, f"I1: a {deed} after the alert of {correlator}")

    def _alert(self, correlator: str, result: str, good: str, held: str) -> None:
        known = self.told.setdefault(correlator, result)
        _insist(known == result, f"I2: {correlator} ended in {known}, and in {result}")
        order = self._orders.get(correlator)
        _insist(order is not None, f"I3a: a result of {correlator}, which never began")
        cancelled = correlator in self._cancels and result == "200"
        _insist(not cancelled, f"I2: {correlator} was cancelled, and did not end")
        if order is not None and self._count[correlator, "alerts"] == 0:
            self._judge_result(order, result, good, held)
        self._count[correlator, "alerts"] += 1

    def _judge_result(self, order: Order, result: str, good: str, held: str) -> None:
        _insist(result in order.results, f"I5: {order.correlator} ended in {result}")
        well = result == "200"
        if order.kind is Kind.DOWNLOAD:
            _insist(bool(held) == well, f"I5: a Download told {result}, holding {held!r}")
        else:
            kept = "I5" if well else "I5b"
            _insist((good == order.version) == well, f"{kept}: {result}, and {good} is committed")
            if well:
                self.runs[order.object_uri] = order.version


def losses(told: dict[str, str], heard: dict[str | None, list[str]]) -> Iterator[str]:
    """What was told, and what the server has of it."""
    for correlator, results in heard.items():
        if set(results) != {told.get(str(correlator))}:
            yield f"I2: the server heard {results} of {correlator}"
    for correlator in told:
        if correlator not in heard:
            yield f"I8: the device is at rest, and the server never heard of {correlator}"


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)
