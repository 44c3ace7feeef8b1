"""The update agent `swupdate` against SWUpdate and libubootenv themselves: slots that are files."""

import os
import signal
import subprocess
import sys
import threading

import msgspec
import pytest

from fumo.device.edges.swu_file import version_of
from fumo.device.edges.swupdate_run import Told
from fumo.package.manifest import PREFIX_LENGTH, SWUPDATE, read_head
from fumo.testing.disk import MemoryFiles
from fumo.update.failures import Cause
from fumo.update.happening import ApplyIntended, Failed, Inspected
from fumo.update.operation import Evidence
from tests.device.downloads import package
from tests.device.swupdate_world import SwupdateMachine, SwupdateWorld, real

pytestmark = real
IMAGE = os.urandom(300_000)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def world(tmp_path_factory, keys):
    # a short path: SWUpdate has sockets in it
    world = SwupdateWorld(tmp_path_factory.mktemp("w") / "w", keys)
    yield world
    world.close()


@pytest.fixture
def machine(world):
    """It holds a good bundle, and its update is ordered."""
    return ordered(world, world.bundle(IMAGE))


def ordered(world, data, manifest=None, **rest):
    machine = SwupdateMachine(world, data, **rest)
    machine.ordered(manifest)
    return machine


def intent_of(machine):
    intended = machine.agent.prepare(machine.target.operations[0].order, machine.target)
    assert isinstance(intended, ApplyIntended), machine.log.events
    machine.happen(intended)
    return intended.intent


def armed(machine):
    """Its slot is written, without SWUpdate, and will be tried."""
    machine.image = IMAGE
    intent = intent_of(machine)
    assert machine.agent.apply(intent).evidence is Evidence.WRITTEN
    assert machine.agent.flip(intent).evidence is Evidence.FLIPPED
    return intent


def untouched(world):
    return (
        world.slot("a").startswith(b"old firmware\0")
        and world.slot("b").startswith(b"older firmware\0")
        and (world.env("fumo_slot"), world.env("fumo_token")) == ("a", "")
    )


def test_a_good_bundle_is_installed_tried_and_kept(world, machine):
    assert machine.agent.running_version() == "0"
    machine.works()
    assert machine.results == [200]
    assert world.slot("b")[: len(IMAGE)] == IMAGE
    assert (world.running(), world.env("fumo_good")) == ("b", "b")
    assert machine.agent.running_version() == "2"
    assert world.installs() == 1


def test_the_next_update_goes_into_the_other_slot(world, machine):
    machine.works()
    machine = ordered(world, world.bundle(IMAGE[::-1], "3"))
    machine.works()
    assert machine.results == [200]
    assert world.slot("a")[: len(IMAGE)] == IMAGE[::-1]
    assert world.slot("b")[: len(IMAGE)] == IMAGE
    assert world.env("fumo_good") == "a"


