"""The update agent `rauc` against RAUC itself: real bundles, its service, slots that are files."""

import os
import signal
import subprocess
import sys
import threading

import msgspec
import pytest

from fumo.device.edges.rauc_bundle import why_refused
from fumo.device.edges.rauc_bus import RaucBus
from fumo.device.edges.rauc_words import RaucAway, RaucRefused
from fumo.package.manifest import PREFIX_LENGTH, RAUC, read_head
from fumo.testing.disk import MemoryFiles
from fumo.update.failures import Cause
from fumo.update.happening import ApplyIntended, Failed
from fumo.update.operation import Evidence
from tests.device.downloads import package
from tests.device.rauc_world import RaucMachine, RaucWorld, real

pytestmark = real
IMAGE = os.urandom(300_000)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def world(tmp_path, keys):
    world = RaucWorld(tmp_path / "w", keys)
    yield world
    world.close()


@pytest.fixture
def machine(world):
    """It holds a good bundle, and its update is ordered."""
    return ordered(world, world.bundle(IMAGE))


def ordered(world, data, manifest=None, **rest):
    machine = RaucMachine(world, data, **rest)
    machine.ordered(manifest)
    return machine


def intent_of(machine):
    intended = machine.agent.prepare(machine.target.operations[0].order, machine.target)
    assert isinstance(intended, ApplyIntended), intended
    machine.happen(intended)
    return intended.intent


def untouched(world):
    return (
        world.slot("a").startswith(b"old firmware\0")
        and world.slot("b").startswith(b"older firmware\0")
        and world.asked("set-state B bad") == world.asked("set-primary B") == 0
    )


def test_a_good_bundle_is_installed_tried_and_kept(world, machine):
    assert machine.agent.running_version() == "0"
    machine.works()
    assert machine.results == [200]
    assert world.slot("b")[: len(IMAGE)] == IMAGE
    assert (world.env("booted"), world.env("committed")) == ("B", "B")
    assert machine.agent.running_version() == "2"
    assert (world.installs(), world.asked("set-primary B")) == (1, 1)


def test_the_next_update_goes_into_the_other_slot(world, machine):
    machine.works()
    machine = ordered(world, world.bundle(IMAGE[::-1], "3"))
    machine.works()
    assert machine.results == [200]
    assert world.slot("a")[: len(IMAGE)] == IMAGE[::-1]
    assert world.slot("b")[: len(IMAGE)] == IMAGE
    assert world.env("committed") == "A"


def in_a_package(bundle, **says):
    """(the package, its manifest)"""
    data = package(bundle, **{"format": RAUC, **says})
    return data, data[PREFIX_LENGTH : read_head(data)[1]]


def test_a_bundle_inside_a_package_is_taken_out_of_it(world):
    machine = ordered(world, *in_a_package(world.bundle(IMAGE), hardware=("r1",)))
    machine.works()
    assert machine.results == [200]
    assert world.slot("b")[: len(IMAGE)] == IMAGE
    assert not machine.packages.exists("bundle")


@pytest.mark.parametrize(
    ("says", "result"),
    [
        ({"model": "kettle"}, 403),
        ({"hardware": ("r2",)}, 403),
        ({"from_version": "7"}, 403),
        ({"format": "image"}, 405),
        ({"version": "3"}, 404),  # not what its bundle says
        ({"sha256": "00" * 32}, 402),
    ],
)
def test_a_package_that_does_not_fit_is_not_touched(world, says, result):
    machine = ordered(world, *in_a_package(world.bundle(IMAGE), **says))
    machine.works()
    assert machine.results == [result]
    assert untouched(world)


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("corrupt", 402),
        ("head-corrupt", 402),
        ("cut", 402),
        ("no-bundle", 402),
        ("signature-corrupt", 404),
        ("foreign", 404),
        ("kettle", 403),
    ],
)
def test_a1_a_bundle_that_is_not_right_is_not_touched(world, name, result):
    good = world.bundle(IMAGE)
    data = {
        "corrupt": lambda: flipped(good, 100_000),
        "head-corrupt": lambda: flipped(good, 1),
        "cut": lambda: good[:-5000],
        "no-bundle": lambda: b"no bundle at all",
        "signature-corrupt": lambda: flipped(good, len(good) - 60),
        "foreign": lambda: world.bundle(IMAGE, by="stranger"),
        "kettle": lambda: world.bundle(IMAGE, compatible="kettle"),
    }[name]()
    machine = ordered(world, data)
    machine.works()
    assert machine.results == [result]
    assert untouched(world)


