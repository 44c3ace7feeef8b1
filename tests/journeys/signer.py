"""Whoever signs packages in these journeys: a repository of today, put where devices find it."""

import json
import time
from hashlib import sha256
from pathlib import Path

from fumo.depot.ports import Store
from fumo.package.manifest import HEAD_LENGTH_MAX, encode, read_head
from tests.trust.repository import DAYS, NOW_S, TOP, Lab, after

TODAY = (time.time() - NOW_S) / 86400


class Signer(Lab):
    """Signs for the clock of this machine. Packages are named by their SHA-256."""

    def __init__(self) -> None:
        super().__init__()
        for role in TOP:
            self.roles[role].signed.expires = after(TODAY + DAYS[role]).replace(microsecond=0)
        self.factory_root = self._put("1.root.json", "root")

    def offers(self, package: Path, *deltas: dict[str, object], **changes: object) -> str:
        """List a package by its manifest, unless that is changed; its name."""
        data = package.read_bytes()
        manifest, _ = read_head(data[:HEAD_LENGTH_MAX])
        told = json.loads(encode(manifest)) | changes
        name = sha256(data).hexdigest()
        self.lists(name, data, told | ({"deltas": list(deltas)} if deltas else {}))
        return name

    def publishes(self, store: Store) -> None:
        """All roles anew, where devices find them."""
        self.publish()
        self.put(store)

    def put(self, store: Store) -> None:
        """All that was published or spoilt is what devices are served."""
        for name, data in self.served.items():
            store.put_plain(f"metadata/{name}", data)
