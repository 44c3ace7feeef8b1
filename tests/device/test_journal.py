"""The journal: what it saved it tells again, and what breaks the once-only rule it refuses."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.edges import schema
from fumo.device.edges.journal import JournalUnusable, SqliteJournal
from fumo.errors import MisuseError
from fumo.tree.written import Written
from fumo.update import Policy, durable
from fumo.update.failures import Cause, failure
from fumo.update.happening import (
    AlertRefused,
    CleanedUp,
    GivenUp,
    PackageReplaced,
    Progressed,
    Tallied,
)
from fumo.update.operation import Attempt, Checkpoint, Held, Order, Phase, Target
from fumo.update.record import AttemptRow, CheckpointRow, ExecIn, Seal, TallyRow
from fumo.update.tally import Stage, Tally, Word
from tests.update.story import OBJECT, Device
from tests.update.test_machine import POLICY, Life

NODE = Written("bin", "a/b", b"\0\xff", "Title", "Get=*")


class JournaledDevice(Device):
    """The device of the update stories, with every step saved in a journal."""

    def __init__(self, journal: SqliteJournal, policy: Policy | None = None) -> None:
        self.journal = journal
        super().__init__(policy)

    def happen(self, happening) -> None:
        known = len(self.saved)
        super().happen(happening)
        self.journal.save(OBJECT, self.saved[known:])
        assert self.journal.load().get(OBJECT, Target()) == durable(self.target)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path):
    with SqliteJournal(path) as journal:
        yield journal


def sealed(journal) -> JournaledDevice:
    """A device whose first operation failed for good, with a checkpoint on the way."""
    device = JournaledDevice(journal)
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.begin()
    device.happen(Progressed(1, Checkpoint(10, '"e"', 20)))
    device.fail(Cause.CORRUPT)
    return device


HEARD = Tally(Stage.DOWNLOAD, 61.5, 1, 300.25, Word.YES, True)


def waiting(journal) -> JournaledDevice:
    """A device whose first operation waits."""
    device = JournaledDevice(journal)
    device.exec(Kind.DOWNLOAD)
    device.happen(Tallied(1, HEARD))
    return device


def updated(journal) -> JournaledDevice:
    device = JournaledDevice(journal)
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.fetch()
    device.apply_well()
    return device


def test_a_new_journal_tells_of_nothing(journal):
    assert journal.load() == {}
    assert journal.nonces() == (None, None)
    assert journal.nodes() == {}


def test_a_whole_update_is_told_again_at_every_step(journal):
    device = updated(journal)
    device.acknowledge()
    device.happen(CleanedUp(1))
    assert device.told == []


def test_a_refused_alert_and_old_operations_are_told_again(journal):
    device = JournaledDevice(journal, Policy(tombstones_max=1, refusals_max=2))
    for _ in range(4):
        device.exec(Kind.DOWNLOAD)
        device.happen(Tallied(device.op_id, HEARD))
        device.begin()
        device.fail(Cause.NOT_THERE)
        for _ in range(2):
            device.happen(AlertRefused(device.op_id, 406))
    assert len(journal.load()[OBJECT].operations) == 2


def test_what_is_held_is_told_again_to_the_last_byte(journal):
    device = JournaledDevice(journal)
    manifest = b"\x00\xff not even text"
    device.happen(PackageReplaced(Held("p", 9, "ab", None, manifest)))
    device.exec(Kind.UPDATE)
    assert journal.load()[OBJECT].held.manifest == manifest


def test_another_program_start_finds_it_all(path):
    with SqliteJournal(path) as journal:
        device = sealed(journal)
        journal.save_nodes({"./A": Written(value="1"), "./B": Written(value="zwei")})
        journal.save_nodes({"./A": None, "./B": NODE})
        journal.save_nonces(b"own\0", b"peer")
    with SqliteJournal(path) as journal:
        assert journal.load()[OBJECT] == durable(device.target)
        assert journal.nodes() == {"./B": NODE}
        assert journal.nonces() == (b"own\0", b"peer")


@pytest.mark.clause("T2-09")
def test_a_journal_of_the_first_version_is_taken_over(path):
    """What servers wrote then: leaves as text, and below Ext a little JSON."""
    db = sqlite3.connect(path)
    db.executescript(f"{schema.STEPS[0]} PRAGMA user_version = 1;")
    ext = "./FwUpdate/Primary/Ext"
    rows = {
        "./FwUpdate/Primary/PkgName": "a name",
        f"{ext}/Dir": '{"format":"node","type":"urn:x"}',
        f"{ext}/Dir/Text": '{"format":"chr","type":"text/plain","text":"zw\u00f6lf"}',
        f"{ext}/Octets": '{"format":"bin","type":"a/b","octets":"AAH/"}',
    }
    db.executemany("INSERT INTO leaf VALUES (?, ?)", rows.items())
    db.execute("UPDATE ids SET session = 7")
    db.commit()
    db.close()
    for _ in range(2):
        with SqliteJournal(path) as journal:
            assert journal.nodes() == {
                "./FwUpdate/Primary/PkgName": Written(value="a name"),
                f"{ext}/Dir": Written("node", "urn:x", "", "", ""),
                f"{ext}/Dir/Text": Written("chr", "text/plain", "zwölf", "", ""),
                f"{ext}/Octets": Written("bin", "a/b", b"\0\1\xff", "", ""),
            }
            assert journal._db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    with SqliteJournal(path) as journal:
        assert journal.new_session() == "8"


class JournaledLife(Life):
    """Any life of a device, saved on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        journal = SqliteJournal(Path(self.folder.name) / "journal.db")
        self.device = JournaledDevice(journal, POLICY)

    def teardown(self) -> None:
        self.device.journal.close()
        self.folder.cleanup()


