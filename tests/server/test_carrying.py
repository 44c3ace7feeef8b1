"""A package that DM itself carries: PkgData by large objects, then Exec of Update."""

from base64 import b64decode

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.dm.bounds import BODY_BYTES_MAX
from fumo.dm.message import WBXML, XML, Get, Replace
from fumo.dm.session import Limits
from fumo.server.carrying import CARRIED_BYTES_MAX, Carrier, obstacle
from fumo.server.office import Office, Order
from fumo.server.rollout import Denied
from fumo.server.rows import Campaign, OperationState, Package, Retries
from fumo.server.terms import Terms
from tests.server.device import Device
from tests.server.world import World

S = OperationState
LENGTH = 40 * 1024
PACKAGE = Package(0, "mcu", "7", "cd" * 32, LENGTH)
PLACE = "./FwUpdate/x/Update/PkgData"


class Small(Device):
    """A device that takes small messages, and shows Ready to Update once it has a package."""

    takes = Limits(8192, 1 << 20)

    def begin(self, session_id: str | None = None) -> bytes:
        self.tree.setdefault(PLACE, "")
        self.sessions += 1
        super().begin(session_id)
        assert self.session
        self.session = replace(self.session, sent=0, pending=(), takes=self.takes)
        return self.say((), self.first_words())

    def do(self, command, uri):  # type: ignore[no-untyped-def]
        if isinstance(command, Replace) and uri == PLACE and uri in self.tree:
            self.data = command.items[0].data
            self.state = "50"
            return 200, ()
        return super().do(command, uri)


def carried(world: World, device: Device) -> Device:
    world.knows(device)
    world.orders(device, kind=Kind.UPDATE, package=PACKAGE, carries=True)
    device.talk(world.post)
    return device


@pytest.mark.clause("S03")
@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_the_bytes_arrive_whole_in_many_messages_and_then_the_exec(world: World, media_type: str):
    device = Small(media_type=media_type)
    carried(world, device)
    data = device.data if isinstance(device.data, bytes) else b64decode(device.data)
    assert data == world.pump.packages.data(PACKAGE)
    assert [c.items[0].target.uri for c in device.execs] == ["./FwUpdate/x/Update"]  # type: ignore[union-attr]
    assert world.states == [S.ACCEPTED]
    assert device.session
    assert device.session.sent > LENGTH // 8192


def test_its_result_comes_as_any_other(world: World):
    device = carried(world, Small())
    device.finishes(200, "90")
    device.talk(world.post)
    assert (world.states, world.matches) == ([S.SUCCEEDED], ["final"])


def test_the_state_of_before_is_read_behind_the_data(world: World):
    """Else the State that the data makes would look as if the Exec had been taken."""
    device = carried(world, Small())
    assert world.operation().state_before == 50
    heard = [c for m in device.heard for c in m.commands if isinstance(c, Get | Replace)]
    last = max(n for n, c in enumerate(heard) if isinstance(c, Replace))
    assert any(isinstance(c, Get) for c in heard[last:])


def test_a_device_that_does_not_take_it_refuses_the_operation(world: World):
    device = Small()
    device.statuses[f"Replace {PLACE}"] = 413
    carried(world, device)
    assert world.states == [S.REFUSED]
    assert world.operation().reason == "PkgData was answered 413"
    assert device.execs == []


def test_a_device_that_takes_only_smaller_values_is_sent_nothing(world: World):
    device = Small()
    device.takes = Limits(8192, 1000)
    carried(world, device)
    assert world.states == [S.REFUSED]
    assert "takes values of 1000 bytes" in world.operation().reason
    assert not any(isinstance(c, Replace) for m in device.heard for c in m.commands)


def test_a_package_that_is_gone_is_said_so(world: World):
    device = world.knows(Small())
    gone = replace(PACKAGE, length=0)
    world.orders(device, kind=Kind.UPDATE, package=gone, carries=True)
    device.talk(world.post)
    assert world.operation().reason == "its package is gone"


@pytest.mark.parametrize(
    ("length", "carrier", "words"),
    [
        (CARRIED_BYTES_MAX, Carrier(WBXML, 65_536, CARRIED_BYTES_MAX), None),
        (CARRIED_BYTES_MAX + 1, Carrier(WBXML, 65_536, 1 << 30), "not carried"),
        (900, Carrier(XML, 65_536, 1000), "takes values of 1000 bytes, and it needs 1200"),
        (750, Carrier(XML, 65_536, 1000), None),
        (900, Carrier(WBXML, 65_536, 1000), None),
        (500_000, Carrier(WBXML, 4096, 1 << 20), "too small"),
        (100, Carrier(WBXML, 2048, 1 << 20), "too small"),
        (10_000, Carrier(XML, 65_536, None), None),
        (60_000, Carrier(XML, 65_536, None), "no large objects"),
        (BODY_BYTES_MAX, Carrier(), "no large objects"),
    ],
)
def test_what_can_be_carried_where(length: int, carrier: Carrier, words: str | None):
    found = obstacle(length, carrier)
    assert (found is None) if words is None else (words in (found or ""))


def test_a_large_package_is_not_ordered_so(world: World):
    device = world.knows(Device())
    office = Office(world.store, world.dice.octets)
    office.add_package(replace(PACKAGE, length=CARRIED_BYTES_MAX + 1))
    with pytest.raises(Denied, match="order downloadandupdate"):
        office.begin(Order("mcu", [device.id], "pkgdata"), world.at_s)
    office.add_package(replace(PACKAGE, version="8"))
    campaign = office.begin(Order("mcu@8", [device.id], "pkgdata"), world.at_s)
    assert (campaign.kind, campaign.carries) == (Kind.UPDATE, True)


def test_a_failed_one_is_ordered_anew_with_its_package(world: World):
    """Nothing need be held: the package is carried again."""
    device = world.knows(Small())
    policy = Retries(1, 60.0, ("failed",))
    world.orders(device, kind=Kind.UPDATE, package=PACKAGE, carries=True, retries=policy)
    device.talk(world.post)
    device.finishes(410, "80")
    device.talk(world.post)
    world.at_s += 61
    world.sweeps()
    device.talk(world.post)
    assert world.states == [S.FAILED, S.ACCEPTED]
    Terms(retries=policy).campaign(Campaign(0, "c", 1, Kind.UPDATE, 0.0, carries=True), 1)
    with pytest.raises(Denied, match="nothing is held"):
        Terms(retries=policy).campaign(Campaign(0, "c", 1, Kind.UPDATE, 0.0), 1)
