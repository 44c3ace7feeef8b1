"""Packages inside DM (PkgData): in pieces, to several objects, in place of one that is ready."""

import pytest
from msgspec.structs import replace

from fumo.codes import Kind, State
from fumo.device.agent import Ending
from fumo.dm.message import WBXML, XML, Status
from fumo.dm.session import Limits
from fumo.testing.server import OBJECT, exec_node, replace_leaf
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.operation import Sealed

MODEM = "./FwUpdate/Modem"
OLD, NEW = package(b"old" * 2000, "2"), package(bytes(range(256)) * 30, "3")


def small(media_type: str = XML) -> DeviceWorld:
    """Two objects on a device that takes 3000 bytes in a message."""
    world = DeviceWorld(others=["Modem"])
    world.setup = replace(world.setup, media_type=media_type, takes=Limits(3000))
    world.others["Modem"].environment.next_version = "3"
    return world


def sends(world: DeviceWorld, uri: str, data: bytes) -> None:
    world.server.says.append([replace_leaf(f"{uri}/Update/PkgData", data, "bin")])


def held(world: DeviceWorld, name: str) -> tuple[int, int]:
    """How long what is held is: by the journal, and on the disk."""
    target = world.target_of(name)
    files = world.files if name == "Primary" else world.others[name].files
    return (target.held.length if target.held else 0), files.size("package")


def pieces(world: DeviceWorld) -> int:
    """How many pieces of values the device took."""
    commands = (c for one in world.server.received for c in one.message.commands)
    return sum(isinstance(one, Status) and one.code == 213 for one in commands)


@pytest.mark.clause("C04a", "C07", "C20")
@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_two_packages_in_pieces_are_applied_each_by_its_own_object(media_type: str):
    world = small(media_type)
    sends(world, OBJECT, OLD)
    sends(world, MODEM, NEW)
    for uri, correlator in ((MODEM, "m"), (OBJECT, "p")):
        world.server.says.append([exec_node(f"{uri}/Update", correlator)])
    assert world.run() is Ending.DONE
    assert pieces(world) >= 4
    told = {one.source: (one.number, one.correlator) for one in world.server.heard}
    assert told == {MODEM: (200, "m"), OBJECT: (200, "p")}
    assert (world.environment.version, world.others["Modem"].environment.version) == ("2", "3")
    assert (held(world, "Primary"), held(world, "Modem")) == ((0, 0), (0, 0))


@pytest.mark.clause("C20")
def test_a_new_package_that_breaks_off_leaves_the_one_that_was_ready():
    world = small()
    sends(world, MODEM, OLD)
    world.run()
    sends(world, MODEM, NEW)
    exchanges = []

    def cut() -> None:
        exchanges.append(True)
        world.network.down = len(exchanges) > 5

    world.network.watch = cut
    world.run()
    assert held(world, "Modem") == (len(OLD), len(OLD))
    assert world.state_of("Modem") == State.READY_TO_UPDATE


@pytest.mark.clause("C04a")
def test_a_package_replaces_the_one_that_is_ready_wherever_that_came_from():
    world = small()
    world.depot.files[URL] = OLD
    world.server.orders(Kind.DOWNLOAD, URL, of=MODEM)
    world.run()
    assert held(world, "Modem") == (len(OLD), len(OLD))
    sends(world, MODEM, NEW)
    world.run()
    assert held(world, "Modem") == (len(NEW), len(NEW))
    sends(world, MODEM, b"")
    world.run()
    assert (held(world, "Modem"), world.state_of("Modem")) == ((0, 0), State.IDLE)


def test_what_is_known_of_the_node_is_not_the_package():
    world = small()
    sends(world, MODEM, OLD)
    world.server.says.append([replace_leaf(f"{MODEM}/Update/PkgData?prop=Title", "ours")])
    world.run()
    assert world.server.codes == [200, 200]
    assert held(world, "Modem") == (len(OLD), len(OLD))


def test_while_its_operation_is_open_an_object_s_package_is_locked_and_no_other_s():
    world = small()
    sends(world, OBJECT, OLD)
    world.server.says.append([exec_node(f"{OBJECT}/Update", "p")])
    world.server.says.append(
        [
            replace_leaf(f"{OBJECT}/Update/PkgData", NEW, "bin"),
            replace_leaf(f"{MODEM}/PkgName", "modem"),
        ]
    )
    world.environment.write_faults.clear()
    world.run()
    assert world.server.codes[1] == 202
    assert 403 in world.server.codes[2:]
    assert world.server.codes[-1] == 200


def test_what_came_after_the_update_was_sealed_is_not_cleaned_up_with_it():
    world = small()
    sends(world, OBJECT, OLD)
    world.server.says.append([exec_node(f"{OBJECT}/Update", "p")])
    world.server.alert_codes.extend([500] * 40)
    world.run()
    assert isinstance(world.target.operations[-1], Sealed)
    world.server.alert_codes.clear()
    sends(world, OBJECT, NEW)
    assert world.run() is Ending.DONE
    assert held(world, "Primary") == (len(NEW), len(NEW))
    assert world.state == State.READY_TO_UPDATE


def test_a_clean_up_touches_no_other_object_s_package():
    world = small()
    sends(world, OBJECT, OLD)
    sends(world, MODEM, NEW)
    world.server.says.append([exec_node(f"{OBJECT}/Update", "p")])
    assert world.run() is Ending.DONE
    assert held(world, "Primary") == (0, 0)
    assert held(world, "Modem") == (len(NEW), len(NEW))
    assert (world.state, world.state_of("Modem")) == (100, 50)


def test_a_new_order_forgets_the_package_that_it_does_not_use():
    world = small()
    sends(world, MODEM, OLD)
    world.run()
    world.depot.always = 404
    world.server.orders(Kind.DOWNLOAD, URL, of=MODEM)
    world.run()
    assert (held(world, "Modem")[0], world.state_of("Modem")) == (0, State.DOWNLOAD_FAILED)
