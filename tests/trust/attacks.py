"""What can be done to a device that believes a repository: one row an attack.

A row spoils the repository, the package or the order, and says the result that the device must
report. `warm`: the device has seen the good repository before, so that it may be rolled back.
`fetches`: a package is asked for, since only its bytes can tell; else nothing is.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from securesystemslib.formats import encode_canonical

from fumo.device.edges.metadata_source import Bounds
from tests.trust.repository import TOP
from tests.trust.world import NAME, URL, TrustedWorld, custom_of, package_of, says

EVIL = b"evil firmware!" * 50
SMALL = Bounds(root_rotations_max=4, delegations_max=3, bytes_max=512 * 1024)
ROLES = TOP
SIGNED = ("timestamp", "snapshot", "targets")


@dataclass(frozen=True)
class Attack:
    """`id` begins with the class of attack."""

    id: str
    spoil: Callable[[TrustedWorld], object]
    result: int
    why: str | None = None
    warm: bool = False
    fetches: bool = False
    threshold: int = 1
    hashes: bool = False
    before: Callable[[TrustedWorld], object] = lambda world: None
    url: str = URL


ATTACKS: list[Attack] = []


def attack(id: str, result: int, why: str | None = None, **how):
    """A row, whose function is the deed. `why`: words of the reason that is logged, if one is."""

    def add(spoil):
        ATTACKS.append(Attack(id, spoil, result, why, **how))
        return spoil

    return add


def each(roles, id: str, result: int, why: str, **how):
    """A row for each role; `{}` is the role."""

    def add(spoil):
        for role in roles:
            add_one = attack(id.format(role), result, why.format(role), **how)
            add_one(lambda world, role=role: spoil(world, role))
        return spoil

    return add


def evil_root(world: TrustedWorld) -> None:
    """A new root that hands the targets to the attacker; whoever signs it."""
    world.lab.replaces_keys("targets")
    evil_targets(world)


def evil_targets(world: TrustedWorld) -> bytes:
    """The attacker's own package stands in the targets, not signed yet."""
    manifest = says(EVIL)
    data = package_of(manifest, EVIL)
    world.depot.files[URL] = data
    world.lab.lists(NAME, data, custom_of(manifest))
    return data


def to_a_delegate(world: TrustedWorld) -> None:
    del world.lab.targets.targets[NAME]
    world.lab.delegates("lamps", ["lamp-*"])
    world.lab.lists(NAME, world.depot.files[URL], custom_of(says()), "lamps")
    world.lab.publish()


def to_bins(world: TrustedWorld) -> None:
    del world.lab.targets.targets[NAME]
    world.lab.bins()
    world.lab.lists(NAME, world.depot.files[URL], custom_of(says()), world.lab.bin_of(NAME))
    world.lab.publish()


def flipped(document: dict) -> str:
    signature = document["signatures"][0]["sig"]
    return ("1" if signature[0] == "0" else "0") + signature[1:]


def resigned(world: TrustedWorld, role: str, change: Callable[[dict], object]) -> bytes:
    """What no library would make: the signed part changed as JSON, and signed by its own keys."""
    document = json.loads(world.lab.signs(role, *world.lab.keys[role]))
    change(document["signed"])
    payload = encode_canonical(document["signed"]).encode()
    signatures = [key.sign(payload).to_dict() for key in world.lab.keys[role]]
    return json.dumps(document | {"signatures": signatures}).encode()
