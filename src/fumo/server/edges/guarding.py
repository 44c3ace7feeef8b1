"""The version of a device guards all its rows: who raises it makes a message decide anew."""

from collections.abc import Sequence

from fumo.server.edges.database import Database, Said
from fumo.server.notify import next_session

LOCKED_ALL = Said(
    "SELECT 1 WHERE ?1 IS NULL",
    "SELECT id FROM device WHERE id = ANY(?1) ORDER BY id FOR NO KEY UPDATE",
)


def raise_versions(db: Database, devices: Sequence[str]) -> None:
    """In the order of keys, so that no two processes wait for each other."""
    ids = sorted(devices)
    db.rows(LOCKED_ALL, ids)
    db.run("UPDATE device SET version = version + 1 WHERE id IN ?*1", ids)


def next_session_id(db: Database, device_id: str) -> int:
    """Of a device's notifications, given once only; its version was raised."""
    found = db.rows("SELECT session_id FROM notified WHERE device_id = ?1", device_id)
    session_id = next_session(found[0][0] if found else None)
    sql = """INSERT INTO notified (device_id, session_id) VALUES (?1, ?2)
        ON CONFLICT (device_id) DO UPDATE SET session_id = excluded.session_id"""
    db.run(sql, device_id, session_id)
    return session_id
