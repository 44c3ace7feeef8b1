"""Everything that runs in a demo: built in order, taken down in any case.

devices → proxy (faults, evidence) → server and depot, all of them processes of their own
"""

from collections.abc import Callable
from pathlib import Path

from fumo.fleet import cast
from fumo.fleet.cast import Actor
from fumo.fleet.devices import Devices
from fumo.fleet.evidence import Began, Recorder, now_ns
from fumo.fleet.images import old_and_new, package_for
from fumo.fleet.operator import Operator
from fumo.fleet.patience import Patience
from fumo.fleet.processes import Processes
from fumo.fleet.proxy import Proxy
from fumo.fleet.serving import serve
from fumo.fleet.tap import Order
from fumo.fleet.villain import Villain
from fumo.fleet.watcher import Watcher

PACKAGE = "firmware"


class Stage:
    """The processes, the proxy between them, and the witnesses."""

    def __init__(
        self, folder: Path, actors: tuple[Actor, ...], seed: int, stays: bool = False
    ) -> None:
        """Nothing runs yet. A folder that does not stay goes even when we are killed."""
        names = [actor.name for actor in actors]
        self.actors = actors
        self.recorder = Recorder(folder / "evidence")
        self.processes = Processes(folder / "logs", passing=None if stays else folder)
        self.passed: dict[str, float] = {}
        self.data = folder / "server"
        self.devices = Devices(folder / "devices", actors, self.processes)
        self.weather = cast.weather(seed, actors)
        self.proxy = Proxy(self.weather, self.recorder, self._passes)
        self.villain = Villain(
            names[cast.KILLED_IN_DOWNLOAD],
            [names[place] for place in cast.KILLED_IN_APPLY],
            self.processes,
            self.recorder,
        )
        self._takes_down: list[Callable[[], None]] = [self.recorder.close, self.processes.end_all]

    def open(self, patience: Patience, say: Callable[[str], None]) -> Operator:
        """Start all but the devices; the operator's line to the server."""
        self.proxy.start()
        self._takes_down.append(self.proxy.stop)
        depot_url = f"http://127.0.0.1:{self.proxy.packages_port}"
        serving = serve(self.processes, self.data, depot_url, patience)
        self.proxy.packages.upstream, self.proxy.dm.upstream = serving.depot, serving.dm
        say(f"page    {serving.page}")
        operator = Operator(self.data)
        for actor in self.actors:
            operator.add_device(actor)
        self._install(operator)
        return operator

    def start_devices(self) -> None:
        """Everybody comes to life; from here on the slots are watched."""
        url = f"http://127.0.0.1:{self.proxy.dm_port}/dm"
        by_name = {actor.name: actor for actor in self.actors}
        self.villain.flipped = lambda name: self.devices.flipped(by_name[name])
        self.villain.start_again = lambda name: self.devices.start_one(by_name[name], url)
        slots = {actor.name: self.devices.slots(actor) for actor in self.actors}
        watcher = Watcher(slots, self.recorder, self.villain.slot_changed)
        watcher.start()
        self.watcher = watcher
        self._takes_down.append(watcher.stop)
        self.devices.start(url)

    def trouble(self) -> str:
        """Who should be alive and is not."""
        gone = set(self.processes.ended()) - self.villain.victims
        return f"{', '.join(sorted(gone))} ended" if gone else ""

    def close(self) -> None:
        """Take all down, the last built first."""
        while self._takes_down:
            self._takes_down.pop()()

    def _install(self, operator: Operator) -> None:
        """The old image into every device, the package with the new one into the depot."""
        old, new = old_and_new()
        self.devices.install(old)
        operator.add_package(package_for(old, new), PACKAGE, new.version)
        names = tuple(actor.name for actor in self.actors)
        self.recorder.add(Began(now_ns(), names, old.sha256, new.sha256, self.weather))

    def _passes(self, order: Order, part: float) -> None:
        self.passed[order.device] = part
        self.villain.download_went_on(order, part)
