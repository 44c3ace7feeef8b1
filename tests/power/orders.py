"""A server that orders one thing after another, and is not satisfied before each was answered.

It orders an operation again, with the same Correlator, until that is answered or its result is
heard; then comes the next one. A rival is a second order into the middle of the first.
"""

from collections.abc import Sequence

from msgspec import Struct

from fumo.codes import Kind
from fumo.dm.message import Command
from fumo.dm.session import Request, SessionState
from fumo.testing.server import OBJECT, ScriptedServer, exec_node, replace_leaf

ACCEPTED, NOT_ALLOWED, PREPARED = 202, 405, (200, 403, 418)  # 403: in use, so it was there before


class Order(Struct, frozen=True):
    """One operation that a server wants, and what may come of it."""

    kind: Kind
    url: str | None = None
    data: bytes | None = None
    """The package, where the server carries it itself."""
    more_urls: tuple[str, ...] = ()
    """What else may be fetched for it: deltas, a descriptor."""
    correlator: str = "c-1"
    results: frozenset[str] = frozenset({"200"})
    version: str = "2"
    """The one that runs after a success."""
    object_uri: str = OBJECT
    at_once: bool = False
    """Ordered although the one before has not been answered yet: another object's."""


class Rival(Struct, frozen=True):
    """A second Exec while an order is open, and the order's own Exec once more."""

    kind: Kind
    correlator: str = "c-rival"


class Counter:
    """Counts up; unlike `itertools.count` it can be copied."""

    def __init__(self, n: int = 0) -> None:
        self.n = n

    def __next__(self) -> int:
        self.n += 1
        return self.n


class OrderingServer(ScriptedServer):
    """Says `orders`, one by one."""

    def __init__(self, orders: Sequence[Order], rival: Rival | None = None) -> None:
        super().__init__()
        self.orders, self.rival = tuple(orders), rival
        self.ordered: list[str] = []
        """The Correlators of all Execs that left, in order, repeats left out."""
        self._octets = Counter()
        self._seen = 0
        self._rival_came = False

    @property
    def results(self) -> dict[str | None, list[str]]:
        """All results heard, by Correlator."""
        found: dict[str | None, list[str]] = {}
        for alert in self.heard:
            found.setdefault(alert.correlator, []).append(alert.data)
        return found

    @property
    def satisfied(self) -> bool:
        """Was every order answered by a result?"""
        heard = self.results
        wanted = [one.correlator for one in self.orders if one.correlator not in self.impossible]
        if self.rival and self.rival.correlator in self.accepted:
            wanted.append(self.rival.correlator)
        return all(correlator in heard for correlator in wanted)

    @property
    def accepted(self) -> set[str]:
        """The Correlators of the Execs that were answered 202."""
        return self._answered(ACCEPTED)

    @property
    def refused(self) -> set[str]:
        """Those whose Exec was answered otherwise, and never 202."""
        told = {a.purpose for a in self.answers if a.code != ACCEPTED}
        return {one.partition(" ")[2] for one in told if one.startswith("exec ")} - self.accepted

    @property
    def impossible(self) -> set[str]:
        """Those that the device has nothing to work on for."""
        return self._answered(NOT_ALLOWED)

    def _answered(self, code: int) -> set[str]:
        purposes = {a.purpose for a in self.answers if a.code == code}
        return {one.partition(" ")[2] for one in purposes if one.startswith("exec ")}

    def _next(self, session: SessionState) -> list[Request]:
        if not (session.trusted and session.may_ask and not session.pending):
            return []
        prepared = self._newly_prepared()
        heard, accepted, impossible = self.results, self.accepted, self.impossible
        for order in self.orders:
            if order.correlator in heard or order.correlator in impossible:
                continue
            if order.correlator not in accepted:
                return [self._order(order, prepared)]
            if self.rival and not self._rival_came:
                return self._rivals(order)
            if not self._next_is_at_once(order):
                return []
        return []

    def _next_is_at_once(self, order: Order) -> bool:
        later = self.orders[self.orders.index(order) + 1 :]
        return bool(later) and later[0].at_once

    def _newly_prepared(self) -> set[str]:
        new = self.answers[self._seen :]
        self._seen = len(self.answers)
        names = {a.purpose for a in new if a.code in PREPARED}
        return {one.partition(" ")[2] for one in names if one.startswith("prepare ")}

    def _order(self, order: Order, prepared: set[str]) -> Request:
        """The Exec leaves only after the package was set, or is known to be in use."""
        if order.correlator not in prepared and (first := _preparation(order)) is not None:
            return Request(f"prepare {order.correlator}", first)
        return self._exec(order.kind, order.correlator, order.object_uri)

    def _exec(self, kind: Kind, correlator: str, object_uri: str) -> Request:
        if correlator not in self.ordered:
            self.ordered.append(correlator)
        return Request(f"exec {correlator}", exec_node(f"{object_uri}/{kind}", correlator))

    def _rivals(self, order: Order) -> list[Request]:
        assert self.rival is not None
        self._rival_came = True
        return [
            self._exec(self.rival.kind, self.rival.correlator, order.object_uri),
            self._exec(order.kind, order.correlator, order.object_uri),
        ]


def _preparation(order: Order) -> Command | None:
    where = f"{order.object_uri}/{order.kind}"
    if order.data is not None:
        return replace_leaf(f"{where}/PkgData", order.data, "bin")
    return replace_leaf(f"{where}/PkgURL", order.url) if order.url is not None else None
