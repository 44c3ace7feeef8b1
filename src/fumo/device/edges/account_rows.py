"""What the journal keeps of notifications and of the account, as rows. Begins no transaction."""

from collections.abc import Collection
from sqlite3 import Connection

from fumo.device.notices import WINDOW
from fumo.dm.account import Provisioned
from fumo.dm.auth import Login

DOCUMENTS_MAX = 1000
"""Documents of which tries are known: as many as anybody would bring, and a bound."""


def read_notified(db: Connection) -> Collection[int]:
    """The session ids of the newest notifications."""
    return {session_id for (session_id,) in db.execute("SELECT session_id FROM notified")}


def write_notified(db: Connection, session_id: int) -> None:
    """One more; beyond the window the oldest goes."""
    db.execute("INSERT INTO notified (session_id) VALUES (?)", (session_id,))
    db.execute("DELETE FROM notified WHERE n <= (SELECT max(n) FROM notified) - ?", (WINDOW,))


def read_account(db: Connection) -> Provisioned | None:
    """The one account; its nonces are where sessions keep them."""
    row = db.execute(
        "SELECT server_id, name, url, scheme, user, secret, server_name, server_secret FROM account"
    ).fetchone()
    if row is None:
        return None
    server_id, name, url, scheme, user, secret, server_name, server_secret = row
    own, server = Login(user, secret), Login(server_name, server_secret)
    return Provisioned(server_id, url, own, server, name, scheme)


def write_account(db: Connection, account: Provisioned) -> None:
    """In place of the one before, and the nonces it begins with."""
    own, server = account.own, account.server
    values = (account.server_id, account.name, account.url, account.scheme)
    proofs = (own.name, own.secret, server.name, server.secret)
    db.execute("REPLACE INTO account VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, *proofs))
    nonces = (account.own_nonce, account.server_nonce)
    db.execute("UPDATE ids SET own_nonce = ?, peer_nonce = ?", nonces)


def read_pin_tries(db: Connection, document: bytes) -> int:
    """PINs tried in vain."""
    found = "SELECT used FROM pin_tries WHERE document = ?"
    row = db.execute(found, (document,)).fetchone()
    return int(row[0]) if row else 0


def write_pin_tries(db: Connection, document: bytes, used: int) -> None:
    """For one document; of too many the oldest is forgotten."""
    db.execute("DELETE FROM pin_tries WHERE document = ?", (document,))
    if used:
        db.execute("INSERT INTO pin_tries (document, used) VALUES (?, ?)", (document, used))
    oldest = "DELETE FROM pin_tries WHERE n <= (SELECT max(n) FROM pin_tries) - ?"
    db.execute(oldest, (DOCUMENTS_MAX,))
