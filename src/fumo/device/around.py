"""An update agent around another: all of it is the inner one's, until a subclass says otherwise."""

from fumo.device.ports import UpdateAgent
from fumo.package.fitness import Device
from fumo.update.happening import Happening
from fumo.update.operation import Evidence, Intent, Order, Target


class Around:
    """Implements `UpdateAgent`."""

    def __init__(self, inner: UpdateAgent) -> None:
        """`inner` does the work."""
        self._inner = inner

    def running_version(self) -> str:
        """The inner one's."""
        return self._inner.running_version()

    def device(self) -> Device:
        """What the inner one judges against."""
        return self._inner.device()

    def prepare(self, order: Order, target: Target) -> Happening:
        """The inner one judges."""
        return self._inner.prepare(order, target)

    def apply(self, intent: Intent) -> Happening:
        """The inner one writes."""
        return self._inner.apply(intent)

    def flip(self, intent: Intent) -> Happening:
        """The inner one does."""
        return self._inner.flip(intent)

    def evidence(self, intent: Intent) -> Evidence:
        """The inner one looks."""
        return self._inner.evidence(intent)

    def healthy(self, intent: Intent) -> bool:
        """The inner one looks."""
        return self._inner.healthy(intent)

    def mark_good(self, intent: Intent) -> None:
        """The inner one commits."""
        self._inner.mark_good(intent)

    def abort(self, intent: Intent) -> None:
        """The inner one undoes."""
        self._inner.abort(intent)
