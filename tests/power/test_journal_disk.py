"""The journal on a disk that loses what was not synced, fills up, or fails at any write."""

import random

import pytest

from fumo.codes import Kind
from fumo.device.edges.journal import SqliteJournal
from fumo.testing.disk import Damage
from fumo.update import Target, durable
from fumo.update.failures import Cause
from tests.power.crash import Platter
from tests.power.events import Deleted, Synced, Written
from tests.power.journal_disk import (
    NAME,
    Life,
    Promise,
    around,
    broken,
    judge,
    one_order,
    read,
    record,
    whole_life,
)
from tests.power.vfs import FULL, IOERR_FSYNC, IOERR_WRITE, recording
from tests.update.story import OBJECT


@pytest.mark.clause("C16")
def test_no_power_cut_breaks_a_promise():
    seen, found = judge(whole_life)
    assert not found
    assert seen > 1000


def test_the_disk_sees_a_sync_for_every_promise(tmp_path):
    """A journal that syncs less would be caught above; this names the reason at once."""
    recorded = record(one_order, tmp_path)
    after = 0
    for before, _ in recorded.promises:
        if before > after:
            assert any(isinstance(event, Synced) for event in recorded.events[after:before])
        after = before


def test_a_promise_that_is_lost_is_found_out(tmp_path):
    """The checker can fail: the disk of one promise earlier breaks the one that came after."""
    recorded = record(one_order, tmp_path)
    lost = 0
    platter, dice = Platter(), random.Random(0)
    at = dict(recorded.promises)
    (tmp_path / "after").mkdir()
    for before, event in enumerate(recorded.events, start=1):
        earlier = platter.left(Damage.NONE, dice)
        platter.take(event)
        if before in at:
            stood, coming = around(recorded.promises, before)
            previous = around(recorded.promises, before - 1)[0]
            assert previous != stood
            lost += broken(earlier, tmp_path / "after", coming, coming) is not None
    assert lost > 5


def test_what_a_cut_leaves():
    platter, dice = Platter(), random.Random(0)
    platter.take(Written("a", 0, b"old" * 400))
    assert platter.left(Damage.ALL, dice) == {}
    platter.take(Synced("a"))
    assert platter.is_settled()
    platter.take(Written("a", 500, b"N" * 100))
    assert platter.left(Damage.ALL, dice)["a"] == b"old" * 400
    assert platter.left(Damage.NONE, dice)["a"][500:600] == b"N" * 100
    torn = {platter.left(Damage.RANDOM, dice)["a"][500:600].count(b"N") for _ in range(60)}
    assert torn == {0, 12, 88, 100}
    platter.take(Deleted("a"))
    assert platter.left(Damage.NONE, dice) == {}


# A disk that fails.


def live_until_it_fails(path, disk, code: int, at: int, for_ever: bool) -> list[Promise]:
    """One short life; the disk refuses its n-th write or sync. What was promised until then."""
    promises: list[Promise] = []
    count = 0

    def refuse(event) -> int:
        nonlocal count
        count += 1
        refused = count == at or (for_ever and count > at)
        return code if refused else 0

    disk.refuse = refuse
    life = None
    try:
        life = Life(path, promises.append)
        one_order(life)
    except OSError:
        pass
    finally:
        if life is not None:
            life.close()
        disk.refuse = lambda _event: 0
    return promises


@pytest.mark.parametrize("for_ever", [False, True])
@pytest.mark.parametrize("code", [IOERR_WRITE, IOERR_FSYNC, FULL])
def test_a_disk_that_fails_at_any_write_breaks_no_promise(tmp_path, code, for_ever):
    with recording() as disk:
        whole: list[Promise] = []
        life = Life(tmp_path / NAME, whole.append)
        one_order(life)
        life.close()
        operations = len(disk.events)
        for at in range(1, operations + 1, 1 if not for_ever else 3):
            for old in tmp_path.iterdir():
                old.unlink()
            promises = live_until_it_fails(tmp_path / NAME, disk, code, at, for_ever)
            found = read(tmp_path / NAME)
            stood = promises[-1] if promises else Promise(Target())
            coming = whole[len(promises)] if len(promises) < len(whole) else stood
            assert found in (stood, coming), at


def test_on_a_full_disk_the_reserve_lets_a_seal_through(tmp_path):
    path, reserve = tmp_path / NAME, tmp_path / f"{NAME}.reserve"
    with recording() as disk:
        life = Life(path, lambda _told: None)
        life.exec(Kind.DOWNLOAD)
        life.begin()
        disk.refuse = lambda event: FULL * (isinstance(event, Written) and reserve.exists())
        life.fail(Cause.NO_SPACE_DOWNLOAD)
        assert not reserve.exists()
        life.close()
        disk.refuse = lambda _event: 0
        with SqliteJournal(path) as journal:
            assert journal.load()[OBJECT] == durable(life.target)
    assert reserve.exists()
