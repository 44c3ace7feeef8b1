"""New versions of root and of the list of packages, signed by whatever keys are at hand.

A role counts once as many of its keys signed as its threshold says: the others may sign later and
elsewhere, by `countersign`. Who takes over from other keys signs with both, where both are held, so
that no device is left between two roots.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from securesystemslib.signer import Key  # type: ignore[attr-defined]
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import (
    Delegations,
    Metadata,
    Root,
    SuccinctRoles,
    TargetFile,
    Targets,
)

from fumo.depot.tuf import places, rules
from fumo.depot.tuf.key_files import Signers
from fumo.depot.tuf.places import Desk, Refused

__all__ = ["Given", "begin", "countersign", "lacks", "list_files", "rotate"]


class Given(Struct, frozen=True):
    """The keys of a role, and how many of them must sign."""

    keys: tuple[Key, ...]
    threshold: int = 1


def begin(
    desk: Desk, given: Mapping[str, Given], signers: Signers, now: datetime
) -> Metadata[Root]:
    """The first root, from which devices are born."""
    if desk.get("1.root.json") is not None:
        raise Refused("there is a root already: fumo keys rotate gives it other keys")
    if missing := [role for role in rules.ROLES if role not in given]:
        raise Refused(f"no key is given for {', '.join(missing)}")
    return _write_root(desk, Root(), given, signers, now)


def rotate(
    desk: Desk, given: Mapping[str, Given], signers: Signers, now: datetime
) -> Metadata[Root]:
    """The next root: these roles get these keys in place of all that they had."""
    before = places.newest_roots(desk)[-1]
    if lacks(desk, before, rules.ROOT):
        raise Refused(f"root {before.signed.version} lacks signatures still: let others sign first")
    root = deepcopy(before.signed)
    root.version += 1
    return _write_root(desk, root, given, signers, now)


def _write_root(
    desk: Desk, root: Root, given: Mapping[str, Given], signers: Signers, now: datetime
) -> Metadata[Root]:
    for role, one in given.items():
        if not 1 <= one.threshold <= len({key.keyid for key in one.keys}):
            raise Refused(f"{role}: {one.threshold} of {len(one.keys)} keys cannot sign")
        for old in tuple(root.roles[role].keyids):
            root.revoke_key(old, role)
        for key in one.keys:
            root.add_key(key, role)
        root.roles[role].threshold = one.threshold
    root.expires = _until(now, rules.DAYS[rules.ROOT])
    metadata = Metadata(root)
    _sign(metadata, signers, _ids(desk, rules.ROOT) | set(root.roles[rules.ROOT].keyids))
    desk.put(f"{root.version}.root.json", metadata.to_bytes())
    return metadata


def list_files(
    desk: Desk, files: Mapping[str, TargetFile], signers: Signers, now: datetime,
    days: int = rules.DAYS[rules.TARGETS],
) -> int:  # fmt: skip
    """A new version of the list, in bins when it is long; its number."""
    version, root = desk.version() + 1, places.newest_roots(desk)[-1].signed
    parts = _parted(files, version, root)
    for name in sorted(parts, key=lambda name: name == rules.TARGETS):
        parts[name].expires = _until(now, days)
        metadata = Metadata(parts[name])
        _sign(metadata, signers, _ids(desk, rules.TARGETS))
        desk.put(f"{version}.{name}.json", metadata.to_bytes())
    return version


def _parted(files: Mapping[str, TargetFile], version: int, root: Root) -> dict[str, Targets]:
    bits = rules.bits(len(files))
    if not bits:
        return {rules.TARGETS: Targets(version, targets=dict(files))}
    role = root.roles[rules.TARGETS]
    bins = SuccinctRoles(list(role.keyids), role.threshold, bits, rules.BIN)
    keys = {one: root.keys[one] for one in role.keyids}
    parts = {name: Targets(version) for name in bins.get_roles()}
    for name, file in files.items():
        parts[bins.get_role_for_target(name)].targets[name] = file
    return parts | {
        rules.TARGETS: Targets(version, delegations=Delegations(keys, succinct_roles=bins))
    }


def countersign(desk: Desk, signers: Signers) -> list[str]:
    """Sign the newest root and list too, with every key of theirs that is held here; which."""
    names = [f"{places.newest_roots(desk)[-1].signed.version}.root.json"]
    if version := desk.version():
        names += [f"{version}.{part}.json" for part in places.listed(desk, version)]
    return [name for name in names if _countersigned(desk, name, signers)]


def _countersigned(desk: Desk, name: str, signers: Signers) -> bool:
    metadata: Metadata[Any] = Metadata.from_bytes(places.present(desk, name))
    before = set(metadata.signatures)
    _sign(metadata, signers, _ids(desk, metadata.signed.type) - before)
    if set(metadata.signatures) == before:
        return False
    desk.put(name, metadata.to_bytes())
    return True


def _ids(desk: Desk, role: str) -> set[str]:
    """The keys of a role now, and before the newest root."""
    last = list(places.roots(desk))[-2:]
    return {keyid for root in last for keyid in root.signed.roles[role].keyids}


def _sign(metadata: Metadata[Any], signers: Signers, ids: set[str]) -> None:
    for signer in signers.by_id(ids):
        metadata.sign(signer, append=True)


def lacks(desk: places.Place, metadata: Metadata[Any], role: str) -> bool:
    """Is it short of signatures, by the newest root, and for a root by the one before it too?"""
    for root in judges(desk, metadata, role):
        try:
            root.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except UnsignedMetadataError:
            return True
    return False


def judges(place: places.Place, metadata: Metadata[Any], role: str) -> list[Root]:
    """By whom it must be believed."""
    found = [one.signed for one in places.newest_roots(place)]
    return found if role == rules.ROOT else found[-1:]


def _until(now: datetime, days: float) -> datetime:
    return now.replace(microsecond=0) + timedelta(days)
