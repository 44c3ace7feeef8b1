"""Fault F25: the update brings another version of the agent itself, in the middle of an operation.

Journals of every older version are made by their own SQL, in each state of an operation, and the
agent of today goes on from there; and the machine falls back to an agent that is older than the
journal.
"""

import sqlite3
from dataclasses import dataclass, field
from hashlib import sha256

import pytest

from fumo.codes import Kind
from fumo.device import fumo_object
from fumo.device.edges import schema
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.journal import JournalUnusable, SqliteJournal
from fumo.device.edges.journal_opening import open_journal
from fumo.device.edges.keepsake import Keepsake
from fumo.testing.machine import Listened
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.happening import Progressed
from fumo.update.operation import Checkpoint, Evidence, Order
from fumo.update.record import Closed, ExecIn, Seal
from fumo.update.sealing import alert_for
from tests.device.test_journal import JournaledDevice

OBJECT = fumo_object.address("Primary")
PACKAGE = package(b"new firmware" * 200, "2")
DIGEST = sha256(PACKAGE).hexdigest()
TOKEN = "1-0"
FUTURE = (*schema.STEPS, "ALTER TABLE ids ADD COLUMN of_the_future TEXT;")

EXEC = (
    "INSERT INTO exec_in (op_id, server, object_uri, kind, correlator, session_id, msg_id, cmd_id,"
    f" url) VALUES (1, 'mgmt', '{OBJECT}', 'DownloadAndUpdate', 'c-1', '1', 1, 2, '{URL}');"
)
ATTEMPT = "INSERT INTO attempt (op_id, phase, n, boot_id) VALUES (1, 'download', 1, 3);"
FAILED = "UPDATE attempt SET cause = 'reset', result = 503, temporary = 1;"
CKPT = (
    "INSERT INTO ckpt (op_id, length, etag, total)"
    f""" VALUES (1, 1000, '"{DIGEST}"', {len(PACKAGE)});"""
)
HELD = {
    True: "INSERT INTO held (object_uri, package_id, length, sha256, source, after_op_id)"
    f" VALUES ('{OBJECT}', '{DIGEST}', {len(PACKAGE)}, '{DIGEST}', 1, 0);",
    False: "INSERT INTO held (one, package_id, length, sha256, source, after_op_id)"
    f" VALUES (1, '{DIGEST}', {len(PACKAGE)}, '{DIGEST}', 1, 0);",
}
INTENT = (
    "INSERT INTO apply_intent (op_id, token, slot, from_version, to_version, sha256, length,"
    f" boot_id, security_counter) VALUES (1, '{TOKEN}', 'slot-b', '1', '2', '{DIGEST}',"
    f" {len(PACKAGE)}, 3, 0);"
    "INSERT INTO attempt (op_id, phase, n, boot_id) VALUES (1, 'apply', 1, 3);"
)
SEALED = (
    "INSERT INTO outcome (op_id, result, reached) VALUES (1, 200, 'apply');"
    "INSERT INTO outbox (op_id, type, source, mark, correlator)"
    " VALUES (1, 'org.openmobilealliance.dm.firmwareupdate.downloadandupdate',"
    f" '{OBJECT}', 'informational', 'c-1');"
)
CLOSED = "INSERT INTO closed (op_id, clean_up_owed) VALUES (1, 1);"
HOLDS = "held"


@dataclass
class State:
    """Rows in the order in which they were saved, what is on disk, and how it must end."""

    rows: tuple[str, ...]
    part: bytes = b""
    package: bytes = b""
    seen: dict[str, Evidence] = field(default_factory=dict)
    heard: tuple[int, ...] = (200,)
    starts: tuple[int, ...] = ()
    """From where each GET of the package asks."""
    writes: int = 0


