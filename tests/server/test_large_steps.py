"""A large campaign starts, pauses and stops in steps; still no order leaves after a pause."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.server.edges.admin_store import AdminStore
from fumo.server.office import Office, Order
from fumo.server.ports import Ask
from fumo.server.rollout import RELEASE_MAX
from fumo.server.rows import Campaign, Case, Package
from fumo.server.sweep import sweep
from tests.server.device import Device
from tests.server.large import fill
from tests.server.world import Dice, World

MANY = 2 * RELEASE_MAX
"""A pause takes two steps at once: who comes after these is not reached yet."""


def begun(world: World, device: Device) -> tuple[Office, Campaign]:
    """Many devices and then this one, all of them planned."""
    fill(world.store.db, "sqlite" if isinstance(world.where, Path) else "postgresql", MANY)
    office = Office(world.store, world.dice.octets)
    office.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    names = [str(who) for (who,) in world.rows("SELECT id FROM device WHERE id <> 'IMEI:1'")]
    assert len(names) == MANY
    campaign = office.begin(Order("fw", [*names, device.id], "downloadandupdate"), world.at_s)
    assert world.tally == {"planned": RELEASE_MAX, "held": RELEASE_MAX + 1}
    while world.tally != {"planned": MANY + 1}:
        assert swept(world)
    return office, campaign


def swept(world: World) -> int:
    return sweep(world.store, world.at_s, world.dice.octets)


def test_what_a_pause_has_not_reached_is_not_ordered(world: World, device: Device):
    office, campaign = begun(world, device)
    office.steer(campaign.id, "pause", world.at_s)
    assert world.tally == {"held": MANY, "planned": 1}
    device.talk(world.post)
    assert device.execs == []
    assert swept(world)
    assert world.tally == {"held": MANY + 1}
    assert not swept(world)
    office.steer(campaign.id, "resume", world.at_s)
    while swept(world):
        pass
    device.talk(world.post)
    assert len(device.execs) == 1


def test_a_stop_goes_on_until_all_is_cancelled(world: World, device: Device):
    office, campaign = begun(world, device)
    device.talk(world.post)
    office.steer(campaign.id, "stop", world.at_s)
    while swept(world):
        pass
    assert world.tally == {"accepted": 1, "cancelled": MANY}
    assert world.rows("SELECT unsettled FROM campaign") == [(0,)]


class Paused(AdminStore):
    """A pause comes between the rows of a message and its commit: at the n-th message."""

    countdown = 0
    stood = ""

    def load(self, asks: Sequence[Ask]) -> list[Case]:
        cases = super().load(asks)
        self.countdown -= 1
        if self.countdown == 0:
            self.stood = self.operations_of(1)[-1].state
            Office(AdminStore(self.db), Dice().octets).steer(1, "pause", 0.0)
        return cases


@pytest.mark.parametrize("number", range(1, 8))
def test_whenever_a_large_pause_comes_nothing_is_ordered_after_it(
    world: World, device: Device, number: int
):
    begun(world, device)
    store = Paused(world.store.db)
    store.countdown = number
    world.pump = replace(world.pump, store=store)
    device.talk(world.post)
    device.talk(world.post)
    ordered = store.stood != "planned"  # or the pause never came
    assert len(device.execs) == ordered
    [(state,)] = world.rows("SELECT state FROM operation ORDER BY id DESC LIMIT 1")
    assert state == ("accepted" if ordered else "planned")
