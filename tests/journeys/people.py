"""Whoever signs packages as people do: by the commands, with keys in files."""

import json
from pathlib import Path

from click.testing import CliRunner

from fumo.cli.group import fumo
from fumo.depot.ports import Store

ROLES = ("root=ann", "targets=ann", "snapshot=online", "timestamp=online")


class People:
    """Ann lists packages at her desk, and the online keys publish them to `where`."""

    def __init__(self, folder: Path, where: str) -> None:
        self._folder, self._where = folder, where
        self._desk, self._keys = str(folder / "desk"), ("--keys", str(folder / "keys"))
        for name in ("ann", "online"):
            self._says("keys", "new", name, "--no-passphrase", *self._keys)
        roles = [word for role in ROLES for word in ("--role", role)]
        self._says("keys", "begin", self._desk, *roles, *self._keys)

    @property
    def factory_root(self) -> bytes:
        """The root that devices are born with."""
        return (Path(self._desk) / "1.root.json").read_bytes()

    def offers(self, package: Path, *deltas: dict[str, object]) -> None:
        """List a package, and the deltas that lead to it."""
        more: tuple[str, ...] = ()
        if deltas:
            told = self._folder / "deltas.json"
            told.write_text(json.dumps(deltas))
            more = ("--deltas", str(told))
        self._says("package", "sign", self._desk, str(package), *self._keys, *more)

    def publishes(self, store: Store) -> None:
        """Into the store that devices are served from."""
        self._says("package", "publish", self._desk, "--to", self._where, *self._keys)

    def _says(self, *words: str) -> None:
        done = CliRunner().invoke(fumo, list(words))
        assert done.exit_code == 0, (words, done.output)