def in_a_package(bundle, **says):
    """(the package, its manifest)"""
    data = package(bundle, **{"format": SWUPDATE, **says})
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
        ({"from_version": "7"}, 403),
        ({"format": "rauc"}, 405),
        ({"version": "3"}, 404),  # not what its bundle says
        ({"sha256": "00" * 32}, 402),
    ],
)
def test_a_package_that_does_not_fit_is_not_touched(world, says, result):
    machine = ordered(world, *in_a_package(world.bundle(IMAGE), **says))
    machine.works()
    assert machine.results == [result]
    assert untouched(world)
    assert world.installs() == 0


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("corrupt", 402),
        ("head-corrupt", 402),
        ("cut", 402),
        ("no-bundle", 402),
        ("foreign", 404),
        ("other-hardware", 403),
    ],
)
def test_a1_a_bundle_that_is_not_right_is_not_touched(world, name, result):
    good = world.bundle(IMAGE)
    data = {
        "corrupt": lambda: flipped(good, len(good) // 2),
        "head-corrupt": lambda: flipped(good, 3),
        "cut": lambda: good[: len(good) // 2],
        "no-bundle": lambda: b"no bundle at all" * 100,
        "foreign": lambda: world.bundle(IMAGE, by="stranger"),
        "other-hardware": lambda: world.bundle(IMAGE, hardware="r2"),
    }[name]()
    machine = ordered(world, data)
    machine.works()
    assert machine.results == [result], machine.log.events
    assert untouched(world)
    assert world.installs() == 0


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
    assert machine.agent.apply(intent).failure.cause == Cause.CORRUPT
    assert untouched(world)


# SWUpdate ends, we end, the machine ends: in the middle of an install.


def begun(machine, world):
    """(the thread that applies, what it brings); SWUpdate is about to write the slot."""
    intent, brought = intent_of(machine), []
    world.hold()
    applies = threading.Thread(target=lambda: brought.append(machine.agent.apply(intent)))
    applies.start()
    world.wait_till_it_writes()
    return intent, applies, brought


def test_f3_swupdate_killed_while_it_installs_is_seen_and_the_slot_written_again(world, machine):
    intent, applies, brought = begun(machine, world)
    (world.root / "slot-b").write_bytes(IMAGE[:1000].ljust(SLOT, b"\0"))  # as far as it came
    for pid in world.processes():
        os.kill(pid, signal.SIGKILL)
    applies.join(30)
    world.go_on()
    [failed] = brought
    assert isinstance(failed, Failed)
    assert failed.failure.temporary
    assert machine.agent.evidence(intent) is Evidence.NONE
    machine.works()
    assert machine.results == [200]
    assert world.slot("b")[: len(IMAGE)] == IMAGE
    assert world.installs() == 2


SLOT = 1 << 20
APPLY = """
import sys
from pathlib import Path
import msgspec
from fumo.update.operation import Intent
from tests.device.swupdate_world import apply_alone
apply_alone(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Intent))
"""


def test_f3_our_process_killed_while_swupdate_installs_ends_it_and_writes_again(world, machine):
    intent = intent_of(machine)
    world.hold()
    told = [str(world.root), msgspec.json.encode(intent).decode()]
    process = subprocess.Popen([sys.executable, "-c", APPLY, *told])
    world.wait_till_it_writes()
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    [outlives_us] = world.processes()  # and holds its lock
    (world.root / "installs").unlink()
    machine.wakes()
    seen = machine.agent.evidence(intent)
    machine.happen(Inspected(1, seen))
    assert seen is Evidence.NONE
    applies = threading.Thread(target=machine.works)
    applies.start()
    world.wait_till_it_writes()
    assert outlives_us not in world.processes()
    world.go_on()
    applies.join(30)
    assert machine.results == [200]
    assert world.slot("b")[: len(IMAGE)] == IMAGE


def test_cut_after_swupdate_ended_and_before_that_was_noted_it_is_written_again(world, machine):
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.notes.replace("slot-note", b'{"token":"%s","step":"begun"}' % intent.token.encode())
    machine.starts()
    assert machine.agent.evidence(intent) is Evidence.NONE
    machine.works()
    assert machine.results == [200]
    assert world.installs() == 2


def test_swupdate_that_never_ends_is_ended(world, machine):
    intent = intent_of(machine)
    world.hold()
    machine.limit_s = 0.5
    failed = machine.agent.apply(intent)
    assert isinstance(failed, Failed)
    assert failed.failure.temporary
    assert world.processes() == []


GOES_WELL = "[INFO ] : SWUPDATE successful ! SWUPDATE successful !"
ERROR = "[ERROR] : SWUPDATE failed [0] ERROR : "


@pytest.mark.parametrize(
    ("exit_code", "lines", "well"),
    [
        (0, (), True),
        (1, (GOES_WELL,), True),  # as SWUpdate 2022.12 now and then ends on a busy machine
        (1, (), False),
        (1, (GOES_WELL, f"{ERROR}..."), False),
        (None, (GOES_WELL,), False),
        (-9, (GOES_WELL,), False),
    ],
)
def test_what_the_installer_said_counts_when_its_end_is_in_doubt(exit_code, lines, well):
    assert Told(exit_code, lines).well is well


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("No space left on device", Cause.NO_SPACE_UPDATE),
        ("Signature verification failed", Cause.INVALID),
        ("something else", Cause.WRITE_ERROR),
    ],
)
def test_what_an_error_means(words, cause):
    assert Told(1, ("an information: HASH mismatch", ERROR + words)).cause is cause


