"""A journal of an older program: its records stay, and it learns what is new."""

import sqlite3

from fumo.codes import Kind
from fumo.device.edges import schema
from fumo.device.edges.journal import SqliteJournal
from tests.device.test_journal import JournaledDevice
from tests.update.story import OBJECT


def test_a_journal_of_version_1_is_brought_up_with_what_it_holds(tmp_path):
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as old:
        old.executescript(schema.STEPS[0] + "PRAGMA user_version = 1;")
        old.execute("UPDATE ids SET boot_id = 7, own_nonce = x'0102'")
    old.close()
    with SqliteJournal(path) as journal:
        assert (journal.new_boot(), journal.nonces()) == (8, (b"\1\2", None))
        journal.save_notified(5)
        JournaledDevice(journal).exec(Kind.DOWNLOAD)
    with SqliteJournal(path) as journal:
        assert set(journal.notified()) == {5}
        assert len(journal.load()[OBJECT].operations) == 1
    with sqlite3.connect(path) as now:
        assert now.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    now.close()
