"""What must be on the disk before an effect is there before it: told at the moment of the effect.

The world does the asking (`watched.py`); these stories lead it past every kind of effect.
"""

import pytest

from fumo.codes import Kind, State
from fumo.device.agent import Ending
from fumo.testing.disk import PowerCut
from fumo.testing.server import OBJECT
from fumo.testing.world import URL
from fumo.update.failures import Cause
from fumo.update.happening import PackageReplaced
from fumo.update.operation import Held, Target
from fumo.update.records import records
from tests.device.watched import WatchedWorld

SENT = {Kind.DOWNLOAD: URL, Kind.DOWNLOAD_AND_UPDATE: URL, Kind.UPDATE: None}

NOT_HEARD = (401, 407, 408, 500, 503)


def ordered(kind: Kind) -> WatchedWorld:
    """A device that is about to hear of its order."""
    world = WatchedWorld()
    if kind is Kind.UPDATE:
        held = PackageReplaced(Held("p", 5, "ab")).held
        world.journal.save(OBJECT, records(Target(), Target(held=held)))
    world.server.orders(kind, SENT[kind])
    return world


@pytest.mark.clause("C16")
@pytest.mark.parametrize("kind", Kind)
def test_every_effect_is_permitted_by_the_disk(kind):
    world = ordered(kind)
    world.depot.faults.extend([503, Cause.RESET, 1500])
    world.environment.write_faults.append(Cause.WRITE_ERROR)
    assert world.run() is Ending.DONE
    assert [told.number for told in world.server.heard] == [200]


@pytest.mark.clause("C16")
@pytest.mark.parametrize("kind", Kind)
def test_every_effect_of_a_failure_is_permitted_by_the_disk(kind):
    world = ordered(kind)
    world.depot.always = 503
    world.environment.write_faults.extend([Cause.WRITE_ERROR] * 9)
    assert world.run() is Ending.DONE
    assert len(world.server.heard) == 1
    assert world.server.heard[0].number != 200


@pytest.mark.clause("C16")
@pytest.mark.parametrize("kind", Kind)
def test_a_power_cut_while_the_alert_leaves_starts_nothing_again(kind):
    world = ordered(kind)
    world.dies_telling = True
    with pytest.raises(PowerCut):
        world.run()
    fetched, written = len(world.depot.fetches), list(world.environment.written)
    assert world.run() is Ending.DONE
    assert (len(world.depot.fetches), world.environment.written) == (fetched, written)
    assert {told.number for told in world.server.heard} == {200}
    assert world.state in (State.READY_TO_UPDATE, State.UPDATE_SUCCESSFUL_NO_DATA)


@pytest.mark.clause("C16", "C-ALT")
def test_however_often_its_status_is_lost_an_alert_is_told_unchanged():
    world = ordered(Kind.DOWNLOAD)
    world.depot.always = 404
    world.replies_lost = 9
    assert world.run() is Ending.DONE
    assert world.tellings >= 10  # one more where only the nonce was lost
    assert {(told.number, told.correlator) for told in world.server.heard} == {(411, "c-1")}
    assert len(world.depot.fetches) == 1


@pytest.mark.clause("C-ALT")
def test_an_alert_that_was_not_heard_is_told_until_it_is():
    world = ordered(Kind.DOWNLOAD)
    world.server.alert_codes.extend([*NOT_HEARD, *NOT_HEARD, 202])
    for _ in range(3):
        world.run()
    assert [told.number for told in world.server.heard] == [200] * 11
