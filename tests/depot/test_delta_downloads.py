"""The whole way of a delta: made by the depot, fetched from it, applied by the device's own code.

Whatever is wrong with it, the package comes whole in the same operation, and nothing else is kept.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from fumo.depot.deltas.limits import Limits
from fumo.depot.deltas.maker import Maker
from fumo.device.edges.patching import Patching
from fumo.package.delta import route
from fumo.package.listing import Listing, plan_of
from fumo.package.plan import Format
from fumo.testing.machine import Listened
from tests.depot.test_deltas import NEW_PACKAGE, OLD, OLD_PACKAGE, says_of_new
from tests.device.deltas import MAKERS, base_of
from tests.device.downloads import Fetch
from tests.device.servers import Depot

LIMITS = Limits(memory_mib=512, seconds=20, nice=5)
BOMB = MAKERS[Format.ZSTD](OLD, bytes(64 << 20))
both = pytest.mark.parametrize("form", Format)


class Story:
    """A depot with both packages and a delta, and a device that runs `here`."""

    def __init__(self, folder: Path, form: Format, here: bytes = OLD) -> None:
        self.depot, self.log, self.here = Depot(folder), Listened(), here
        self.url = self.depot.url(NEW_PACKAGE)
        names = [self.depot.url(one).split("/")[5] for one in (OLD_PACKAGE, NEW_PACKAGE)]
        self.made = Maker(LIMITS, self.depot.store).make(*names, form)

    def plan(self, **changes: object):
        listed = {
            name: getattr(route(self.made), name) for name in route(self.made).__struct_fields__
        }
        signed = {**says_of_new(), "deltas": [listed | changes]}
        return plan_of(Listing(len(NEW_PACKAGE), sha256(NEW_PACKAGE).hexdigest(), signed))[1]

    def replaced(self, data: bytes) -> None:
        """Other bytes under the delta's name."""
        found = self.depot.store.find(self.made.sha256)
        found.path.chmod(0o644)
        found.path.write_bytes(data)

    def fetched(self, **changes: object) -> Fetch:
        plan, base = self.plan(**changes), base_of(self.here)
        patcher = Patching(lambda: base, self.log)
        fetch = Fetch(self.url, vouch=lambda _: plan, patcher=patcher)
        fetch.run()
        return fetch

    def asked(self) -> list[tuple[bool, int]]:
        """Each request: for the delta? And its status."""
        return [("/deltas/" in line.target, line.status) for line in self.depot.log()]

    @property
    def sent(self) -> int:
        return sum(line.sent for line in self.depot.log())


@pytest.fixture
def stories(tmp_path: Path) -> Iterator[object]:
    made: list[Story] = []

    def begin(form: Format, here: bytes = OLD) -> Story:
        made.append(Story(tmp_path, form, here))
        return made[-1]

    yield begin
    for story in made:
        story.depot.stop()


def whole(fetch: Fetch) -> bool:
    """The package is there, after one attempt, and nobody had anything to report."""
    return (fetch.content(), fetch.causes) == (NEW_PACKAGE, [])


@both
def test_the_delta_is_all_that_travels(stories, form):
    story = stories(form)
    assert whole(story.fetched())
    assert story.asked() == [(True, 200)]
    assert story.sent == story.made.length < len(NEW_PACKAGE) // 20
    assert {line.operation for line in story.depot.log()} == {"1"}


@both
def test_a19_on_another_base_the_package_comes_whole_and_no_byte_of_the_delta(stories, form):
    story = stories(form, OLD[:-1] + b"?")
    assert whole(story.fetched())
    assert story.asked() == [(False, 200)]


@both
def test_a19_a_delta_that_rots_in_the_depot_gives_way_in_the_same_operation(stories, form):
    story = stories(form)
    story.replaced(bytes(story.made.length))
    assert whole(story.fetched())
    assert story.asked()[-1] == (False, 200)


def test_a19_a_bomb_in_memory_gives_way_before_it_is_unpacked(stories):
    story = stories(Format.ZSTD)
    bomb = story.depot.url(BOMB).split("/")[5]
    listed = {"url": f"deltas/{bomb}", "sha256": bomb, "length": len(BOMB)}
    assert len(BOMB) < len(NEW_PACKAGE)
    assert whole(story.fetched(**listed))
    assert story.asked() == [(True, 200), (False, 200)]


def test_a19_a_base_too_large_for_the_device_is_not_even_tried(stories):
    story = stories(Format.ZSTD)
    assert whole(story.fetched(base_length=1 << 40))
    assert story.asked() == [(False, 200)]
