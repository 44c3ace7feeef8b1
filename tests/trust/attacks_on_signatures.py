"""A1: software and keys of an attacker, signatures below the threshold, roots that were forged."""

from tests.trust.attacks import (
    EVIL,
    SIGNED,
    attack,
    each,
    evil_root,
    evil_targets,
    flipped,
    resigned,
)
from tests.trust.repository import new_key
from tests.trust.world import NAME, NEW, URL, package_of, says

# A1: arbitrary software, keys below the threshold, signatures.


@attack("a1 package replaced on its way", 402, fetches=True)
def _(world):
    world.depot.files[URL] = world.depot.files[URL][: -len(NEW)] + EVIL[: len(NEW)]


@attack("a1 package with one bit flipped", 402, fetches=True)
def _(world):
    data = bytearray(world.depot.files[URL])
    data[-1] ^= 1
    world.depot.files[URL] = bytes(data)


@attack("a1 package of the attacker behind a good name", 402, fetches=True)
def _(world):
    world.depot.files[URL] = package_of(says(EVIL), EVIL)


@attack("a1 targets name another digest unsigned", 404, "targets was signed by 0/1")
def _(world):
    world.lab.edits(
        "targets", lambda doc: doc["signed"]["targets"][NAME]["hashes"].update(sha256="0" * 64)
    )


@attack("a1 targets signed by a stranger", 404, "targets was signed by 0/1")
def _(world):
    evil_targets(world)
    world.lab.serves("targets", new_key())


@each(
    ("root", "timestamp", "snapshot"),
    "a1 targets signed by the key of {}",
    404,
    "targets was signed by 0/1",
)
def _(world, role):
    evil_targets(world)
    world.lab.serves("targets", *world.lab.keys[role])


@each(SIGNED, "a1 {} without a signature", 404, "{} was signed by 0/1")
def _(world, role):
    world.lab.edits(role, lambda doc: doc["signatures"].clear())


@each(SIGNED, "a1 {} with a broken signature", 404, "{} was signed by 0/1")
def _(world, role):
    world.lab.edits(role, lambda doc: doc["signatures"][0].update(sig=flipped(doc)))


@each(SIGNED, "a1 {} changed under its signature", 404, "{} was signed by 0/1")
def _(world, role):
    world.lab.edits(role, lambda doc: doc["signed"].update(more="words"))


@each(SIGNED, "a1 {} with one signature of two", 404, "{} was signed by 1/2", threshold=2)
def _(world, role):
    evil_targets(world)
    world.lab.serves(role, world.lab.keys[role][0])


@attack("a1 root with one signature of two", 404, "root was signed by 1/2", threshold=2)
def _(world):
    evil_root(world)
    world.lab.publish_root(world.lab.keys["root"][0])


@attack("a1 one key signs twice for a threshold of two", 404, "Multiple signatures", threshold=2)
def _(world):
    world.lab.serves("targets", world.lab.keys["targets"][0])
    world.lab.edits("targets", lambda doc: doc["signatures"].extend(doc["signatures"]))


@attack("a1 one key signs under the id of the other", 404, "targets was signed by 1/2", threshold=2)
def _(world):
    first, second = world.lab.keys["targets"]
    world.lab.serves("targets", first)
    again = {"keyid": second.public_key.keyid}
    world.lab.edits("targets", lambda doc: doc["signatures"].append(doc["signatures"][0] | again))


@attack("a1 signature under a key id that nobody has", 404, "targets was signed by 0/1")
def _(world):
    world.lab.edits("targets", lambda doc: doc["signatures"][0].update(keyid="0" * 64))


@attack("a1 stolen timestamp key", 404, "snapshot was signed by 0/1")
def _(world):
    evil_targets(world)
    stolen = world.lab.keys["timestamp"]
    world.lab.keys |= {"targets": stolen, "snapshot": stolen}
    world.lab.publish()


@attack("a1 stolen timestamp and snapshot keys", 404, "targets was signed by 0/1")
def _(world):
    evil_targets(world)
    world.lab.keys["targets"] = world.lab.keys["timestamp"]
    world.lab.publish()


