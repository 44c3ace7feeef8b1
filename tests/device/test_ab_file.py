"""The update agent ab_file: an update through its evidence alone, and a power cut anywhere."""

import errno

import pytest
from msgspec.structs import replace

from fumo.device.edges.ab_file import AbFile
from fumo.package.manifest import PREFIX_LENGTH, read_head
from fumo.testing.disk import Cut, Damage, Fault, Moment, PowerCut
from fumo.update.failures import Cause
from fumo.update.happening import Failed
from fumo.update.operation import Evidence, Target
from tests.device.downloads import package
from tests.device.machine import NEW, OLD, Machine, held

PACKAGE = package(NEW)


def manifest_of(data: bytes) -> bytes:
    return data[PREFIX_LENGTH : read_head(data)[1]]


def ordered(data: bytes = PACKAGE, **settings) -> Machine:
    machine = Machine(data, **settings)
    machine.ordered(manifest_of(data))
    return machine


def intent_of(machine: Machine):
    return machine.agent.prepare(machine.target.operations[0].order, machine.target).intent


def test_an_update_ends_in_the_new_slot_committed():
    machine = ordered()
    machine.works()
    env = machine.env.known()
    assert machine.results == [200]
    assert (env.good, env.running, env.trial) == ("slot-b", "slot-b", None)
    assert machine.slot("slot-b") == NEW
    assert machine.slot("slot-a") == OLD
    assert machine.agent.running_version() == "2"


def test_evidence_tells_each_stage():
    machine = ordered()
    agent, intent = machine.agent, intent_of(machine)
    seen = [agent.evidence(intent)]
    for deed in (agent.apply, agent.flip):
        seen.append(deed(intent).evidence)
        assert agent.evidence(intent) is seen[-1]
    machine.env.boot()
    seen.append(agent.evidence(intent))
    assert agent.healthy(intent)
    agent.mark_good(intent)
    agent.mark_good(intent)
    seen.append(agent.evidence(intent))
    assert seen == [
        Evidence.NONE,
        Evidence.WRITTEN,
        Evidence.FLIPPED,
        Evidence.TRIAL,
        Evidence.GOOD,
    ]


def test_a_flip_that_is_aborted_is_never_tried():
    machine = ordered()
    agent, intent = machine.agent, intent_of(machine)
    agent.abort(intent)  # nothing was begun
    agent.apply(intent)
    agent.flip(intent)
    agent.abort(replace(intent, token="9-another"))
    assert agent.evidence(intent) is Evidence.FLIPPED
    agent.abort(intent)
    agent.abort(intent)
    assert agent.evidence(intent) is Evidence.WRITTEN
    assert machine.env.boot().running == "slot-a"


def test_what_runs_on_trial_is_left_to_the_boot_environment():
    machine = ordered()
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    machine.env.boot()
    machine.agent.abort(intent)
    assert machine.agent.evidence(intent) is Evidence.TRIAL


def test_a_sick_image_falls_back_and_fails():
    machine = ordered(sick=True)
    machine.works()
    env = machine.env.known()
    assert machine.results == [410]
    assert (env.good, env.running, env.trial) == ("slot-a", "slot-a", None)
    assert machine.agent.running_version() == "1"


def test_without_an_environment_nobody_can_tell():
    machine = ordered()
    intent = intent_of(machine)
    for name in ("env-0", "env-1"):
        machine.slots.delete(name)
    assert machine.agent.evidence(intent) is Evidence.UNKNOWN
    assert isinstance(machine.agent.apply(intent), Failed)


def test_a_slot_that_an_older_operation_armed_is_not_tried_while_it_is_overwritten():
    machine = ordered()
    older, newer = intent_of(machine), intent_of(machine)
    machine.agent.apply(older)
    machine.agent.flip(older)
    machine.slots.fault = Fault(machine.slots.operations + 4, for_ever=True)
    machine.agent.apply(newer)
    machine.slots.fault = None
    assert machine.env.boot().running == "slot-a"


def test_a_slot_that_rotted_is_not_flipped():
    machine = ordered()
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.slots.write("slot-b", 5, b"\xff")
    assert machine.agent.flip(intent).evidence is Evidence.NONE
    assert machine.env.known().trial is None


def test_a_shorter_image_leaves_nothing_of_the_longer_one():
    machine = ordered()
    machine.slots.write("slot-b", 0, b"z" * 9000)
    machine.works()
    assert machine.slot("slot-b") == NEW


