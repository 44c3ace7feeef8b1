"""Breadth first over all worlds: the shortest trace to what is broken, and what stays possible."""

import time
from collections import deque
from typing import NamedTuple

from fumo.update import Policy
from tests.model import flaws, promises
from tests.model.configs import Config
from tests.model.device import Device, Moves
from tests.model.rooms import Rooms
from tests.model.server import ServerSide, is_over
from tests.model.talk import Talk
from tests.model.world import Broken, Intention, Server, World


class Found(NamedTuple):
    """What a search came to. `broken` is "" when every promise was kept."""

    config: Config
    states: int
    transitions: int
    took_s: float
    whole: bool
    broken: str = ""
    trace: tuple[str, ...] = ()


class Model:
    """One configuration: where it begins, and every move."""

    def __init__(self, config: Config, flaw: str = "") -> None:
        policy = Policy(
            download_attempts_max=config.attempts,
            apply_attempts_max=config.attempts,
            backoff_base_s=0.0,
        )
        self.config = config
        self.rooms = Rooms(policy)
        self.device = flaws.DEVICES.get(flaw, Device)(self.rooms, config)
        self.talk = flaws.TALKS.get(flaw, Talk)(self.rooms, config, self.device)
        self.server = flaws.SERVERS.get(flaw, ServerSide)(config)

    def start(self) -> World:
        """Nothing has happened; the power is off."""
        intentions = (Intention(),) * len(self.config.kinds)
        return World(Server(intentions), self.rooms.number(()))

    def moves(self, world: World) -> Moves:
        """Every move of everybody."""
        yield from self.server.moves(world)
        yield from self.talk.moves(world)
        yield from self.device.moves(world)

    def check(self, world: World) -> None:
        """I1 to I9."""
        promises.hold(world, self.rooms)


class Search:
    """Every world that can be reached, each once."""

    def __init__(self, model: Model, states_max: int, edges: bool = False) -> None:
        """`edges`: remember them, as `hopeless` needs."""
        self.model = model
        self.with_edges = edges
        self.states_max = states_max
        start = model.start()
        self.numbers = {start: 0}
        self.worlds = [start]
        self.reached_by: list[tuple[int, str]] = [(0, "")]
        self.edges: list[list[int]] = []
        self.transitions = 0

    def run(self) -> Found:
        """Search until all is seen, something is broken, or enough was visited."""
        began = time.perf_counter()
        broken, trace = "", ()
        todo = deque([0])
        while todo and len(self.worlds) < self.states_max:
            number = todo.popleft()
            try:
                todo.extend(self._visit(number))
            except Broken as error:
                broken, trace = str(error), self._trace(number)
                break
        took_s = time.perf_counter() - began
        whole = not todo and not broken
        states = len(self.worlds)
        config = self.model.config
        return Found(config, states, self.transitions, took_s, whole, broken, trace)

    def _visit(self, number: int) -> list[int]:
        world, new, edges = self.worlds[number], [], []
        self.model.check(world)
        for text, after in self.model.moves(world):
            self.transitions += 1
            known = self.numbers.get(after)
            if known is None:
                known = self.numbers[after] = len(self.worlds)
                self.worlds.append(after)
                self.reached_by.append((number, text))
                new.append(known)
            edges.append(known)
        if self.with_edges:
            self.edges.append(edges)
        return new

    def _trace(self, number: int) -> tuple[str, ...]:
        moves = []
        while number:
            number, text = self.reached_by[number]
            moves.append(text)
        return tuple(reversed(moves))

    def hopeless(self) -> list[tuple[str, ...]]:
        """I10: traces to worlds with sessions left from which no further result can arrive."""
        over = [results(world) for world in self.worlds]
        hopeful = self._hopeful(over)
        return [
            self._trace(number)
            for number, world in enumerate(self.worlds)
            if world.sessions < self.model.config.sessions and not hopeful[number]
        ]

    def _hopeful(self, over: list[int]) -> list[bool]:
        """Backwards from every world in which one more intention is over."""
        everything = len(self.model.config.kinds)
        before: list[list[int]] = [[] for _ in self.worlds]
        hopeful = [count == everything for count in over]
        for number, edges in enumerate(self.edges):
            for after in edges:
                before[after].append(number)
                hopeful[number] = hopeful[number] or over[after] > over[number]
        todo = deque(number for number, good in enumerate(hopeful) if good)
        while todo:
            for earlier in before[todo.popleft()]:
                if not hopeful[earlier]:
                    hopeful[earlier] = True
                    todo.append(earlier)
        return hopeful


def results(world: World) -> int:
    """How many intentions are over for the server."""
    return sum(is_over(one) for one in world.server.intentions)


def search(config: Config, states_max: int, flaw: str = "") -> Found:
    """Search one configuration."""
    return Search(Model(config, flaw), states_max).run()
