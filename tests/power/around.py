"""The world outside a device: it does not lose its power, and it has a memory of its own."""

from collections import deque
from collections.abc import Mapping
from copy import copy
from typing import Any

from msgspec.structs import replace

from fumo.device.setup import Setup
from fumo.package.plan import UNVOUCHED, Plan
from fumo.testing.circumstances import FINE
from fumo.testing.depot import MemoryDepot
from fumo.testing.world import SETUP
from fumo.update.conditions import Conditions
from fumo.update.operation import Policy
from fumo.update.rule import Gates
from fumo.update.tally import Word
from tests.power.orders import OrderingServer

COPIED = (list, dict, deque, set)
POLICY = Policy(backoff_base_s=0.5)


class Around:
    """The world outside the device: it does not lose its power."""

    def __init__(
        self,
        server: OrderingServer,
        depot: MemoryDepot,
        objects: tuple[str, ...] = SETUP.objects,
    ) -> None:
        """`objects` are those that the device has."""
        self.server, self.depot, self.objects = server, depot, objects
        self.seen: list[tuple[str, ...]] = []
        """What left a trace, in order: (what, of which order or object, more)."""
        self.replies_lost: deque[bool] = deque()
        """For each exchange in turn: is its reply lost?"""
        self.slot_faults: deque[bool] = deque()
        """For each write to a slot in turn: does it fail?"""
        self.replacements: deque[tuple[str, bytes]] = deque()
        """After each GET in turn: what is to be had at which URL from then on."""
        self.sick = False
        """Is every new image unwell?"""
        self.reachable = True
        """Does a new image reach its server?"""
        self.gates = Gates()
        self.weather: Conditions = FINE
        """How things stand, as often as somebody looks before all is fine."""
        self.looks = 0
        self.words: deque[Word] = deque()
        """What a person says, whenever asked; then yes."""
        self.cancel_after: int | None = None
        """So many GETs later a person cancels."""
        self.plans: Mapping[str, Plan] = {}
        """What is known of packages before they are fetched."""

    @property
    def setup(self) -> Setup:
        """What the device was told once."""
        return replace(SETUP, policy=POLICY, objects=self.objects, gates=self.gates)

    def look(self) -> Conditions:
        """How things stand now."""
        self.looks -= 1
        return self.weather if self.looks >= 0 else FINE

    def answer(self, request: object) -> Word:
        """What the person says."""
        return self.words.popleft() if self.words else Word.YES

    def vouched(self, url: str) -> Plan:
        """What is known of a package."""
        return self.plans.get(url, UNVOUCHED)

    def copied(self) -> "Around":
        """As it is now: what happens to the one does not happen to the other."""
        one = _copied(self)
        one.server, one.depot = _copied(self.server), _copied(self.depot)
        one.server._octets = copy(self.server._octets)
        return one


def _copied(thing: Any) -> Any:
    """Its containers are its own; what is in them are values."""
    one = object.__new__(type(thing))
    one.__dict__.update(
        {k: copy(v) if isinstance(v, COPIED) else v for k, v in vars(thing).items()}
    )
    return one