# The flip, the trial, and the way back.


def test_a_cut_right_after_the_flip_changes_nothing(world, machine):
    intent = armed(machine)
    machine.wakes()
    assert machine.agent.evidence(intent) is Evidence.FLIPPED
    machine.works()
    assert machine.results == [200]


def test_a_sick_image_falls_back(world):
    machine = ordered(world, world.bundle(IMAGE), sick=True)
    machine.image = IMAGE
    machine.works()
    assert machine.results == [410]
    assert (world.running(), world.env("fumo_good")) == ("a", "a")
    assert machine.agent.running_version() == "0"


def test_cut_after_mark_good_it_is_good(world, machine):
    intent = armed(machine)
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
    intent = armed(machine)
    with pytest.raises(OSError, match="does not run"):
        machine.agent.mark_good(intent)
    assert world.env("fumo_good") == "a"


def test_while_an_older_trial_runs_nothing_is_written(world, machine):
    armed(machine)
    machine.starts()
    other = ordered(world, world.bundle(IMAGE, "3"))
    failed = other.agent.prepare(other.target.operations[0].order, other.target)
    assert isinstance(failed, Failed)
    assert failed.failure.temporary
    assert world.slot("a").startswith(b"old firmware\0")


def test_a_flip_of_an_older_operation_is_taken_back_before_its_slot_is_written(world, machine):
    older = armed(machine)
    newer = ordered(world, world.bundle(IMAGE[::-1], "3"))
    intent = intent_of(newer)
    world.hold()
    newer.limit_s = 0.5
    newer.agent.apply(intent)  # cut while it writes
    world.go_on()
    newer.starts()
    assert world.running() == "a"
    assert newer.agent.evidence(older) is Evidence.FELL_BACK


def test_an_aborted_slot_is_never_started(world, machine):
    machine.image = IMAGE
    intent = intent_of(machine)
    machine.agent.abort(intent)  # nothing was begun
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    machine.agent.abort(intent)
    machine.agent.abort(intent)
    machine.starts()
    assert world.running() == "a"
    assert machine.agent.evidence(intent) is Evidence.FELL_BACK


def test_a_trial_that_is_given_up_starts_the_other_slot_at_once(world, machine):
    intent = armed(machine)
    machine.starts()
    machine.agent.abort(intent)
    assert machine.agent.evidence(intent) is Evidence.TRIAL
    machine.starts()
    assert world.running() == "a"
    assert machine.agent.evidence(intent) is Evidence.FELL_BACK


def test_a_slot_that_rotted_is_not_flipped(world, machine):
    machine.image = IMAGE
    intent = intent_of(machine)
    machine.agent.apply(intent)
    with (world.root / "slot-b").open("r+b") as slot:
        slot.seek(1000)
        slot.write(b"rot")
    assert machine.agent.flip(intent).evidence is Evidence.NONE
    assert world.env("fumo_slot") == "a"


def test_an_environment_with_one_torn_copy_still_tells(world, machine):
    intent = armed(machine)
    newest = max(("env-0", "env-1"), key=lambda name: (world.root / name).read_bytes()[4])
    (world.root / newest).write_bytes(b"\xff" * 100 + bytes(0x4000 - 100))
    assert machine.agent.evidence(intent) is Evidence.WRITTEN  # the one before: not flipped
    machine.works()
    assert machine.results == [200]


def test_an_environment_that_is_lost_tells_nothing(world, machine):
    intent = armed(machine)
    for name in ("env-0", "env-1"):
        (world.root / name).write_bytes(b"\xff" * 0x4000)
    assert machine.agent.evidence(intent) is Evidence.UNKNOWN
    assert not machine.agent.healthy(intent)
    with pytest.raises(OSError, match="names no slot"):
        machine.agent.running_version()


def test_the_version_is_read_of_a_description_only(world):
    files = MemoryFiles()
    files.replace("package", world.bundle(IMAGE, "v 1.2-x"))
    assert version_of(files, "package") == "v 1.2-x"
    for data in (b"", b"070702", b"070702" + b"z" * 200, b"070702" + b"0" * 104 + b"other"):
        files.replace("package", data)
        assert version_of(files, "package") is None
