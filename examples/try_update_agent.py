"""An update agent in a whole device in memory, with the power cut at each of its disk operations.

    python examples/try_update_agent.py

Put your own agent where `AbFile` stands, and what starts your machine into `boot`.
"""

from fumo.codes import Kind
from fumo.device.edges.ab_file import AbFile, install_factory
from fumo.device.edges.boot_env import BootEnv
from fumo.testing.disk import Cut, Damage, MemoryFiles, Moment, PowerCut
from fumo.testing.world import MODEL, URL, DeviceWorld, package

OLD, NEW = b"old firmware " * 500, b"new firmware " * 600


class World(DeviceWorld):
    """A device that was ordered an update. `slots` is the disk that the agent writes."""

    def __init__(self) -> None:
        super().__init__()
        self.slots = MemoryFiles()
        install_factory(self.slots, [OLD], "1")
        self.depot.files[URL] = package(NEW, "2")
        self.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)

    def update_agent(self) -> AbFile:
        return AbFile(self.slots, self.files, MODEL, self.dice)

    def boot(self) -> None:
        BootEnv(self.slots).boot()


def updated(cut: Cut | None = None) -> World:
    """A whole update; the power may go once. What was not synced is kept, lost or torn."""
    world = World()
    if cut is not None:
        world.slots.planned_cut = Cut(world.slots.operations + cut.operation, cut.moment)
    while True:
        try:
            world.run()
        except PowerCut:
            world.slots.cut(Damage.RANDOM, seed=world.slots.operations)
        else:
            return world


def main() -> None:
    operations = updated().slots.operations - World().slots.operations
    for operation in range(1, operations + 1):
        for moment in Moment:
            world = updated(Cut(operation, moment))
            assert [alert.number for alert in world.server.heard] == [200], (operation, moment)
            assert world.slots.read("slot-b", 0, 1 << 20) == NEW
    print(f"{operations * len(Moment)} power cuts in {operations} operations: all told 200, once")


if __name__ == "__main__":
    main()