def test_a2_there_is_no_way_back_below_the_security_counter(world):
    machine = ordered(world, *in_a_package(world.bundle(IMAGE), security_counter=5))
    machine.works()
    assert machine.results == [200]
    older = in_a_package(world.bundle(IMAGE, "1"), version="1", security_counter=4)
    machine = ordered(world, *older)
    machine.works()
    assert machine.results == [405]


def test_a_bundle_that_was_swapped_after_it_was_judged_is_not_installed(world, machine):
    intent = intent_of(machine)
    machine.packages.replace("package", world.bundle(IMAGE[::-1], "2"))
    failed = machine.agent.apply(intent)
    assert failed.failure.cause == Cause.CORRUPT
    assert untouched(world)


# RAUC ends, we end, the machine ends: in the middle of an install.


def begun(machine, world):
    """(the thread that applies, what it brings); RAUC has written the slot, and not said so."""
    intent, brought = intent_of(machine), []
    world.hold()
    applies = threading.Thread(target=lambda: brought.append(machine.agent.apply(intent)))
    applies.start()
    world.wait_till_it_writes()
    return intent, applies, brought


def test_f3_rauc_killed_while_it_installs_is_seen_and_the_slot_written_again(world, machine):
    intent, applies, brought = begun(machine, world)
    world.stop_service(signal.SIGKILL)
    world.go_on()
    applies.join(30)
    [failed] = brought
    assert isinstance(failed, Failed)
    assert failed.failure.temporary
    assert machine.agent.evidence(intent) is Evidence.NONE
    machine.works()
    assert machine.results == [200]
    assert (world.installs(), world.asked("set-primary B")) == (2, 1)


def test_f3_what_rauc_remembers_of_an_older_install_is_not_believed(world, machine):
    """RAUC 1.8 still says "ok" of the slot that it was overwriting when the power went."""
    machine.works()
    machine = ordered(world, world.bundle(IMAGE[::-1], "3"))
    machine.works()  # slot A holds 3 and runs
    machine = ordered(world, world.bundle(IMAGE, "2"))  # into B, which RAUC knows as 2
    intent, applies, _ = begun(machine, world)
    world.boots()
    world.go_on()
    applies.join(30)
    assert world.rauc.slots()["rootfs.1"].status == "ok"
    assert world.rauc.slots()["rootfs.1"].version == intent.to_version
    assert machine.agent.evidence(intent) is Evidence.NONE


APPLY = """
import sys
from pathlib import Path
import msgspec
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.rauc import RaucAgent
from fumo.device.edges.rauc_bus import RaucBus
from fumo.package.fitness import Device
from fumo.testing.machine import Listened, SeededDice
from fumo.update.operation import Intent
root, address, intent = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
RaucAgent(
    RaucBus(address, 20, 60), DiskFolder(root / "notes"), DiskFolder(root / "packages"),
    root / "packages", Device("lamp", ""), SeededDice(), Listened(), "boot 1",
).apply(msgspec.json.decode(intent, type=Intent))
"""


def test_f3_our_process_killed_while_rauc_installs_finds_it_whole_and_installs_once(world, machine):
    intent = intent_of(machine)
    world.hold()
    told = [str(world.root), world.address, msgspec.json.encode(intent).decode()]
    process = subprocess.Popen([sys.executable, "-c", APPLY, *told])
    world.wait_till_it_writes()
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    machine.wakes()
    threading.Timer(0.5, world.go_on).start()  # meanwhile RAUC is busy, and is waited for
    machine.works()
    assert machine.results == [200]
    assert (world.installs(), world.asked("set-primary B")) == (1, 1)


def test_the_power_goes_while_rauc_installs(world, machine):
    intent, applies, _ = begun(machine, world)
    world.boots()
    world.go_on()
    applies.join(30)
    machine.wakes()
    assert machine.agent.evidence(intent) is Evidence.NONE
    machine.works()
    assert machine.results == [200]
    assert world.installs() == 2


# The flip, the trial, and the way back.


class Deaf:
    """RAUC, to whom we cannot say that a slot is to start."""

    def __init__(self, rauc: RaucBus) -> None:
        self._rauc = rauc

    def __getattr__(self, name):
        return getattr(self._rauc, name)

    def mark(self, state: str, slot: str) -> None:
        raise RaucAway("cut off")