STATES = {
    "accepted": State((EXEC,), starts=(0,), writes=1),
    "attempting": State((EXEC, ATTEMPT, CKPT), part=PACKAGE[:1000], starts=(1000,), writes=1),
    "waiting": State((EXEC, ATTEMPT, CKPT, FAILED), part=PACKAGE[:1000], starts=(1000,), writes=1),
    "held": State((EXEC, ATTEMPT, HOLDS), package=PACKAGE, writes=1),
    "intended": State((EXEC, ATTEMPT, HOLDS, INTENT), package=PACKAGE, writes=1),
    "written": State(
        (EXEC, ATTEMPT, HOLDS, INTENT), package=PACKAGE, seen={TOKEN: Evidence.WRITTEN}
    ),
    "flipped": State(
        (EXEC, ATTEMPT, HOLDS, INTENT), package=PACKAGE, seen={TOKEN: Evidence.FLIPPED}
    ),
    "fell back": State(
        (EXEC, ATTEMPT, HOLDS, INTENT),
        package=PACKAGE,
        seen={TOKEN: Evidence.FELL_BACK},
        heard=(410,),
    ),
    "sealed": State((EXEC, ATTEMPT, HOLDS, INTENT, SEALED), package=PACKAGE),
    "settled": State((EXEC, ATTEMPT, HOLDS, INTENT, SEALED, CLOSED), package=PACKAGE, heard=()),
}


