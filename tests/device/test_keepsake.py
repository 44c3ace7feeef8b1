"""Fault F24: the journal rots; what was ordered still ends in one result, nothing runs again."""

import random
import shutil
import sqlite3

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.edges import schema
from fumo.device.edges.journal import JournalUnusable, SqliteJournal
from fumo.device.edges.journal_opening import open_journal
from fumo.device.edges.keepsake import COPIES, COPY_LENGTH, Keepsake
from fumo.testing.disk import Cut, Damage, Fault, MemoryFiles, Moment, PowerCut
from fumo.testing.machine import Listened
from fumo.testing.world import DeviceWorld
from fumo.update.failures import Cause
from fumo.update.operation import Order
from fumo.update.record import Closed, ExecIn, Seal
from fumo.update.sealing import alert_for
from tests.device.test_journal import JournaledDevice
from tests.update.story import OBJECT

SECTOR = 512


def order(op_id=1, **changes) -> Order:
    plain = Order(op_id, "mgmt", OBJECT, Kind.DOWNLOAD, f"c-{op_id}", "1", 1, 2)
    return replace(plain, **changes)


def lines(files):
    return Keepsake(files).read()


def test_what_is_open_is_kept_until_its_result_is_taken():
    files = MemoryFiles()
    keepsake = Keepsake(files)
    assert lines(files) is None
    keepsake.begin(())
    assert lines(files) == ()
    keepsake.saw([ExecIn(order(1)), ExecIn(order(2, kind=Kind.UPDATE))])
    assert [line.order.correlator for line in lines(files)] == ["c-1", "c-2"]
    keepsake.saw([Closed(1, False)])
    assert [line.seal().alert.result for line in lines(files)] == [409]


def test_the_alert_that_was_sealed_is_the_one_that_is_kept():
    files = MemoryFiles()
    keepsake = Keepsake(files)
    alert = alert_for(order(), 402)
    keepsake.saw([ExecIn(order())])
    keepsake.saw([Seal(1, alert)])
    assert lines(files)[0].seal().alert == alert


@pytest.mark.parametrize("damage", Damage)
def test_a_cut_tears_at_most_the_older_copy(damage):
    for operation in range(1, 9):
        for moment in Moment:
            files = MemoryFiles()
            keepsake = Keepsake(files)
            keepsake.begin(())
            files.planned_cut = Cut(files.operations + operation, moment)
            saved = []
            try:
                for op_id in range(1, 6):
                    keepsake.saw([ExecIn(order(op_id))])
                    saved.append(op_id)
            except PowerCut:
                files.cut(damage, operation)
            kept = [line.order.op_id for line in lines(files)]
            assert kept in (saved, [*saved, len(saved) + 1])


def test_a_copy_that_rotted_gives_way_to_the_other():
    files = MemoryFiles()
    keepsake = Keepsake(files)
    keepsake.begin(())
    keepsake.saw([ExecIn(order())])
    for name in COPIES:
        rotten = MemoryFiles()
        rotten.volatile = {one: bytearray(data) for one, data in files.volatile.items()}
        rotten.write(name, 30, b"\xff")
        assert lines(rotten) in ((), lines(files))
        for other in COPIES:
            rotten.write(other, COPY_LENGTH - 1, b"x")
        assert lines(rotten) is None


def test_a_disk_that_will_not_take_it_does_not_hold_up_a_seal():
    files = MemoryFiles()
    keepsake = Keepsake(files)
    keepsake.begin(())
    files.fault = Fault(files.operations + 1, for_ever=True)
    keepsake.saw([ExecIn(order())])
    files.fault = None
    assert lines(files) == ()


def test_what_does_not_fit_loses_its_oldest():
    files = MemoryFiles()
    keepsake = Keepsake(files)
    keepsake.saw([ExecIn(order(op_id, correlator="x" * 900)) for op_id in range(1, 7)])
    kept = [line.order.op_id for line in lines(files)]
    assert kept == list(range(kept[0], 7))
    assert 1 < kept[0] < 6


# The whole journal, damaged.


def test_an_order_that_has_no_room_at_all_costs_the_others_nothing():
    files = MemoryFiles()
    keepsake = Keepsake(files)
    for op_id, correlator in ((1, "a"), (2, "x" * COPY_LENGTH), (3, "b")):
        keepsake.saw([ExecIn(order(op_id, correlator=correlator))])
    assert [line.order.op_id for line in lines(files)] == [1, 3]


