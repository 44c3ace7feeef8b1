"""Rows are the truth: what was saved tells the target, whoever keeps it, however it is sorted."""

import pytest

from fumo.codes import Kind
from fumo.device.edges.journal import SqliteJournal
from fumo.errors import MisuseError
from fumo.update import Policy, Target, durable, fold, records
from fumo.update.failures import Cause
from fumo.update.happening import AlertRefused, PackageReplaced, Progressed
from fumo.update.operation import Checkpoint, Evidence
from fumo.update.record import AttemptRow, Boot, Closed, ExecIn, Forgotten, Seal
from tests.update.story import OBJECT, Device, held


def a_long_life() -> Device:
    """Failures, cuts, a refusal, PkgData, a forgotten operation, and one that still runs."""
    device = Device(Policy(backoff_base_s=0.0, tombstones_max=1))
    for correlator in ("1", "2", None):
        device.exec(Kind.DOWNLOAD, correlator)
        device.begin()
        device.fail(Cause.NOT_THERE)
        device.acknowledge()
    device.happen(PackageReplaced(held()))
    device.exec(Kind.UPDATE, "4")
    device.apply_well()
    device.happen(AlertRefused(4, 406))
    device.happen(PackageReplaced(held(package_id="new")))
    device.exec(Kind.DOWNLOAD_AND_UPDATE, "5")
    device.begin()
    device.fail(Cause.RESET)
    device.begin()
    device.happen(Progressed(5, Checkpoint(10, '"e"', 20)))
    device.boot()
    device.fetch()
    device.intend()
    device.sees(Evidence.NONE)
    device.fail(Cause.WRITE_ERROR)
    return device


def test_the_sqlite_journal_tells_the_same_target(tmp_path):
    device = a_long_life()
    with SqliteJournal(tmp_path / "journal.db") as journal:
        journal.save(OBJECT, device.saved)
        assert journal.load()[OBJECT] == durable(device.target)


def test_the_order_of_records_matters_within_one_key_only():
    device = a_long_life()
    tables = sorted(device.saved, key=lambda record: type(record).__name__)
    assert fold(tables) == durable(device.target)


def test_a_forgotten_operation_leaves_no_trace_but_its_number():
    device = a_long_life()
    assert Forgotten(1) in device.saved
    assert [one.order.op_id for one in fold(device.saved).operations] == [3, 4, 5]
    assert device.target.last_op_id == 5


def test_several_steps_may_be_saved_as_one():
    device = Device()
    device.exec(Kind.DOWNLOAD)
    before = device.target
    device.fetch()
    device.begin()
    device.acknowledge()
    saved = [*records(Target(), before), *records(before, device.target)]
    assert fold(saved) == durable(device.target)
    kinds = [type(record) for record in saved]
    assert kinds.index(Seal) < kinds.index(Closed)


def test_what_did_not_change_is_not_saved():
    device = a_long_life()
    assert records(device.target, device.target) == ()


def test_a_boot_is_saved_only_in_the_middle_of_an_operation():
    device = Device()
    device.boot()
    assert device.saved == []
    device.exec(Kind.DOWNLOAD)
    device.boot()
    assert device.saved[-1] == Boot(1, "download", 3)


def test_a_failed_attempt_is_saved_again_with_its_cause():
    device = Device()
    device.exec(Kind.DOWNLOAD)
    device.begin()
    device.fail(Cause.DNS)
    rows = [record.attempt for record in device.saved if isinstance(record, AttemptRow)]
    assert [(row.n, row.failure and row.failure.cause) for row in rows] == [(1, None), (1, "dns")]


def test_rows_of_an_operation_that_was_never_ordered_are_no_memory():
    device = a_long_life()
    orphans = [record for record in device.saved if not isinstance(record, ExecIn)]
    with pytest.raises(MisuseError):
        fold(orphans)


def test_nothing_saved_is_nothing_known():
    assert fold(()) == Target()