def test_a_flip_that_never_came_through_is_made_again_in_the_same_life(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    assert isinstance(machine.new_agent(Deaf(world.rauc)).flip(intent), Failed)
    machine.wakes()
    assert machine.agent.evidence(intent) is Evidence.WRITTEN
    machine.works()
    assert machine.results == [200]
    assert world.asked("set-primary B") == 1


def test_a_flip_of_which_nothing_is_seen_after_a_start_is_never_made_again(world, machine):
    """It may have been tried and given up: one activation an operation, at most (I3b)."""
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.new_agent(Deaf(world.rauc)).flip(intent)
    machine.starts()
    machine.works()
    assert machine.results == [410]
    assert world.asked("set-primary B") == 0


def test_a_cut_right_after_the_flip_changes_nothing(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    machine.wakes()
    assert machine.agent.evidence(intent) is Evidence.FLIPPED
    machine.works()
    assert machine.results == [200]
    assert world.asked("set-primary B") == 1


def test_a_sick_image_falls_back(world):
    machine = ordered(world, world.bundle(IMAGE), sick=True)
    machine.works()
    assert machine.results == [410]
    assert (world.env("booted"), world.env("committed")) == ("A", "A")
    assert world.asked("set-primary B") == 1
    assert machine.agent.running_version() == "0"


def test_cut_after_mark_good_it_is_good(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    machine.starts()
    assert machine.agent.evidence(intent) is Evidence.TRIAL
    assert machine.agent.healthy(intent)
    machine.agent.mark_good(intent)
    machine.agent.mark_good(intent)
    machine.starts()
    assert machine.agent.evidence(intent) is Evidence.GOOD
    machine.works()
    assert machine.results == [200]


def test_only_the_slot_that_runs_is_marked_good(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    with pytest.raises(OSError, match="does not run"):
        machine.agent.mark_good(intent)
    assert world.env("committed") == "A"


def test_while_an_older_trial_runs_nothing_is_written(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    machine.starts()
    other = RaucMachine(world, world.bundle(IMAGE, "3"))
    other.ordered(None)
    failed = other.agent.prepare(other.target.operations[0].order, other.target)
    assert isinstance(failed, Failed)
    assert failed.failure.temporary
    assert world.slot("a").startswith(b"old firmware\0")


def test_an_aborted_slot_is_never_started(world, machine):
    intent = intent_of(machine)
    machine.agent.abort(intent)  # nothing was begun
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    machine.agent.abort(intent)
    machine.agent.abort(intent)
    machine.starts()
    assert world.env("booted") == "A"
    assert machine.agent.evidence(intent) is Evidence.FELL_BACK


def test_a_trial_that_is_given_up_starts_the_other_slot_at_once(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    machine.starts()
    machine.agent.abort(intent)
    assert machine.agent.evidence(intent) is Evidence.TRIAL
    machine.starts()
    assert world.env("booted") == "A"
    assert machine.agent.evidence(intent) is Evidence.FELL_BACK


def test_a_slot_that_rotted_is_not_flipped(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    with (world.root / "slot-b").open("r+b") as slot:
        slot.seek(1000)
        slot.write(b"rot")
    assert machine.agent.flip(intent).evidence is Evidence.NONE
    assert world.asked("set-primary B") == 0


def test_a_note_that_rotted_makes_nothing_of_itself(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.notes.replace("slot-note", b"{rot")
    machine.works()
    assert machine.results == [409]
    assert world.asked("set-primary B") == 0
    machine = ordered(world, machine.data)  # and the next update goes its way
    machine.works()
    assert machine.results == [200]


# The service itself.


def test_rauc_that_stays_away_leaves_nothing_to_say(tmp_path, world, machine):
    intent = intent_of(machine)
    nobody = RaucBus(f"unix:path={tmp_path}/nowhere", patience_s=0.2, install_s=0.2)
    agent = machine.new_agent(nobody)
    assert agent.evidence(intent) is Evidence.UNKNOWN
    assert not agent.healthy(intent)
    assert agent.apply(intent).failure.cause == Cause.WRITE_ERROR
    with pytest.raises(OSError, match="nowhere"):
        agent.running_version()


def test_the_service_is_the_one_of_this_world(world):
    assert world.rauc.compatible() == "lamp"
    assert world.service_pid() is not None
    assert world.rauc.primary() == "rootfs.0"
    with pytest.raises(RaucRefused):
        world.rauc.mark("active", "rootfs.9")


def test_why_a_bundle_is_refused_is_told_of_anything():
    for data in (b"", b"hsqs", b"hsqs" + bytes(100), b"hsqs" + b"\xff" * 100):
        files = MemoryFiles()
        files.replace("package", data)
        assert why_refused(files, "package") is Cause.CORRUPT
    files.replace("package", b"hsqs" + b"no digest" + (9).to_bytes(8, "big"))
    assert why_refused(files, "package") is Cause.INVALID