def test_tokens_are_never_used_twice():
    machine = ordered()
    assert len({intent_of(machine).token for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"model": "kettle"}, Cause.UNFIT),
        ({"from_version": "9"}, Cause.UNFIT),
        ({"security_counter": 1}, None),
        ({"from_version": "1"}, None),
        ({"sha256": "00" * 32}, Cause.CORRUPT),
        ({"length": len(NEW) - 1}, Cause.CORRUPT),
        ({"length": len(NEW) + 100_000}, Cause.CORRUPT),
    ],
)
def test_a_package_is_judged_before_and_while_it_is_written(changes, cause):
    machine = ordered(package(NEW, **changes))
    machine.works()
    expected = {None: 200, Cause.UNFIT: 403, Cause.CORRUPT: 402}[cause]
    assert machine.results == [expected]
    assert machine.slot("slot-a") == OLD
    assert machine.env.known().good == ("slot-b" if cause is None else "slot-a")


def test_there_is_no_way_back_below_the_security_counter():
    machine = ordered(package(NEW, security_counter=5))
    machine.works()
    older = package(OLD, version="1", security_counter=4)
    target = Target(held=held(older, manifest_of(older)))
    order = machine.target.operations[0].order
    assert machine.agent.prepare(order, target).failure.result == 405


@pytest.mark.parametrize(
    ("raw", "manifest", "result"),
    [(True, None, 200), (False, None, 405), (False, b"", 404), (True, b"{", 404)],
)
def test_raw_packages_only_where_allowed(raw, manifest, result):
    machine = Machine(NEW, raw=raw)
    machine.ordered(manifest)
    machine.works()
    assert machine.results == [result]


def test_the_running_slot_is_never_written():
    machine = ordered()
    machine.works()
    stolen = intent_of(ordered())
    assert stolen.slot == "slot-b"  # where this machine runs now
    before = machine.slot("slot-b")
    assert isinstance(machine.agent.apply(stolen), Failed)
    assert machine.slot("slot-b") == before


@pytest.mark.parametrize(("code", "result"), [(errno.ENOSPC, 502), (errno.EIO, 410)])
def test_a_slot_that_cannot_be_written(code, result):
    machine = ordered()
    intent = intent_of(machine)
    machine.slots.fault = Fault(machine.slots.operations + 1, code, for_ever=True)
    failed = machine.agent.apply(intent)
    assert failed.failure.result == result
    assert failed.failure.temporary is (code == errno.EIO)


def test_one_bad_write_is_repeated():
    for ahead in range(1, 5):
        machine = ordered()
        machine.slots.fault = Fault(machine.slots.operations + ahead)
        machine.works()
        assert machine.results == [200]


# The power goes at every operation on the disk of the slots.


def update_cut_at(operation: int, moment: Moment, damage: Damage, seed: int) -> Machine:
    machine = ordered()
    machine.slots.planned_cut = Cut(machine.slots.operations + operation, moment)
    while not machine.results:
        try:
            machine.works()
        except PowerCut:
            machine.slots.cut(damage, seed)
            machine.starts()
    return machine


def operations_of_an_update() -> int:
    machine = ordered()
    before = machine.slots.operations
    machine.works()
    return machine.slots.operations - before


@pytest.mark.parametrize("damage", Damage)
@pytest.mark.parametrize("moment", Moment)
def test_a_power_cut_at_any_operation_changes_nothing_of_the_end(moment, damage):
    operations = operations_of_an_update()
    assert operations >= 8
    for operation in range(1, operations + 1):
        for seed in range(4 if damage is Damage.RANDOM else 1):
            machine = update_cut_at(operation, moment, damage, seed)
            env = machine.env.known()
            assert machine.results == [200], (operation, seed)
            assert (env.good, env.running) == ("slot-b", "slot-b")
            assert machine.slot("slot-a") == OLD
            assert machine.slot("slot-b") == NEW


def test_cuts_for_ever_during_the_trial_fall_back_to_the_old_image():
    machine = ordered()
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.agent.flip(intent)
    for _ in range(4):
        machine.env.boot()
    assert machine.agent.evidence(intent) is Evidence.FELL_BACK
    assert not machine.agent.healthy(intent)
    assert AbFile(machine.slots, machine.packages, "lamp", machine.dice).running_version() == "1"