def journal_of(path, version: int, state: State) -> None:
    """As the program of this version left it."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript("".join(schema.STEPS[:version]) + f"PRAGMA user_version = {version};")
    db.execute("UPDATE ids SET boot_id = 3, session = 7")
    columns = [row[1] for row in db.execute("PRAGMA table_info(held)")]
    for row in state.rows:
        db.executescript(HELD["object_uri" in columns] if row == HOLDS else row)
    db.close()


def world_of(path, state: State, **settings) -> DeviceWorld:
    world = DeviceWorld(journal=open_journal(path, Listened()), **settings)
    world.depot.files[URL] = PACKAGE
    world.environment.seen.update(state.seen)
    for name, data in (("package.part", state.part), ("package", state.package)):
        if data:
            world.files.replace(name, data)
    return world


@pytest.mark.clause("C16")
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
@pytest.mark.parametrize("version", range(1, schema.VERSION + 1))
def test_f25_a_newer_agent_ends_what_an_older_one_began(tmp_path, version, state):
    path = tmp_path / "journal.db"
    journal_of(path, version, state)
    world = world_of(path, state)
    world.run()
    assert [(alert.number, alert.correlator) for alert in world.server.heard] == [
        (number, "c-1") for number in state.heard
    ]
    assert tuple(wish.start for wish in world.depot.fetches) == state.starts
    assert len(world.environment.written) == state.writes
    world.journal.close()


def on_trial(path) -> None:
    """The newer agent runs on trial: it opened the journal of today and counted a boot."""
    journal_of(path, schema.VERSION, STATES["flipped"])
    with SqliteJournal(path, FUTURE) as newer:
        newer.new_boot()
        newer.new_session()
        newer.save_nonces(b"1", b"2")


@pytest.mark.clause("C16")
def test_f25_the_machine_falls_back_to_an_older_agent_which_ends_the_operation(tmp_path):
    path = tmp_path / "journal.db"
    on_trial(path)
    world = world_of(path, STATES["fell back"])
    world.run()
    assert [(alert.number, alert.correlator) for alert in world.server.heard] == [(410, "c-1")]
    assert world.environment.written == []
    world.journal.close()


def test_f25_on_trial_the_older_ones_copy_stands_over_restarts_and_is_private(tmp_path):
    path = tmp_path / "journal.db"
    on_trial(path)
    on_disk = sorted(tmp_path.glob("journal.db.v*"))
    assert [copy.name for copy in on_disk] == [f"journal.db.v{schema.VERSION}"]
    assert on_disk[0].stat().st_mode & 0o077 == 0
    with SqliteJournal(path, FUTURE):
        assert on_disk[0].exists()


def test_f25_once_its_result_is_sealed_no_older_agent_goes_on(tmp_path):
    path = tmp_path / "journal.db"
    on_trial(path)
    with SqliteJournal(path, FUTURE) as newer:
        world = DeviceWorld(journal=newer)
        world.environment.seen[TOKEN] = Evidence.FLIPPED
        world.run()
        assert [alert.number for alert in world.server.heard] == [200]
        assert not list(tmp_path.glob("journal.db.v*"))
    with pytest.raises(JournalUnusable, match="too new"):
        SqliteJournal(path)
    with SqliteJournal(path, FUTURE) as newer:
        assert len(newer.load()[OBJECT].operations) == 1


MODEM = "./FwUpdate/Modem"
MODEM_ORDER = Order(2, "mgmt", MODEM, Kind.DOWNLOAD, "c-2", "9", 1, 2)


@pytest.mark.clause("C16")
@pytest.mark.parametrize(
    ("came", "heard"),
    [
        ((), [(409, "c-2"), (410, "c-1")]),
        ((Seal(2, alert_for(MODEM_ORDER, 402)),), [(402, "c-2"), (410, "c-1")]),
        ((Seal(2, alert_for(MODEM_ORDER, 402)), Closed(2, False)), [(410, "c-1")]),
    ],
)
def test_f25_what_another_object_was_ordered_on_trial_is_not_lost_by_a_fallback(
    tmp_path, came, heard
):
    path = tmp_path / "journal.db"
    journal_of(path, schema.VERSION, STATES["flipped"])
    keepsake = Keepsake(DiskFolder(tmp_path))
    with SqliteJournal(path, FUTURE) as newer:
        newer.keeps(keepsake)
        for record in (ExecIn(MODEM_ORDER), *came):
            newer.save(MODEM, [record])
    world = world_of(path, STATES["fell back"], others=["Modem"])
    world.run()
    told = [(alert.number, alert.correlator) for alert in world.server.heard]
    assert sorted(told, reverse=True) == sorted(heard, reverse=True)
    assert world.depot.fetches == world.environment.written == []
    world.journal.close()


@pytest.mark.clause("C16")
def test_f25_what_was_open_in_the_copy_and_told_on_trial_is_not_begun_again(tmp_path):
    path = tmp_path / "journal.db"
    modem = MODEM_ORDER
    journal_of(path, schema.VERSION, STATES["flipped"])
    with SqliteJournal(path) as older:
        older.save(MODEM, [ExecIn(modem)])
    with SqliteJournal(path, FUTURE) as newer:
        newer.keeps(Keepsake(DiskFolder(tmp_path)))
        newer.save(MODEM, [Seal(2, alert_for(modem, 402))])
        newer.save(MODEM, [Closed(2, False)])
    assert list(tmp_path.glob("journal.db.v*"))
    world = world_of(path, STATES["fell back"], others=["Modem"])
    world.run()
    assert [(one.number, one.correlator) for one in world.server.heard] == [(410, "c-1")]
    assert world.depot.fetches == []
    world.journal.close()


def test_f25_a_copy_that_was_left_behind_goes_at_the_next_start(tmp_path):
    path = tmp_path / "journal.db"
    journal_of(path, schema.VERSION, STATES["sealed"])
    for name in (f"journal.db.v{schema.VERSION}", "journal.db.v3.new"):
        (tmp_path / name).write_bytes(b"of long ago")
    with SqliteJournal(path, FUTURE):
        assert not list(tmp_path.glob("journal.db.v*"))


def test_f25_where_nothing_is_on_trial_a_newer_journal_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "journal.db"
    with SqliteJournal(path, FUTURE) as newer:
        device = JournaledDevice(newer)
        device.exec(Kind.DOWNLOAD_AND_UPDATE)
        device.begin()
        device.happen(Progressed(1, Checkpoint(10, '"e"', 20)))
        told = newer.load()
    for _ in range(2):
        with pytest.raises(JournalUnusable, match="too new"):
            SqliteJournal(path)
    with SqliteJournal(path, FUTURE) as newer:
        assert newer.load() == told


def test_f25_an_upgrade_is_whole_or_not_at_all(tmp_path):
    path = tmp_path / "journal.db"
    journal_of(path, schema.VERSION, STATES["flipped"])
    broken = (*FUTURE, "THIS IS NO SQL;")
    with pytest.raises(JournalUnusable):
        SqliteJournal(path, broken)
    with SqliteJournal(path) as journal:
        assert len(journal.load()[OBJECT].operations) == 1
