"""The small ports of a machine, in memory: time that is only as fast as it is slept, dice with a
seed, an aside that runs at once, and a log that can be read."""

import random
from math import inf, nextafter

from fumo.device.ports import Effect
from fumo.errors import MisuseError
from fumo.update.happening import Happening


class VirtualClock:
    """Implements `Clock`: a year of back-off takes no time."""

    def __init__(self) -> None:
        """Begins at an odd moment, so that nothing relies on zero."""
        self._now_s = 1000.0
        self.slept_s = 0.0
        self.alarms_s: list[float] = []
        """Moments at which a sleeper is woken."""

    def now_s(self) -> float:
        """The time it is."""
        return self._now_s

    def sleep(self, seconds: float) -> None:
        """Time passes, at most to the next alarm; it does so however short a sleep is."""
        until_s = self._now_s + seconds
        if seconds > 0:
            until_s = max(until_s, nextafter(self._now_s, inf))
        until_s = min([until_s, *(at_s for at_s in self.alarms_s if at_s > self._now_s)])
        self.slept_s += until_s - self._now_s
        self._now_s = until_s


class Letterbox:
    """Implements `Pushes`: each datagram comes at its moment and wakes the device."""

    def __init__(self, clock: VirtualClock) -> None:
        """Empty."""
        self._clock = clock
        self._coming: list[tuple[float, bytes]] = []

    def comes(self, datagram: bytes, after_s: float = 0.0) -> None:
        """It is on its way."""
        at_s = self._clock.now_s() + after_s
        self._coming.append((at_s, datagram))
        self._clock.alarms_s.append(at_s)

    def take(self) -> list[bytes]:
        """What came until now."""
        now_s = self._clock.now_s()
        taken = [datagram for at_s, datagram in self._coming if at_s <= now_s]
        self._coming = [one for one in self._coming if one[0] > now_s]
        return taken


class SeededDice:
    """Implements `Dice`: the same seed, the same life."""

    def __init__(self, seed: int = 0) -> None:
        """Two dice of one seed throw the same."""
        self._random = random.Random(seed)

    def octets(self, count: int) -> bytes:
        """Guessable bytes: for worlds only."""
        return self._random.randbytes(count)

    def fraction(self) -> float:
        """Even in [0, 1)."""
        return self._random.random()


class AtOnce:
    """Implements `Aside`: the effect has ended when `begin` returns."""

    def __init__(self) -> None:
        """Nothing runs."""
        self._brought: Happening | None = None

    @property
    def busy(self) -> bool:
        """A happening waits to be taken."""
        return self._brought is not None

    def begin(self, effect: Effect) -> None:
        """Run it to its end."""
        if self.busy:
            raise MisuseError("one effect at a time")
        self._brought = effect()

    def poll(self) -> Happening | None:
        """What it brought, once."""
        brought, self._brought = self._brought, None
        return brought


class Listened:
    """Implements `Log`: `events` are its lines."""

    def __init__(self) -> None:
        """Nothing was said."""
        self.events: list[tuple[str, dict[str, object]]] = []

    def __call__(self, event: str, **values: object) -> None:
        """Keep the line."""
        self.events.append((event, values))

    def of(self, event: str) -> list[dict[str, object]]:
        """The values of every line of this event."""
        return [values for name, values in self.events if name == event]
