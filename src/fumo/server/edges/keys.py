"""Keys that all servers of one database share: a session begun at one goes on at another."""

from contextlib import closing

from fumo.server.edges.folder import Folder
from fumo.server.edges.opening import open_database

SHARED = ("server", "depot")


def share_keys(folder: Folder, database: str) -> None:
    """The folder's keys are from now on those of the database; who comes first gives it its own."""
    give = "INSERT INTO secret (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING"
    with closing(open_database(database)) as db:
        for name in SHARED:
            db.run(give, name, folder.key(name).decode())
            [(key,)] = db.rows("SELECT value FROM secret WHERE name = ?1", name)
            folder.adopt(name, str(key))
