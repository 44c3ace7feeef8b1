"""A5: endless data, slow retrieval, requests that are dropped."""

from collections.abc import Callable, Iterator

from fumo.device.edges.metadata_source import Refused
from tests.trust.attacks import SIGNED, attack, each
from tests.trust.world import URL

# A5: endless data, slow retrieval, requests that are dropped.


def endless() -> Iterator[bytes]:
    while True:
        yield b" " * 4096


@attack("a5 endless root", 404, "longer than 262144")
def _(world):
    world.lab.breaks("2.root.json", endless)


@each(SIGNED, "a5 endless {}", 404, "than")
def _(world, role):
    world.lab.breaks(world.lab.name_of(role), endless)


@each(
    ("snapshot", "targets"), "a5 {} longer than it was signed", 404, "is longer than", hashes=True
)
def _(world, role):
    world.lab.served[world.lab.name_of(role)] += b" "


@attack("a5 many files that are too much together", 404, "bytes of metadata")
def _(world):
    world.lab.root.unrecognized_fields["more"] = "x" * 250_000
    for _ in range(5):
        world.lab.publish_root()


def slow(world) -> Iterator[bytes]:
    for byte in b'{"signatures":':
        world.slow_s += 10.0
        yield bytes([byte])


@each(SIGNED, "a5 {} that drips", 412, "no metadata within 60 s")
def _(world, role):
    world.lab.breaks(world.lab.name_of(role), lambda: slow(world))


def refused(fault: Exception) -> Callable[[], Iterator[bytes]]:
    def answer() -> Iterator[bytes]:
        raise fault
        yield

    return answer


DROPPED = {
    "nobody listens": (ConnectionRefusedError(), "ConnectionRefusedError"),
    "nobody answers": (TimeoutError(), "TimeoutError"),
    "the line is cut": (ConnectionResetError(), "ConnectionResetError"),
    "it is not there": (Refused(404), "HTTP status 404"),
    "it is forbidden": (Refused(403), "HTTP status 403"),
    "the server fails": (Refused(500), "HTTP status 500"),
    "it is elsewhere": (Refused(302), "HTTP status 302"),
}
for why, (fault, word) in DROPPED.items():

    @attack(f"a5 no timestamp: {why}", 412, word)
    def _(world, fault=fault):
        world.lab.breaks("timestamp.json", refused(fault))


@each(("snapshot", "targets"), "a5 {} is withheld", 412, "TimeoutError")
def _(world, role):
    world.lab.breaks(world.lab.name_of(role), refused(TimeoutError()))


@attack("a5 a new root is withheld by a server that fails", 412, "HTTP status 503")
def _(world):
    world.lab.breaks("2.root.json", refused(Refused(503)))


@attack("a5 package longer than it was signed", 402, fetches=True)
def _(world):
    world.depot.files[URL] += b"x" * 100_000


@attack("a5 package shorter than it was signed", 402, fetches=True)
def _(world):
    world.depot.files[URL] = world.depot.files[URL][:-1]
