"""A2 to A4: what was good once, or elsewhere: rollback, freeze, mix-and-match."""

from datetime import UTC, datetime

from tests.trust.attacks import EVIL, SIGNED, attack, each, evil_targets, to_bins
from tests.trust.repository import NOW_S, after
from tests.trust.world import COUNTER, NAME, URL, custom_of, package_of, says

# A2: rollback.


@each(SIGNED, "a2 {} of an older version", 404, "version", warm=True)
def _(world, role):
    """Made anew by its own stolen key: only what the device has seen speaks against it."""
    world.lab.role(role).signed.version = 1
    evil_targets(world)
    if role == "targets":
        world.lab.publish_targets(bump=False)
    if role != "timestamp":
        world.lab.publish_snapshot(bump=role == "targets")
    world.lab.publish_timestamp(bump=role != "timestamp")


@attack("a2 the whole repository of yesterday", 404, "New timestamp version 1", warm=True)
def _(world):
    world.lab.served = world.yesterday


@attack(
    "a2 snapshot that forgets a role",
    404,
    "missing info for 'bin-",
    warm=True,
    before=to_bins,
)
def _(world):
    del world.lab.snapshot.meta[f"{world.lab.bin_of(NAME)}.json"]
    world.lab.publish_snapshot()
    world.lab.publish_timestamp()


@attack(
    "a2 bin of an older version",
    404,
    "Expected bin-",
    warm=True,
    before=to_bins,
)
def _(world):
    name = world.lab.bin_of(NAME)
    world.lab.role(name).signed.version = 1
    world.lab.publish_targets(name, bump=False)
    world.lab.publish_snapshot()
    world.lab.publish_timestamp()


@attack("a2 package below the security counter", 405, "security counter 2 is below 3")
def _(world):
    world.offers(says(security_counter=COUNTER - 1))
    world.lab.publish()


@attack("a2 package without a security counter", 405, "security counter 0 is below 3")
def _(world):
    world.offers(says(security_counter=0))
    world.lab.publish()


@attack("a2 package from a version that is gone", 403, "updates 0, not 1")
def _(world):
    world.offers(says(from_version="0"))
    world.lab.publish()


@attack(
    "a2 clock set back to when old metadata was good", 404, "timestamp.json is expired", warm=True
)
def _(world):
    world.clock_s = NOW_S - 400 * 86400
    world.lab.timestamp.expires = after(-1)
    world.lab.publish()


# A3: freeze, and what has expired.


@each(SIGNED, "a3 {} has expired", 404, "{}")
def _(world, role):
    world.lab.role(role).signed.expires = after(-0.01)
    world.lab.publish()


@attack("a3 root has expired", 404, "root.json is expired")
def _(world):
    world.lab.root.expires = after(-0.01)
    world.lab.publish_root()


@attack("a3 bin has expired", 404, "New bin-", before=to_bins)
def _(world):
    world.lab.role(world.lab.bin_of(NAME)).signed.expires = after(-0.01)
    world.lab.publish()


@attack("a3 the same metadata for ever", 404, "timestamp.json is expired", warm=True)
def _(world):
    world.clock_s += 2 * 86400


@attack(
    "a3 clock without a battery and metadata that was signed later than it ends",
    404,
    "when its own timestamp was signed",
)
def _(world):
    world.clock_s = 0.0
    signed_at = datetime.fromtimestamp(NOW_S, UTC).isoformat()
    world.lab.timestamp.unrecognized_fields["signed_at"] = signed_at
    world.lab.snapshot.expires = after(-1)
    world.lab.publish()


@attack(
    "a3 clock set back and the same metadata for ever", 404, "timestamp.json is expired", warm=True
)
def _(world):
    """It was seen good for the last time long after the timestamp that is served now."""
    world.lab.timestamp.expires = after(9)
    world.lab.snapshot.expires = world.lab.targets.expires = after(9)
    world.lab.publish()
    world.clock_s = NOW_S + 8 * 86400
    assert world.orders() == 200
    world.depot.fetches.clear()
    world.clock_s = NOW_S
    world.lab.timestamp.expires = after(7)
    world.lab.publish()


# A4: mix-and-match.


@attack("a4 snapshot of another time", 404, "Expected targets.json version 1, got 2", warm=True)
def _(world):
    world.lab.publish()
    newer = world.lab.name_of("snapshot")
    world.lab.served[newer] = world.yesterday["1.snapshot.json"]


@attack("a4 targets of another time", 404, "Expected targets v3, got v1", warm=True)
def _(world):
    world.lab.publish()
    newer = world.lab.name_of("targets")
    world.lab.served[newer] = world.yesterday["1.targets.json"]


@each(
    ("snapshot", "targets"),
    "a4 {} of the same version with another digest",
    404,
    "Mismatch",
    hashes=True,
)
def _(world, role):
    evil_targets(world)
    world.lab.serves(role, *world.lab.keys[role])
    if role == "snapshot":
        world.lab.snapshot.unrecognized_fields["more"] = "words"
        world.lab.serves(role, *world.lab.keys[role])


@attack("a4 targets served as the snapshot", 404, "Expected 'snapshot', got 'targets'")
def _(world):
    world.lab.served["1.snapshot.json"] = world.lab.served["1.targets.json"]


@attack("a4 snapshot served as the timestamp", 404, "Expected 'timestamp', got 'snapshot'")
def _(world):
    world.lab.served["timestamp.json"] = world.lab.served["1.snapshot.json"]


@attack("a4 package of another device under this name", 402, fetches=True)
def _(world):
    other = package_of(says(EVIL, model="kettle"), EVIL)
    world.lab.lists("kettle.pkg", other, custom_of(says(EVIL, model="kettle")))
    world.lab.publish()
    world.depot.files[URL] = other


@attack("a4 package of another version under this name", 402, fetches=True, warm=True)
def _(world):
    older = world.depot.files[URL]
    world.offers(says(EVIL, version="3"), EVIL)
    world.lab.publish()
    world.depot.files[URL] = older


@attack("a4 words of another package", 404, "targets was signed by 0/1")
def _(world):
    world.lab.lists("b.pkg", b"b", custom_of(says(b"b", version="9")))
    world.lab.publish()

    def swap(doc):
        files = doc["signed"]["targets"]
        files[NAME]["custom"], files["b.pkg"]["custom"] = (
            files["b.pkg"]["custom"],
            files[NAME]["custom"],
        )

    world.lab.edits("targets", swap)


@attack("a4 half a bundle: a role that snapshot names is withheld", 412, "HTTP status 404")
def _(world):
    del world.lab.served["1.targets.json"]
