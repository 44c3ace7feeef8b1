"""The power is cut at every durable write and every effect of a whole update, and at every pair.

After each cut the device starts again from what its disks kept, with the writes that were never
synced there, gone or torn. Then, whatever happened, the invariants of the once-only rule hold
(I1 to I5b, I8, I9 here; I6 and I7 are the server's) and the result arrives.
"""

from collections.abc import Iterator
from itertools import cycle

import pytest

from fumo.codes import Kind
from fumo.device.agent import Ending
from fumo.testing.disk import Damage, Moment
from fumo.testing.world import URL, package
from fumo.update.operation import Phase
from tests.power.cut_world import IMAGE, VERSION, Cut, CutWorld

EITHER = (Moment.BEFORE, Moment.HALF_DONE)  # "after" one moment is "before" the next


def good(world: CutWorld) -> None:
    """All goes well, but for the power."""


def stumbling(world: CutWorld) -> None:
    """Two GETs break off before one comes through, and one write of the slot fails."""
    world.depot.faults.extend([1500, 503])


def corrupt(world: CutWorld) -> None:
    """The package is not what its manifest says."""
    data = package(IMAGE, VERSION)
    world.depot.files[URL] = data[:-1] + bytes([data[-1] ^ 1])


def unreachable(world: CutWorld) -> None:
    """No GET ever succeeds."""
    world.depot.always = 503


def sick(world: CutWorld) -> None:
    """The new image starts and is not well."""
    world.sick = True


STORIES = {
    # what befalls it: kind, results it may end in, the version that runs in the end
    "update": (good, Kind.DOWNLOAD_AND_UPDATE, {"200"}, "2"),
    "stumbling": (stumbling, Kind.DOWNLOAD_AND_UPDATE, {"200"}, "2"),
    "download": (good, Kind.DOWNLOAD, {"200"}, "1"),
    "pkgdata": (good, Kind.UPDATE, {"200"}, "2"),
    "corrupt": (corrupt, Kind.DOWNLOAD_AND_UPDATE, {"402"}, "1"),
    "unreachable": (unreachable, Kind.DOWNLOAD_AND_UPDATE, {"412"}, "1"),
    "sick": (sick, Kind.DOWNLOAD_AND_UPDATE, {"410"}, "1"),
}


def lived(story: str, *cuts: Cut) -> CutWorld:
    """A story with its cuts, to its end, with everything that must hold checked."""
    befall, kind, results, version = STORIES[story]
    world = CutWorld(kind, cuts)
    befall(world)
    ending = world.run()
    try:
        assert ending is Ending.DONE
        check(world, results, version)
    except AssertionError as broken:
        told = "\n".join(f"{name} {values}" for name, values in world.log.events)
        raise AssertionError(f"{story}, {cuts}: {broken}\n{told}") from broken
    return world


def check(world: CutWorld, results: set[str], version: str) -> None:
    told = world.what("alert")
    first = world.seen.index(("alert", told[0]))
    assert {what for what, _ in world.seen[first:]} == {"alert"}, "I1: tried after its alert"
    assert len(set(told)) == 1, "I2: two results"
    assert told[0] in results
    assert {alert.data for alert in world.server.heard} == {told[0]}, "the result was lost"
    assert world.target.last_op_id == 1, "I3a: one order, two operations"
    assert len(world.what("activated")) <= 1, "I3b: activated twice"
    policy, attempts = world.setup.policy, world.cut_journal.attempts
    assert attempts[Phase.DOWNLOAD] <= policy.download_attempts_max, "I4"
    assert attempts[Phase.APPLY] <= policy.apply_attempts_max, "I4"
    assert len(world.what("fetch")) <= 2 * policy.download_attempts_max, "I4"
    assert world.good_version == version
    if version == VERSION:
        assert world.slots.read("slot-b", 0, len(IMAGE) + 1) == IMAGE
        assert world.state == 100


def moments(story: str) -> int:
    """How many moments a story has when nothing is cut."""
    return lived(story).power.count


def every_cut(story: str) -> Iterator[Cut]:
    for n in range(1, moments(story) + 1):
        for moment in Moment:
            for damage in Damage:
                yield Cut(n, moment, damage)


@pytest.mark.clause("C16", "C10")
@pytest.mark.parametrize("story", STORIES)
def test_one_cut_anywhere(story: str):
    cuts = [world.cuts for cut in every_cut(story) for world in [lived(story, cut)]]
    assert set(cuts) == {1}
    assert len(cuts) > 200


@pytest.mark.clause("C16")
@pytest.mark.parametrize("story", ["update", "download"])
def test_two_cuts_anywhere(story: str):
    """The second one falls into the recovery from the first, or later."""
    damages, lives = cycle(Damage), 0
    for n in range(1, moments(story) + 1):
        for first in (Cut(n, moment, next(damages)) for moment in EITHER):
            end = lived(story, first).power.count
            for later in range(n + 1, end + 1):
                for moment in EITHER:
                    lived(story, first, Cut(later, moment, next(damages)))
                    lives += 1
    assert lives > 1500


@pytest.mark.clause("C16")
@pytest.mark.parametrize(
    "always",
    [
        "fetch",
        "save AttemptRow",
        "save CheckpointRow",
        "files: sync package.part",
        "slots: write slot-b",
    ],
)
def test_a_crash_loop_ends_in_a_report_within_the_budget(always: str):
    world = CutWorld(Kind.DOWNLOAD_AND_UPDATE)
    world.power.always = always
    assert world.run() is Ending.DONE
    check(world, {"409", "410", "200"}, world.good_version)
    assert world.cuts > 1