def ordered(path, sealed=False) -> JournaledDevice:
    with open_journal(path, Listened()) as journal:
        device = JournaledDevice(journal)
        device.exec(Kind.DOWNLOAD_AND_UPDATE)
        device.begin()
        if sealed:
            device.fail(Cause.CORRUPT)
    return device


def told_after(path, log) -> DeviceWorld:
    with open_journal(path, log) as journal:
        world = DeviceWorld(journal=journal)
        world.run()
    return world


@pytest.mark.clause("C16")
@pytest.mark.parametrize(("sealed", "result"), [(False, 409), (True, 402)])
def test_f24_a_journal_that_is_damaged_ends_what_was_open_and_runs_nothing(
    tmp_path, sealed, result
):
    path = tmp_path / "journal.db"
    device = ordered(path, sealed)
    correlator = device.target.operations[0].order.correlator
    path.write_bytes(b"rotten" * 1000)
    log = Listened()
    world = told_after(path, log)
    assert [(one.number, one.correlator) for one in world.server.heard] == [(result, correlator)]
    assert world.depot.fetches == world.environment.written == []
    assert log.of("JournalDamaged")
    assert (tmp_path / "journal.db.damaged").exists()
    again = told_after(path, Listened())
    assert again.server.heard == []


@pytest.mark.parametrize(("sealed", "result"), [(False, 409), (True, 402)])
def test_f24_a_journal_that_is_gone_leaves_what_was_ordered(tmp_path, sealed, result):
    path = tmp_path / "journal.db"
    ordered(path, sealed)
    path.unlink()
    world = told_after(path, Listened())
    assert [one.number for one in world.server.heard] == [result]
    assert world.depot.fetches == []
    assert told_after(path, Listened()).server.heard == []


def test_f24_without_a_copy_nothing_is_told_and_nothing_begins(tmp_path):
    path = tmp_path / "journal.db"
    ordered(path)
    path.write_bytes(b"rotten" * 1000)
    for name in COPIES:
        (tmp_path / name).write_bytes(b"rotten")
    for _ in range(2):
        with pytest.raises(JournalUnusable):
            open_journal(path, Listened())


def test_f24_rot_that_the_database_does_not_see_is_seen(tmp_path):
    path = tmp_path / "journal.db"
    for change in (
        "UPDATE exec_in SET correlator = 'another'",
        "UPDATE exec_in SET kind = 'Dpwnload'",
        "UPDATE attempt SET phase = 'Download'",
    ):
        ordered(path)
        db = sqlite3.connect(path)
        db.execute("DROP TRIGGER IF EXISTS attempt_stands")
        db.execute(change)
        db.commit()
        db.close()
        world = told_after(path, Listened())
        assert [one.number for one in world.server.heard] == [409], change
        for file in tmp_path.iterdir():
            file.unlink()


def test_f24_a_journal_that_is_ahead_of_its_copy_is_believed(tmp_path):
    path = tmp_path / "journal.db"
    ordered(path)
    with SqliteJournal(path) as journal:  # the power goes before the copy is written
        journal.save(OBJECT, [Seal(1, alert_for(order(object_uri=OBJECT), 402))])
    world = told_after(path, Listened())
    assert [one.number for one in world.server.heard] == [402]


@pytest.mark.clause("C16")
def test_f24_sectors_of_the_journal_rot(tmp_path):
    """Wherever it is: the operation ends once, by its own correlator, and is not begun again."""
    made = tmp_path / "made"
    made.mkdir()
    device = ordered(made / "journal.db", sealed=True)
    correlator = device.target.operations[0].order.correlator
    whole = (made / "journal.db").read_bytes()
    dice = random.Random(24)
    lost = 0
    for number in range(30):
        here = tmp_path / str(number)
        shutil.copytree(made, here)
        data = bytearray(whole)
        for _ in range(dice.choice((1, 1, 2, 5))):
            at = dice.randrange(len(data) // SECTOR) * SECTOR
            data[at : at + SECTOR] = dice.choice((bytes(SECTOR), dice.randbytes(SECTOR)))
        (here / "journal.db").write_bytes(data)
        log = Listened()
        world = told_after(here / "journal.db", log)
        lost += len(log.of("JournalDamaged"))
        assert [(one.number, one.correlator) for one in world.server.heard] == [(402, correlator)]
        assert world.depot.fetches == []
    assert 5 < lost < 30


def test_the_version_of_the_schema_is_that_of_a_new_journal(tmp_path):
    with open_journal(tmp_path / "journal.db", Listened()):
        pass
    with sqlite3.connect(tmp_path / "journal.db") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    db.close()