@attack("a1 package that is not listed", 404, "is not listed", url="http://127.0.0.1/p/other.pkg")
def _(world):
    world.depot.files["http://127.0.0.1/p/other.pkg"] = package_of(says(EVIL), EVIL)


@attack("a1 package that was withdrawn", 404, "is not listed", warm=True)
def _(world):
    del world.lab.targets.targets[NAME]
    world.lab.publish()


@attack(
    "a1 name in other letters", 404, "is not listed", url=URL.upper().replace("HTTP://", "http://")
)
def _(world):
    pass


# A1: what is no metadata at all.

NONSENSE = {
    "HTML": b"<html>captive portal</html>",
    "nothing": b"",
    "cut short": b'{"signatures":[],"signed":{"_type":"timestamp"',
    "no UTF-8": b"\xff\xfe{}",
    "very deep JSON": b"[" * 8000 + b"]" * 8000,
    "a number of many digits": b'{"signed":' + b"9" * 9000 + b"}",
    "JSON of no kind": b'{"signed":{"_type":"mirrors"},"signatures":[]}',
    "a list": b"[]",
}
for what, nonsense in NONSENSE.items():

    @attack(f"a1 timestamp that is {what}", 404, "Failed to deserialize")
    def _(world, nonsense=nonsense):
        world.lab.served["timestamp.json"] = nonsense


@each(("snapshot", "targets"), "a1 {} that is no JSON", 404, "Failed to deserialize")
def _(world, role):
    world.lab.served[world.lab.name_of(role)] = b"{"


@attack("a1 root that is no JSON", 404, "Failed to deserialize")
def _(world):
    world.lab.served["2.root.json"] = b"{"


@each(SIGNED, "a1 {} of another specification", 404, "spec_version")
def _(world, role):
    world.lab.served[world.lab.name_of(role)] = resigned(
        world, role, lambda signed: signed.update(spec_version="2.0.0")
    )


@attack("a1 key id twice in a role", 404, "eyid")
def _(world):
    world.lab.publish_root()
    keyids = world.lab.root.roles["targets"].keyids
    world.lab.served["2.root.json"] = resigned(
        world, "root", lambda signed: signed["roles"]["targets"].update(keyids=keyids * 2)
    )


@attack("a1 threshold of nobody", 404, "hreshold")
def _(world):
    world.lab.publish_root()
    world.lab.served["2.root.json"] = resigned(
        world, "root", lambda signed: signed["roles"]["targets"].update(threshold=0)
    )


@attack("a1 role whose key is missing", 404, "targets was signed by 0/1")
def _(world):
    keyid = world.lab.keys["targets"][0].public_key.keyid
    world.lab.publish_root()
    world.lab.served["2.root.json"] = resigned(
        world, "root", lambda signed: signed["keys"].pop(keyid)
    )


# A1: root rotation.


@attack("a1 new root signed by new keys only", 404, "root was signed by 0/1")
def _(world):
    evil_root(world)
    world.lab.replaces_keys("root")
    world.lab.publish_root(*world.lab.keys["root"])
    world.lab.publish()


@attack("a1 new root signed by old keys only", 404, "root was signed by 0/1")
def _(world):
    world.lab.replaces_keys("root")
    world.lab.publish_root(*world.lab.keys["old root"])


@attack("a1 new root that is the old one", 404, "Expected root version 2")
def _(world):
    world.lab.served["2.root.json"] = world.lab.served["1.root.json"]


@attack("a1 new root that skips a version", 404, "Expected root version 2")
def _(world):
    world.lab.publish_root(version=3)
    world.lab.served["2.root.json"] = world.lab.served["3.root.json"]


@attack("a1 key that a new root took away", 404, "targets was signed by 0/1", warm=True)
def _(world):
    stolen = world.lab.keys["targets"]
    evil_root(world)
    world.lab.publish_root()
    world.lab.keys["targets"] = stolen
    world.lab.publish()


@attack("a1 targets served as a new root", 404, "Expected 'root', got 'targets'")
def _(world):
    world.lab.served["2.root.json"] = world.lab.served[world.lab.name_of("targets")]
