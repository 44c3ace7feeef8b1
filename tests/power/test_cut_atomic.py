"""The power is cut at every moment of an Atomic: all of its changes are kept, or none."""

from contextlib import suppress
from pathlib import Path

import pytest

from fumo.device.edges.journal import SqliteJournal
from fumo.device.ports import Journal
from fumo.dm.message import Add, Atomic, Delete, Replace
from fumo.errors import MisuseError
from fumo.testing.disk import Moment, PowerCut
from fumo.testing.server import OBJECT
from fumo.tree.written import Written
from tests.device.asked import Device, item
from tests.power.cut_world import Cut, CutJournal, Power

EXT = f"{OBJECT}/Ext"
BEFORE = (Add((item(f"{EXT}/Old", "old"),)), Replace((item(f"{OBJECT}/PkgName", "1"),)))
WHOLE = Atomic(
    (
        Replace((item(f"{OBJECT}/PkgName", "2"),)),
        Replace((item(f"{OBJECT}?prop=Title", "new"),)),
        Add((item(f"{EXT}/A/B", "new"),)),
        Delete((item(f"{EXT}/Old"),)),
    )
)


def kept(journal: Journal) -> dict[str, Written]:
    return dict(journal.nodes())


def outcomes() -> tuple[dict[str, Written], dict[str, Written]]:
    """What is kept before the Atomic, and after it."""
    device = Device()
    assert set(device.codes(*BEFORE)) == {200}
    before = kept(device.journal)
    assert device.codes(WHOLE) == [200] * 5
    return before, kept(device.journal)


@pytest.mark.clause("P7-18", "P7-19")
@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.HALF_DONE, Moment.AFTER])
def test_an_atomic_is_one_commit(moment: Moment):
    before, after = outcomes()
    with SqliteJournal(":memory:") as disk:
        power = Power()
        device = Device(journal=CutJournal(disk, power))
        device.codes(*BEFORE)
        power.__init__([Cut(1, moment)])
        with pytest.raises(PowerCut):
            device.codes(WHOLE)
        assert power.names == ["save nodes"]
        assert kept(disk) == (before if moment is Moment.BEFORE else after)


@pytest.mark.clause("P7-19")
def test_a_commit_that_breaks_off_at_any_statement_keeps_nothing(tmp_path: Path):
    """The database gives up inside the commit, at the first, the second ... statement of it."""
    before, after = outcomes()
    for n in range(1, 20):
        with SqliteJournal(tmp_path / f"{n}.db") as journal:
            device = Device(journal=journal)
            device.codes(*BEFORE)
            if not breaks_off(journal, device, n):
                assert kept(journal) == after
                return
        with SqliteJournal(tmp_path / f"{n}.db") as journal:
            assert kept(journal) == before, n
    raise AssertionError("the commit never came to its end")


def breaks_off(journal: SqliteJournal, device: Device, n: int) -> bool:
    """Say the Atomic while the n-th change of a node's row fails; did it?"""
    journal._db.executescript(
        f"CREATE TEMP TABLE counted (n INTEGER); INSERT INTO counted VALUES ({n});"
        + "".join(
            f"CREATE TEMP TRIGGER cut_{verb} BEFORE {verb} ON main.node BEGIN"
            " UPDATE counted SET n = n - 1;"
            " SELECT RAISE(ABORT, 'the disk is gone') FROM counted WHERE n = 0; END;"
            for verb in ("INSERT", "DELETE")
        )
    )
    with suppress(MisuseError):
        device.codes(WHOLE)
        return False
    return True
