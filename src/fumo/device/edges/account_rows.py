"""What the journal keeps of notifications and of the account, as rows. Begins no transaction."""

from collections.abc import Collection
from sqlite3 import Connection

from fumo.device.notices import WINDOW


def read_notified(db: Connection) -> Collection[int]:
    """The session ids of the newest notifications."""
    return {session_id for (session_id,) in db.execute("SELECT session_id FROM notified")}


def write_notified(db: Connection, session_id: int) -> None:
    """One more; beyond the window the oldest goes."""
    db.execute("INSERT INTO notified (session_id) VALUES (?)", (session_id,))
    db.execute("DELETE FROM notified WHERE n <= (SELECT max(n) FROM notified) - ?", (WINDOW,))
