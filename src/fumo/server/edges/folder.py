"""The server's data folder: its lock, its keys, and where everything is in it."""

import fcntl
import os
import secrets
from pathlib import Path

from fumo.errors import FumoError

KEY_BYTES = 32
IDENTITY_LENGTH = 16


class FolderInUse(FumoError):
    """Another server works in this folder."""


class Folder:
    """One data folder, held by one process."""

    def __init__(self, path: Path) -> None:
        """Made when missing, for its owner alone."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self.database = path / "server.db"
        self.socket = path / "admin.sock"
        self.depot = path / "depot"
        self.depot_log = self.depot / "requests.jsonl"
        self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            os.close(self._lock)
            raise FolderInUse(f"another server works in {path}: stop it first") from fault

    @property
    def identity(self) -> str:
        """What tells this folder from those of other servers of the same database."""
        return self.key("identity").decode()[:IDENTITY_LENGTH]

    def key(self, name: str) -> bytes:
        """A secret of this folder, made when missing."""
        path = self.key_file(name)
        return path.read_bytes().strip()

    def key_file(self, name: str) -> Path:
        """The file of a secret; whole or not there."""
        path = self.path / f"{name}.key"
        if not path.exists():
            self._write(path, secrets.token_hex(KEY_BYTES))
        return path

    def adopt(self, name: str, key: str) -> None:
        """From now on the secret of this name is another's, in hex."""
        if self.key(name).decode() != key:
            self._write(self.path / f"{name}.key", key)

    def _write(self, path: Path, key: str) -> None:
        aside = path.with_suffix(".new")
        aside.unlink(missing_ok=True)
        aside.touch(mode=0o600)
        with aside.open("w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())  # a key that a power cut left empty could be guessed
        aside.replace(path)

    def close(self) -> None:
        """Let another server in."""
        self.socket.unlink(missing_ok=True)
        os.close(self._lock)
