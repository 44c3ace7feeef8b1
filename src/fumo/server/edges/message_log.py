"""The log of DM messages: each with the operations it spoke of, the newest ones of each device."""

from collections.abc import Sequence

from fumo.server.edges.database import Bulk, Database
from fumo.server.rows import Writes

LOGGED_MAX = 2_000
"""Logged messages of a device, checked as a session begins: a month of a session an hour, and some
10 MB. Older ones make room."""
MESSAGES = Bulk(
    "message",
    ("id", "device_id", "inbound", "session_id", "msg_id", "at_s", "media_type", "body"),
    ("bigint", "text", "bigint", "text", "bigint", "double precision", "text", "bytea"),
)
ABOUT = Bulk("about", ("operation_id", "message_id"), ("bigint", "bigint"))


def write_log(db: Database, writes: Sequence[Writes]) -> None:
    """Log what these messages and their replies said."""
    for begun in (one.device_id for one in writes if one.new_session):
        _make_room(db, begun)
    logged = [(one.device_id, each) for one in writes for each in one.log]
    rows, about = [], []
    for number, (who, one) in zip(db.numbers("message", len(logged)), logged, strict=True):
        where = (one.session_id, one.msg_id, one.at_s, one.media_type)
        rows.append((number, who, int(one.inbound), *where, one.body))
        about += [(operation, number) for operation in one.operations]
    db.put(MESSAGES, rows)
    db.put(ABOUT, about)


def _make_room(db: Database, device_id: str) -> None:
    """The log of a device keeps its newest messages."""
    sql = "SELECT id FROM message WHERE device_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2"
    found = db.rows(sql, device_id, LOGGED_MAX)
    if not found:
        return
    [(newest_old,)] = found
    of_device = "(SELECT id FROM operation WHERE device_id = ?1)"
    about = f"DELETE FROM about WHERE operation_id IN {of_device} AND message_id <= ?2"
    for sql in (about, "DELETE FROM message WHERE device_id = ?1 AND id <= ?2"):
        db.run(sql, device_id, newest_old)
