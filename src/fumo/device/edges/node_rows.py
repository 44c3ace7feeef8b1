"""What servers wrote about nodes, as rows; octets lie as base64. No transaction is begun here."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from sqlite3 import Connection

from fumo.tree.written import Written

COLUMNS = "address, format, type, text, octets, title, acl"
INSERT = f"INSERT INTO node ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"


def read(db: Connection) -> dict[str, Written]:
    """All of it, by address."""
    return {
        address: Written(format_, type_, text if octets is None else b64decode(octets), title, acl)
        for address, format_, type_, text, octets, title, acl in db.execute(
            f"SELECT {COLUMNS} FROM node"
        )
    }


def write(db: Connection, changes: Mapping[str, Written | None]) -> None:
    """Put or, with None, remove each."""
    for address, one in changes.items():
        db.execute("DELETE FROM node WHERE address = ?", (address,))
        if one is not None:
            db.execute(INSERT, _row(address, one))


def _row(address: str, one: Written) -> tuple[str | None, ...]:
    value = one.value
    octets = b64encode(value).decode() if isinstance(value, bytes) else None
    text = None if isinstance(value, bytes) else value
    return address, one.format, one.type, text, octets, one.title, one.acl
