"""Signs packages: a TUF repository that devices with `[trust]` believe, in a folder to be served.

Run: `python3 examples/sign_packages.py DIR PACKAGE...`; needs `fumo[tuf]`.
Keys are made at the first run and kept in DIR.keys: those of root and targets of real devices are
kept away from networks."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from fumo.package.manifest import HEAD_LENGTH_MAX, encode, read_head

DAYS = {"root": 365, "targets": 90, "snapshot": 7, "timestamp": 1}


def key(path: Path) -> CryptoSigner:
    """The role's key, made when it is missing."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(CryptoSigner.generate_ed25519().private_bytes)
    return CryptoSigner(load_pem_private_key(path.read_bytes(), None))


def target(path: Path) -> TargetFile:
    """The package by its length and digest, and its manifest as words of its own."""
    told = TargetFile.from_file(path.name, str(path), ["sha256"])
    manifest, _ = read_head(path.read_bytes()[:HEAD_LENGTH_MAX])
    told.unrecognized_fields["custom"] = msgspec.json.decode(encode(manifest))
    return told


def sign(folder: Path, *packages: Path) -> None:
    """A new version of targets, snapshot and timestamp; root only at the first run."""
    now = datetime.now(UTC).replace(microsecond=0)
    folder.mkdir(exist_ok=True)
    keys = {role: key(Path(f"{folder}.keys") / role) for role in DAYS}
    until = {role: now + timedelta(days) for role, days in DAYS.items()}
    version = 1 + len(list(folder.glob("*.targets.json")))
    root, files = Root(expires=until["root"]), {one.name: target(one) for one in packages}
    for role, signer in keys.items():
        root.add_key(signer.public_key, role)
    targets = Targets(version, expires=until["targets"], targets=files)
    snapshot = Snapshot(version, None, until["snapshot"], {"targets.json": MetaFile(version)})
    timestamp = Timestamp(version, None, until["timestamp"], MetaFile(version))
    timestamp.unrecognized_fields["signed_at"] = now.isoformat()
    names = {f"{version}.targets": targets, f"{version}.snapshot": snapshot, "timestamp": timestamp}
    for name, signed in (names | ({"1.root": root} if version == 1 else {})).items():
        metadata = Metadata(signed)
        metadata.sign(keys[signed.type])
        metadata.to_file(str(folder / f"{name}.json"))


if __name__ == "__main__":
    sign(*map(Path, sys.argv[1:]))
