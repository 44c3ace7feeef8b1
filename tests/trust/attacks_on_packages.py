"""A1, A6: packages for others, what was signed and cannot be true, paths, delegations."""

from tests.trust.attacks import EVIL, attack, each, to_a_delegate, to_bins
from tests.trust.repository import new_key
from tests.trust.world import NAME, URL, custom_of, says

# A6: a package for another device.

WRONG = {
    "model": ({"model": "kettle"}, "made for kettle"),
    "model in other letters": ({"model": "World"}, "made for World"),
    "hardware": ({"hardware": ("r1", "r3")}, "made for hardware r1, r3"),
    "base": ({"base_sha256": "0" * 64}, "another image than the one that runs"),
    "version to start from": ({"from_version": "7"}, "updates 7"),
}
for what, (changes, word) in WRONG.items():

    @attack(f"a6 package of the wrong {what}", 403, word)
    def _(world, changes=changes):
        world.offers(says(**changes))
        world.lab.publish()


@each(
    ("rauc", "swupdate", "of tomorrow"),
    "a6 {} bundle where no such installer is",
    405,
    "of the format",
)
def _(world, format):
    bundle = b"hsqs" + EVIL
    world.depot.files[URL] = bundle
    world.lab.lists(NAME, bundle, custom_of(says(bundle, format=format)))
    world.lab.publish()


# A1, A6: what the owner signed cannot be true.


FOREIGN = {"url": "http://h/d", "format": "zstd", "length": 5, "base_length": 5}
FOREIGN |= {"sha256": "0" * 64, "base_sha256": "0" * 64}


def lie(id: str, why: str, **changes):
    """The package is listed with these words of the metadata changed, and all of it signed."""

    @attack(f"a1 {id}", 404, why)
    def _(world):
        file = world.lab.targets.targets[NAME]
        for name, value in changes.items():
            if name in ("length", "hashes"):
                setattr(file, name, value)
            else:
                file.unrecognized_fields["custom"] = value
        world.lab.publish()


lie("listed without SHA-256", "without its SHA-256", hashes={"sha512": "0" * 128})
lie("listed without a manifest", "without its manifest", custom=None)
lie("listed with a manifest that is none", "cannot be read", custom={"model": 1})
lie("listed with words instead of a manifest", "without its manifest", custom="lamp")
lie("listed shorter than its image", "in a file of 10", length=10)
lie("listed with a negative image", "length is negative", custom=custom_of(says()) | {"length": -1})
lie(
    "listed with a delta from elsewhere", "not relative", custom=custom_of(says(), deltas=[FOREIGN])
)
lie(
    "listed with deltas that are none",
    "deltas cannot be read",
    custom=custom_of(says(), deltas=[1]),
)
lie(
    "listed with more words than are read",
    "is not allowed",
    custom=custom_of(says(), notes="x" * 70_000),
)


@attack("a1 listed with two digests for one file", 404, "two digests")
def _(world):
    whole = len(world.depot.files[URL])
    world.lab.lists(NAME, world.depot.files[URL], custom_of(says()) | {"length": whole})
    world.lab.publish()


@attack("a1 listed with another digest than the bytes have", 402, fetches=True)
def _(world):
    world.lab.targets.targets[NAME].hashes["sha256"] = "0" * 64
    world.lab.publish()


@attack("a5 listed longer than the file is", 402, fetches=True)
def _(world):
    world.lab.targets.targets[NAME].length += 1
    world.lab.publish()


# A1: paths out of their place.

PATHS = [
    "..",
    "%2e%2e",
    "..%2f..%2fslot-a",
    "%2fetc%2fpasswd",
    "a%5cb",
    "a%00.pkg",
    "%ff",
    "#target=..",
]
for path in PATHS:

    @attack(
        f"a1 the path {path} for a name", 411, "names no package", url=f"http://127.0.0.1/p/{path}"
    )
    def _(world):
        for name in ("..", "../../slot-a", "/etc/passwd", "a\\b"):
            world.lab.lists(name, EVIL, custom_of(says(EVIL)))
        world.lab.publish()


@attack("a1 no name at all", 411, "names no package", url="http://127.0.0.1/")
def _(world):
    pass


# A1: delegations.


@attack("a1 delegate outside its paths", 404, "is not listed")
def _(world):
    del world.lab.targets.targets[NAME]
    world.lab.delegates("kettles", ["kettle-*"])
    world.lab.lists(NAME, EVIL, custom_of(says(EVIL)), "kettles")
    world.lab.publish()


@attack("a1 delegate signed by a stranger", 404, "lamps was signed by 0/1")
def _(world):
    to_a_delegate(world)
    world.lab.serves("lamps", new_key())


@attack("a1 delegate with one signature of two", 404, "lamps was signed by 1/2")
def _(world):
    to_a_delegate(world)
    world.lab.targets.add_key(new_key().public_key, "lamps")
    world.lab.targets.delegations.roles["lamps"].threshold = 2
    world.lab.publish()


@attack("a1 delegate that snapshot does not name", 404, "not part of snapshot")
def _(world):
    to_a_delegate(world)
    del world.lab.snapshot.meta["lamps.json"]
    world.lab.publish_snapshot()
    world.lab.publish_timestamp()


@attack("a1 delegate of a delegate who has no say", 404, "is not listed")
def _(world):
    to_a_delegate(world)
    del world.lab.role("lamps").signed.targets[NAME]
    world.lab.delegates("kettles", ["kettle-*"], by="lamps")
    world.lab.lists(NAME, EVIL, custom_of(says(EVIL)), "kettles")
    world.lab.publish()


@attack("a1 delegations in a circle", 404, "is not listed")
def _(world):
    del world.lab.targets.targets[NAME]
    world.lab.delegates("left")
    world.lab.delegates("right", by="left")
    world.lab.role("right").signed.delegations = world.lab.targets.delegations
    world.lab.publish()


@attack("a1 delegations without end", 404, "is not listed")
def _(world):
    del world.lab.targets.targets[NAME]
    parent = "targets"
    for n in range(8):
        world.lab.delegates(f"deep-{n}", by=parent)
        parent = f"deep-{n}"
    world.lab.lists(NAME, world.depot.files[URL], custom_of(says()), parent)
    world.lab.publish()


@attack("a1 terminating delegate before the one who knows", 404, "is not listed")
def _(world):
    del world.lab.targets.targets[NAME]
    world.lab.delegates("first", terminating=True)
    world.lab.delegates("second")
    world.lab.lists(NAME, world.depot.files[URL], custom_of(says()), "second")
    world.lab.publish()


@attack("a1 package in the bin of another name", 404, "is not listed")
def _(world):
    to_bins(world)
    right = world.lab.bin_of(NAME)
    wrong = next(name for name in world.lab.roles if name.startswith("bin-") and name != right)
    world.lab.lists(NAME, EVIL, custom_of(says(EVIL)), wrong)
    del world.lab.role(right).signed.targets[NAME]
    world.lab.publish()


@attack("a1 bin served for another one", 404, "v7")
def _(world):
    to_bins(world)
    right = world.lab.bin_of(NAME)
    wrong = next(name for name in world.lab.roles if name.startswith("bin-") and name != right)
    world.lab.role(wrong).signed.version = 7
    world.lab.served[world.lab.name_of(right)] = world.lab.signs(wrong, *world.lab.keys[wrong])