TestJournaledLife = JournaledLife.TestCase
TestJournaledLife.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)


def test_boots_and_sessions_are_counted_across_starts(path):
    boots, sessions = [], []
    for _ in range(3):
        with SqliteJournal(path) as journal:
            boots.append(journal.new_boot())
            sessions.append(journal.new_session())
    assert boots == [1, 2, 3]
    assert sessions == ["1", "2", "3"]


def test_a_session_id_has_four_digits_at_most_and_is_never_zero(path, journal):
    journal._commit(lambda db: db.execute("UPDATE ids SET session = ?", (0xFFFE,)))
    assert [journal.new_session() for _ in range(3)] == ["FFFF", "1", "2"]


# What the database itself forbids, whoever asks.


@pytest.mark.clause("C16")
@pytest.mark.parametrize(
    "record",
    [
        AttemptRow(1, Attempt(Phase.DOWNLOAD, 2, 9)),
        AttemptRow(1, Attempt(Phase.APPLY, 1, 9)),
        CheckpointRow(1, Checkpoint(5, None)),
    ],
)
def test_after_the_seal_nothing_of_the_operation_begins(journal, record):
    device = sealed(journal)
    with pytest.raises(MisuseError, match="sealed"):
        journal.save(OBJECT, [record])
    assert journal.load()[OBJECT] == durable(device.target)


def test_what_was_heard_at_a_gate_is_told_again_also_by_another_program_start(path):
    with SqliteJournal(path) as journal:
        waiting(journal)
    with SqliteJournal(path) as journal:
        assert journal.load()[OBJECT].tallies == (HEARD,)
        more = replace(HEARD, waited_s=100.0, deferrals=2, waiting=False)
        journal.save(OBJECT, [TallyRow(1, more)])
        assert journal.load()[OBJECT].tallies == (more,)


def test_what_was_given_up_has_heard_nothing(journal):
    device = waiting(journal)
    device.happen(GivenUp(1, failure(Cause.CANCELLED)))
    assert device.told == [401]
    assert journal.load()[OBJECT].tallies == ()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE gate SET waited_s = 61",
        "UPDATE gate SET deferrals = 0",
        "UPDATE gate SET word = 'later'",
        "UPDATE gate SET word = NULL",
        "UPDATE gate SET stage = 'write'",
    ],
)
def test_what_was_heard_is_unheard_by_no_program(path, sql):
    with SqliteJournal(path) as journal:
        waiting(journal)
    with sqlite3.connect(path) as db, pytest.raises(sqlite3.IntegrityError, match="unheard"):
        db.execute(sql)
    db.close()


