"""The power is cut at every moment of an Atomic: all of its changes are kept, or none."""

from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from fumo.device.edges.journal import SqliteJournal
from fumo.device.ports import Journal
from fumo.dm.message import Add, Atomic, Delete, Replace
from fumo.errors import MisuseError
from fumo.testing.disk import Damage
from fumo.testing.server import OBJECT
from fumo.tree.written import Written
from tests.device.asked import Device, item
from tests.power.crash import Image, Loss, Platter
from tests.power.vfs import recording

NAME = "journal.db"
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
def test_an_atomic_is_one_commit(tmp_path: Path):
    before, after = outcomes()
    found = [kept_after(image, tmp_path / f"{n}.db") for n, image in enumerate(images(tmp_path))]
    assert [one for one in found if one not in (before, after)] == []
    assert (found[0], found[-1]) == (before, after)


def images(folder: Path) -> list[Image]:
    """The disks that a power cut may leave while the Atomic is done; then that of its answer."""
    (folder / "life").mkdir()
    path = folder / "life" / NAME
    with recording() as disk, SqliteJournal(path) as journal:
        device = Device(journal=journal)
        device.codes(*BEFORE)
        platter, dice = Platter({f.name: f.read_bytes() for f in path.parent.iterdir()}), Random(0)
        disk.events.clear()
        assert device.codes(WHOLE) == [200] * 5
        left = [platter.left(Damage.ALL, dice)]
        for event in disk.events:
            platter.take(event)
            left += [platter.left(damage, dice) for damage in (*Damage, *Loss)]
        return [*left, platter.left(Damage.ALL, dice)]


def kept_after(image: Image, path: Path) -> dict[str, Written]:
    """What a journal of these files tells."""
    for name, content in image.items():
        path.with_name(name.replace(NAME, path.name)).write_bytes(content)
    with SqliteJournal(path) as journal:
        return kept(journal)


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
