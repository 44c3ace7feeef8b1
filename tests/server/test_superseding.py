"""An order that waits gives way to a newer one of another version."""

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.rows import OperationState
from fumo.server.why import why
from tests.server.device import Device
from tests.server.world import FIRMWARE, World

S = OperationState
NEWER = replace(FIRMWARE, version="3", sha256="ef" * 32)


def test_the_newest_version_is_ordered_and_no_other(world: World, device: Device):
    world.orders(device)
    world.orders(device, package=NEWER)
    device.talk(world.post)
    assert world.states == [S.SUPERSEDED, S.ACCEPTED]
    assert len(device.execs) == 1
    assert world.tally == {"superseded": 1, "accepted": 1}
    old, _ = sorted(world.operations(), key=lambda o: o.id)
    row = world.store.device(device.id)
    assert row is not None
    campaign = world.store.campaign(old.campaign_id)
    assert campaign is not None
    assert why(row, old, campaign, world.at_s) == (
        "It was never sent to the device (operation 2 brings a newer version)."
    )


def test_what_has_left_is_not_touched(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    world.orders(device, package=NEWER)
    device.talk(world.post)
    assert world.states == [S.ACCEPTED, S.PLANNED]


@pytest.mark.parametrize(
    ("package", "kind"),
    [
        (FIRMWARE, Kind.DOWNLOAD_AND_UPDATE),
        (replace(NEWER, name="radio"), Kind.DOWNLOAD_AND_UPDATE),
        (replace(NEWER, from_version="2"), Kind.DOWNLOAD_AND_UPDATE),
        (NEWER, Kind.DOWNLOAD),
    ],
)
def test_the_same_again_another_package_and_a_next_step_replace_nothing(
    world: World, device: Device, package: object, kind: Kind
):
    world.orders(device)
    world.orders(device, package=package, kind=kind)
    device.talk(world.post)
    assert world.states == [S.ACCEPTED, S.PLANNED]


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_an_order_that_may_not_leave_itself_replaces_nothing(
    world: World, device: Device, state: str
):
    world.orders(device)
    world.orders(device, package=NEWER)
    world.runs(f"UPDATE operation SET state = '{state}' WHERE id = 2")
    device.talk(world.post)
    assert world.states[0] is S.ACCEPTED