FORBIDDEN = [
    "UPDATE outcome SET result = 200",
    "UPDATE outbox SET correlator = 'other'",
    "UPDATE outbox SET mark = 'informational'",
    "UPDATE outbox SET refusals = -1",
    "DELETE FROM outcome",
    "DELETE FROM outbox",
    "DELETE FROM attempt",
    "DELETE FROM exec_in",
    "INSERT INTO attempt VALUES (1, 'download', 7, 1, NULL, NULL, NULL)",
    "INSERT INTO ckpt VALUES (1, 5, NULL, NULL)",
    "INSERT INTO gate VALUES (1, 'reboot', 0, 0, 0, NULL, 0)",
    "INSERT INTO apply_intent VALUES (1, 't', 's', '1', '2', 'ab', 5, 1, 0)",
    "UPDATE attempt SET n = 0",
    "UPDATE attempt SET n = 5",
    "UPDATE attempt SET boot_id = 77",
    "INSERT OR REPLACE INTO outcome VALUES (1, 200, 'apply')",
    "INSERT INTO exec_in VALUES (1, 's', 'o', 'Download', NULL, '1', 1, NULL, 1)",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_the_database_forbids_it_to_any_program(path, sql):
    with SqliteJournal(path) as journal:
        sealed(journal)
    db = sqlite3.connect(path)
    db.execute("PRAGMA recursive_triggers = ON")  # so that REPLACE asks the delete triggers
    try:
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(sql)
    finally:
        db.close()


def test_an_attempt_that_runs_is_never_uncounted(path):
    with SqliteJournal(path) as journal:
        device = JournaledDevice(journal)
        device.exec(Kind.DOWNLOAD)
        device.begin()
    db = sqlite3.connect(path)
    try:
        for sql in ("DELETE FROM attempt", FORBIDDEN[8].replace("7", "1")):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(sql)
        with pytest.raises(sqlite3.IntegrityError, match="closed before"):
            db.execute("INSERT INTO closed VALUES (1, 0)")
    finally:
        db.close()


def test_an_operation_number_comes_once(journal):
    device = sealed(journal)
    device.acknowledge()
    with pytest.raises(MisuseError, match="comes once"):
        journal.save(OBJECT, [ExecIn(device.newest.order)])


def test_a_batch_is_saved_whole_or_not_at_all(journal):
    device = sealed(journal)
    before = journal.load()
    new = ExecIn(Order(2, "s", "o", Kind.DOWNLOAD, None, "1", 1, 1, "u"))
    with pytest.raises(MisuseError):
        journal.save(OBJECT, [new, Seal(1, device.newest.alert)])
    assert journal.load() == before


# What it refuses to open.


def test_two_agents_never_share_a_journal(path, journal):
    script = f"from fumo.device.edges.journal import *\nSqliteJournal({str(path)!r})"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert other.returncode != 0
    assert "locked" in other.stderr


def test_a_journal_of_a_later_version_is_left_alone(path):
    SqliteJournal(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalUnusable, match="too new"):
        SqliteJournal(path)


def test_a_damaged_journal_is_refused(path):
    with SqliteJournal(path) as journal:
        sealed(journal)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    with pytest.raises(JournalUnusable):
        SqliteJournal(path)


def test_a_file_that_is_no_database_is_refused(path):
    path.write_bytes(b"this is something else entirely\n" * 100)
    with pytest.raises(JournalUnusable) as caught:
        SqliteJournal(path)
    assert caught.value.errno == errno.EUCLEAN


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(JournalUnusable):
        SqliteJournal(tmp_path / "nowhere" / "journal.db")


def test_sqlite_runs_as_it_was_told_to(path, journal):
    told = {
        name: journal._db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "locking_mode")
    }
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "locking_mode": "exclusive",
    }


class Failing:
    """A database whose every statement but those of a transaction fails."""

    def __init__(self, db: sqlite3.Connection, error: type[sqlite3.Error]) -> None:
        self._db, self._error = db, error

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        if sql.startswith(("SELECT", "UPDATE")):
            raise self._error("disk I/O error")
        return self._db.execute(sql, *values)

    def __getattr__(self, name: str) -> object:
        return getattr(self._db, name)


@pytest.mark.parametrize("error", [sqlite3.OperationalError, sqlite3.DatabaseError])
@pytest.mark.parametrize("call", ["load", "nonces", "new_session", "new_boot"])
def test_trouble_with_the_disk_is_an_os_error(
    tmp_path: Path, call: str, error: type[sqlite3.Error]
):
    journal = SqliteJournal(tmp_path / "journal.db")
    journal._db = Failing(journal._db, error)
    with pytest.raises(OSError, match="disk I/O error"):
        getattr(journal, call)()


def test_a_journal_is_one_devices(tmp_path: Path):
    """Another one would tell its results under the wrong name."""
    for _ in range(2):
        with SqliteJournal(tmp_path / "journal.db") as journal:
            journal.belongs_to("IMEI:A")
    with (
        SqliteJournal(tmp_path / "journal.db") as journal,
        pytest.raises(JournalUnusable, match="IMEI:A"),
    ):
        journal.belongs_to("IMEI:B")
