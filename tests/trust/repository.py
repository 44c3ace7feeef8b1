"""A TUF repository in memory, with the keys of its owner: it can be published, and spoiled.

`served` is what a device would get, by name. `get` is the way to it: whatever a story puts into
`faults` happens instead of an answer.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)

from fumo.device.edges.metadata_source import Refused

BASE = "http://127.0.0.1/metadata/"
NOW_S = 1_800_000_000.0
DAYS = {"root": 365, "timestamp": 1, "snapshot": 7, "targets": 30}
TOP = tuple(DAYS)


def after(days: float) -> datetime:
    return datetime.fromtimestamp(NOW_S, UTC) + timedelta(days=days)


def new_key() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


class Lab:
    """`publish` makes a new state of the whole repository, as its owner would."""

    def __init__(self, threshold: int = 1, hashes: bool = False):
        self.hashes = hashes
        """Whether timestamp and snapshot give length and digest of what they name."""
        self.keys = {role: [new_key() for _ in range(threshold)] for role in TOP}
        self.roles: dict[str, Metadata] = {
            "root": Metadata(Root(consistent_snapshot=True)),
            "timestamp": Metadata(Timestamp()),
            "snapshot": Metadata(Snapshot()),
            "targets": Metadata(Targets()),
        }
        for role in TOP:
            self.roles[role].signed.expires = after(DAYS[role])
            self.root.roles[role].threshold = threshold
            for key in self.keys[role]:
                self.root.add_key(key.public_key, role)
        self.served: dict[str, bytes] = {}
        self.faults: dict[str, Callable[[], Iterator[bytes]]] = {}
        self.asked: list[str] = []
        self.factory_root = self._put("1.root.json", "root")

    @property
    def root(self) -> Root:
        return self.roles["root"].signed

    @property
    def timestamp(self) -> Timestamp:
        return self.roles["timestamp"].signed

    @property
    def snapshot(self) -> Snapshot:
        return self.roles["snapshot"].signed

    @property
    def targets(self) -> Targets:
        return self.roles["targets"].signed

    def role(self, name: str) -> Metadata:
        return self.roles[name]

    # What owners do.

    def lists(self, name: str, data: bytes, custom: object, role: str = "targets") -> TargetFile:
        """The package stands in the role's metadata; to be published."""
        file = TargetFile(len(data), {"sha256": sha256(data).hexdigest()}, name)
        if custom is not None:
            file.unrecognized_fields["custom"] = custom
        self.roles[role].signed.targets[name] = file
        return file

    def delegates(self, name: str, paths=("*",), by: str = "targets", terminating=False) -> None:
        """A role of its own for some packages."""
        self.keys[name] = [new_key()]
        self.roles[name] = Metadata(Targets(expires=after(30)))
        parent = self.roles[by].signed
        parent.delegations = parent.delegations or Delegations({}, {})
        role = DelegatedRole(name, [], 1, terminating, paths=list(paths))
        parent.delegations.roles[name] = role
        parent.add_key(self.keys[name][0].public_key, name)

    def bins(self, bits: int = 2) -> None:
        """Packages by the hash of their names, as a repository with many has them."""
        key = new_key()
        roles = SuccinctRoles([], 1, bits, "bin")
        self.targets.delegations = Delegations({}, None, roles)
        self.targets.add_key(key.public_key)
        for name in roles.get_roles():
            self.keys[name] = [key]
            self.roles[name] = Metadata(Targets(expires=after(30)))

    def bin_of(self, name: str) -> str:
        return self.targets.delegations.succinct_roles.get_role_for_target(name)

    def publish(self, *, bump: bool = True) -> None:
        """A new version of everything but root."""
        below = [name for name in self.roles if name not in ("root", "timestamp", "snapshot")]
        for name in below:
            self.publish_targets(name, bump=bump)
        self.publish_snapshot(bump=bump)
        self.publish_timestamp(bump=bump)

    def publish_targets(self, name: str = "targets", *, bump: bool = True) -> None:
        self._bump(name, bump)
        data = self._put(f"{self.roles[name].signed.version}.{name}.json", name)
        self.snapshot.meta[f"{name}.json"] = self._meta(name, data)

    def publish_snapshot(self, *, bump: bool = True) -> None:
        self._bump("snapshot", bump)
        data = self._put(f"{self.snapshot.version}.snapshot.json", "snapshot")
        self.timestamp.snapshot_meta = self._meta("snapshot", data)

    def publish_timestamp(self, *, bump: bool = True) -> None:
        self._bump("timestamp", bump)
        self._put("timestamp.json", "timestamp")

    def publish_root(self, *signers: CryptoSigner, version: int | None = None) -> None:
        """A new root, signed by these, or by whom it needs."""
        self.root.version = version or self.root.version + 1
        keys = self.keys.get("old root", []) + self.keys["root"]
        self._put(f"{self.root.version}.root.json", "root", signers or keys)

    def replaces_keys(self, role: str) -> None:
        """The role gets a new key; a new root says so."""
        for key in self.keys[role]:
            self.root.revoke_key(key.public_key.keyid, role)
        if role == "root":
            self.keys["old root"] = self.keys[role]
        self.keys[role] = [new_key()]
        self.root.add_key(self.keys[role][0].public_key, role)

    def signs(self, role: str, *signers: CryptoSigner) -> bytes:
        """The role's metadata as it is now, signed by these."""
        metadata = self.roles[role]
        metadata.signatures.clear()
        for signer in signers:
            metadata.sign(signer, append=True)
        return metadata.to_bytes()

    # What attackers do.

    def name_of(self, role: str) -> str:
        """The file in which the newest version of the role is served."""
        version = self.roles[role].signed.version
        return "timestamp.json" if role == "timestamp" else f"{version}.{role}.json"

    def edits(self, role: str, change: Callable[[dict], object]) -> None:
        """What is served is changed, whatever its signature says."""
        name = self.name_of(role)
        document = json.loads(self.served[name])
        change(document)
        self.served[name] = json.dumps(document).encode()

    def serves(self, role: str, *signers: CryptoSigner) -> None:
        """The role as it is now, under its own name, signed by these."""
        self.served[self.name_of(role)] = self.signs(role, *signers)

    def breaks(self, name: str, fault: Callable[[], Iterator[bytes]]) -> None:
        """What happens when the file is asked for."""
        self.faults[name] = fault

    def get(self, url: str, rest_s: float) -> Iterator[bytes]:
        """Implements `Get`."""
        assert url.startswith(BASE), url
        name = url.removeprefix(BASE)
        self.asked.append(name)
        if name in self.faults:
            yield from self.faults[name]()
            return
        if name not in self.served:
            raise Refused(404)
        yield self.served[name]

    def _bump(self, role: str, bump: bool) -> None:
        signed = self.roles[role].signed
        published = any(name.endswith(f"{role}.json") for name in self.served)
        signed.version += 1 if bump and published else 0

    def _put(self, name: str, role: str, signers=()) -> bytes:
        data = self.served[name] = self.signs(role, *(signers or self.keys[role]))
        return data

    def _meta(self, role: str, data: bytes) -> MetaFile:
        version = self.roles[role].signed.version
        if not self.hashes:
            return MetaFile(version)
        return MetaFile(version, len(data), {"sha256": sha256(data).hexdigest()})
