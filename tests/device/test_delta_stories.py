"""Deltas in a whole download: a smaller way where it fits, else the package, in one operation."""

import random
from hashlib import sha256

import pytest
from msgspec.structs import replace

from fumo.device.edges.downloader import HttpDownloader
from fumo.device.edges.pace import Limits
from fumo.device.edges.patching import Patching
from fumo.package.plan import Format, Plan
from fumo.testing.depot import MemoryDepot
from fumo.testing.disk import Cut, Damage, MemoryFiles, Moment, PowerCut
from fumo.testing.machine import Listened
from fumo.update.folding import fold
from fumo.update.happening import Woke
from tests.device.deltas import MAKERS, base_of, delta_of
from tests.device.downloads import Fetch, package

URL, DELTA_URL = "http://127.0.0.1/packages/new", "http://127.0.0.1/packages/new.delta"
DICE = random.Random(11)
OLD = DICE.randbytes(40_000)
IMAGE = OLD[:15_000] + DICE.randbytes(2_000) + OLD[15_000:]
NEW = package(IMAGE)
LIMITS = Limits(checkpoint_bytes=1000)

both = pytest.mark.parametrize("form", Format)


class Story(Fetch):
    """A signed package of 42,000 bytes, and a delta of about 2,000 from the image that runs."""

    def __init__(self, form=Format.BSDIFF4, here=OLD, patch=None, deltas=None, **settings):
        self.depot, self.log, self.here = MemoryDepot(), Listened(), here
        good = MAKERS[form](OLD, NEW)
        self.patch = good if patch is None else patch(good)
        self.delta = delta_of(form, OLD, self.patch, url="new.delta")
        deltas = (self.delta,) if deltas is None else deltas(self.delta)
        self.plan = Plan(len(NEW), sha256(NEW).hexdigest(), deltas=deltas)
        self.memory_bytes_max = settings.pop("memory_bytes_max", 1 << 27)
        self.depot.files = {URL: NEW, DELTA_URL: self.patch}
        super().__init__(URL, limits=LIMITS, **settings)

    def start(self):
        base = base_of(self.here)
        self.boots += 1
        self.downloader = HttpDownloader(
            self.files,
            self.limits,
            self.raw,
            self.depot.open_body,
            vouch=lambda order: self.plan,
            patcher=Patching(lambda: base, self.log, self.memory_bytes_max),
        )
        self.target = fold(self.saved)
        self.happen(Woke(self.boots, 0.0))

    @property
    def asked(self):
        return [wish.url for wish in self.depot.fetches]

    @property
    def attempts(self):
        return max(one.attempt.n for one in self.saved if hasattr(one, "attempt"))


def test_a19_every_base_but_the_signed_one_costs_no_byte_of_the_delta():
    story = Story(here=OLD[:-1] + b"?")
    story.run()
    assert story.asked == [URL]
    assert (story.content() == NEW, story.attempts) == (True, 1)
    assert story.log.of("DeltaPassedOver")


@both
def test_a_delta_that_fits_is_all_that_is_fetched(form):
    story = Story(form)
    story.run()
    assert story.content() == NEW
    assert story.held.sha256 == sha256(NEW).hexdigest()
    assert set(story.asked) == {DELTA_URL}
    story.downloader.abandon()
    assert not story.files.exists("package.delta")
    assert story.content() == NEW


@both
def test_a_delta_that_was_swapped_on_its_way_is_not_applied(form):
    story = Story(form)
    story.depot.files[DELTA_URL] = bytes(len(story.patch))
    story.run()
    assert (story.content(), story.attempts) == (NEW, 1)
    assert story.asked == [DELTA_URL, *[URL] * (len(story.asked) - 1)]


BROKEN = {
    "cut": lambda good: good[: len(good) // 2],
    "no delta at all": lambda good: b"not a delta",
    "empty blocks": lambda good: good[:8] + bytes(len(good) - 8),
}


@both
@pytest.mark.parametrize("patch", BROKEN.values(), ids=BROKEN)
def test_a19_a_signed_delta_that_cannot_be_applied_gives_way_to_the_package(form, patch):
    story = Story(form, patch=patch)
    story.run()
    assert (story.content(), story.attempts) == (NEW, 1)
    assert story.causes == []


def test_a19_a_delta_that_makes_other_bytes_gives_way_to_the_package():
    other = package(IMAGE[::-1])
    story = Story(patch=lambda good: MAKERS[Format.BSDIFF4](OLD, other))
    story.run()
    assert (story.content(), story.attempts) == (NEW, 1)
    assert URL in story.asked


def test_a19_beyond_the_memory_another_way_is_taken():
    story = Story(Format.ZSTD, memory_bytes_max=len(OLD))
    story.run()
    assert (story.content(), story.asked[0], story.attempts) == (NEW, URL, 1)


def test_a_delta_that_is_not_there_gives_way_to_the_package():
    story = Story()
    del story.depot.files[DELTA_URL]
    story.run()
    assert (story.content(), story.attempts) == (NEW, 1)


def test_the_second_delta_is_tried_where_the_first_does_not_fit():
    story = Story(deltas=lambda one: (replace(one, base_sha256="00" * 32, url="other"), one))
    story.run()
    assert (story.content(), set(story.asked)) == (NEW, {DELTA_URL})


def test_a_delta_that_fails_after_a_restart_still_gives_way_in_the_same_operation():
    story = Story(patch=lambda good: good[: len(good) - 200])
    story.once()
    story.start()
    story.run()
    assert story.content() == NEW
    assert story.causes == []


@both
@pytest.mark.parametrize("damage", Damage)
def test_a_power_cut_anywhere_in_a_delta_download_costs_no_truth(form, damage):
    whole = Story(form)
    before = whole.files.operations
    whole.run()
    operations = whole.files.operations - before
    assert operations > 5
    for operation in range(1, operations + 1):
        for moment in Moment:
            story = Story(form, files=MemoryFiles(cut=Cut(operation, moment)))
            try:
                story.run()
            except PowerCut:
                story.files.cut(damage, operation)
                story.start()
                story.run()
            assert story.content() == NEW, (operation, moment)
