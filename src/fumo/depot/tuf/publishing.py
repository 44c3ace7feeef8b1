"""From the desk of who signs to what devices are given, in an order that may be cut anywhere.

    bins → list → snapshot → timestamp → new roots

Until the timestamp is written nothing that devices look at has changed; each file before it has a
name of its own. The new roots come last: what stands there already is signed for both, where the
keys before them are held. One publishes at a time: two at once may have to publish again.
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp

from fumo.depot.tuf import places, rules, signing
from fumo.depot.tuf.key_files import Signers
from fumo.depot.tuf.places import Desk, Place, Published, Refused


class Online(Struct, frozen=True):
    """How long what is signed without people lasts."""

    snapshot_days: float = rules.DAYS[rules.SNAPSHOT]
    timestamp_days: float = rules.DAYS[rules.TIMESTAMP]


def publish(
    desk: Desk, to: Published, signers: Signers, now: datetime, online: Online | None = None
) -> list[str]:
    """What was written, in that order. Refused, with nothing written, what none would believe."""
    roots, version = list(places.roots(desk)), desk.version()
    if not roots or not version:
        raise Refused("nothing is signed here yet")
    parts = places.listed(desk, version)
    _insist_on_signatures(desk, roots[-1], parts, now)
    before = list(places.roots(to))
    _insist_on_a_step_on(desk, to, before, version)
    writes = [(f"{version}.{name}.json", part.to_bytes()) for name, part in parts.items()][::-1]
    writes += _fresh(to, roots[-1].signed, before, set(parts), version, signers, now,
                     online or Online())  # fmt: skip
    for root in roots[len(before) :]:
        name = f"{root.signed.version}.root.json"
        writes.append((name, places.present(desk, name)))
    return _written(to, writes)


def refresh(
    to: Published, signers: Signers, now: datetime, online: Online | None = None
) -> list[str]:
    """Sign what is published anew, by the online keys alone; no list changes."""
    roots, at = list(places.roots(to)), places.timestamp(to)
    if not roots or at is None:
        raise Refused("nothing is published there yet")
    meta = places.snapshot(to, at.signed).signed.meta
    parts = {name.removesuffix(".json") for name in meta}
    version = meta["targets.json"].version
    made = _fresh(to, roots[-1].signed, roots, parts, version, signers, now, online or Online())
    return _written(to, made)


def _written(to: Published, writes: list[tuple[str, bytes]]) -> list[str]:
    for name, data in writes:
        to.put(name, data)
    return [name for name, _ in writes]


def _insist_on_signatures(
    desk: Desk, root: Metadata[Root], parts: dict[str, Metadata[Targets]], now: datetime
) -> None:
    signed: list[tuple[str, Metadata[Any]]] = [(rules.ROOT, root)]
    signed += [(rules.TARGETS, part) for part in parts.values()]
    for role, metadata in signed:
        name = f"{role} {metadata.signed.version}"
        if signing.lacks(desk, metadata, role):
            raise Refused(f"{name} is not signed by enough keys: fumo package sign adds yours")
        if metadata.signed.is_expired(now):
            raise Refused(f"{name} has expired: sign it anew")
    keys = set(root.signed.roles[rules.TARGETS].keyids)
    told = parts[rules.TARGETS].signed.delegations
    if told and told.succinct_roles and set(told.succinct_roles.keyids) != keys:
        raise Refused("the bins are given to keys of before: fumo package sign --again")


def _insist_on_a_step_on(desk: Desk, to: Place, before: list[Metadata[Root]], version: int) -> None:
    """What others published meanwhile is not taken back."""
    for root in before:
        name = f"{root.signed.version}.root.json"
        if desk.get(name) != to.get(name):
            raise Refused(f"another {name} is published: fetch what is published first")
    at = places.timestamp(to)
    there = 0
    if at is not None:
        there = places.snapshot(to, at.signed).signed.meta["targets.json"].version
    if there > version:
        raise Refused(f"list {there} is published, and this is {version}: fetch it first")
    name = f"{version}.targets.json"
    if there == version and _words(desk, name) != _words(to, name):
        raise Refused(f"another list {version} is published: fetch it first")


def _words(place: Place, name: str) -> bytes:
    """What was signed, whoever signed it."""
    metadata: Metadata[Any] = Metadata.from_bytes(places.present(place, name))
    return metadata.signed_bytes


def _fresh(
    to: Place, root: Root, before: list[Metadata[Root]], parts: set[str], version: int,
    signers: Signers, now: datetime, online: Online,
) -> list[tuple[str, bytes]]:  # fmt: skip
    """A snapshot and a timestamp one newer than those that are there."""
    now = now.replace(microsecond=0)
    old = places.timestamp(to)
    number = old.signed.snapshot_meta.version + 1 if old else 1
    meta = {f"{name}.json": MetaFile(version) for name in parts}
    snapshot = Snapshot(number, None, now + timedelta(online.snapshot_days), meta)
    at = old.signed.version + 1 if old else 1
    timestamp = Timestamp(at, None, now + timedelta(online.timestamp_days), MetaFile(number))
    timestamp.unrecognized_fields["signed_at"] = now.isoformat()
    known = [root, *(one.signed for one in before[-1:])]
    return [
        (f"{number}.snapshot.json", _signed(snapshot, root, known, signers)),
        ("timestamp.json", _signed(timestamp, root, known, signers)),
    ]


def _signed(signed: Any, root: Root, known: list[Root], signers: Signers) -> bytes:
    role, metadata = signed.type, Metadata[Any](signed)
    for signer in signers.by_id({one for each in known for one in each.roles[role].keyids}):
        metadata.sign(signer, append=True)
    held = root.roles[role].threshold
    if len(set(metadata.signatures) & set(root.roles[role].keyids)) < held:
        raise Refused(f"{held} of the keys of {role} must be here: what is online signs {role}")
    return metadata.to_bytes()
