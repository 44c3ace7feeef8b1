"""Deltas as the depot makes them: within limits, tried before they are kept, kept if worth it."""

import io
import random
import threading
import time
from hashlib import sha256

import pytest
from msgspec.structs import replace

from fumo.depot.deltas.limits import Limits
from fumo.depot.deltas.maker import Maker
from fumo.depot.edges.folder import FolderStore
from fumo.device.edges.patching import Patching
from fumo.package.delta import NotMade, is_worth_it, route
from fumo.package.listing import Listing, plan_of
from fumo.package.manifest import Manifest, build
from fumo.package.plan import Format
from tests.device.deltas import base_of, reader

DICE = random.Random(41)
OLD = DICE.randbytes(60_000)
IMAGE = OLD[:20_000] + DICE.randbytes(700) + OLD[19_000:]
LIMITS = Limits(memory_mib=512, seconds=20, nice=5)
both = pytest.mark.parametrize("form", Format)


def says(image: bytes, version: str, **more) -> Manifest:
    return Manifest("m", version, len(image), sha256(image).hexdigest(), **more)


def package(image: bytes, version: str, **more) -> bytes:
    return b"".join(build(says(image, version, **more), [image]))


class Shop:
    """A store with packages, and a maker."""

    def __init__(self, folder, limits: Limits = LIMITS):
        self.store = FolderStore(folder)
        self.maker = Maker(limits, self.store)

    def add(self, content: bytes) -> str:
        return self.store.add(io.BytesIO(content)).sha256

    def make(self, old: bytes, new: bytes, form: Format = Format.ZSTD):
        return self.maker.make(self.add(old), self.add(new), form)

    @property
    def kept(self) -> set[str]:
        return {one.sha256 for one in self.store.names()}


OLD_PACKAGE, NEW_PACKAGE = package(OLD, "1"), package(IMAGE, "2")
PACKAGES = {sha256(OLD_PACKAGE).hexdigest(), sha256(NEW_PACKAGE).hexdigest()}


@both
def test_what_is_made_leads_a_device_from_the_image_that_runs_to_the_whole_package(form, tmp_path):
    shop = Shop(tmp_path)
    made = shop.make(OLD_PACKAGE, NEW_PACKAGE, form)
    assert (made.base_sha256, made.base_length) == (sha256(OLD).hexdigest(), len(OLD))
    assert shop.kept == PACKAGES | {made.sha256}
    signed = {**says_of_new(), "deltas": [route(made)]}
    _, plan = plan_of(Listing(len(NEW_PACKAGE), sha256(NEW_PACKAGE).hexdigest(), signed))
    [delta] = plan.deltas
    assert delta.url == f"deltas/{made.sha256}"
    patch = b"".join(shop.store.read(made.sha256))
    base = base_of(OLD)
    patching = Patching(lambda: base, lambda event, **values: None)
    assert b"".join(patching.patch(delta, plan.length, reader(patch))) == NEW_PACKAGE


def says_of_new() -> dict:
    one = says(IMAGE, "2")
    return {"model": "m", "version": "2", "length": one.length, "sha256": one.sha256}


def test_it_says_what_it_cost(tmp_path):
    made = Shop(tmp_path).make(OLD_PACKAGE, NEW_PACKAGE)
    assert 0 < made.length < 2000
    assert 0 < made.seconds < 20
    assert 1 << 20 < made.memory_bytes < 512 << 20


def test_a_package_that_was_sent_as_it_is_has_an_image_of_its_own(tmp_path):
    made = Shop(tmp_path).make(OLD, IMAGE)
    assert made.base_sha256 == sha256(OLD).hexdigest()


REFUSED = {
    "other bytes": (OLD_PACKAGE, package(DICE.randbytes(60_000), "3"), "not worth it"),
    "a bundle": (OLD_PACKAGE, package(IMAGE, "2", format="rauc"), "no slot holds it"),
    "from a bundle": (package(OLD, "1", format="swupdate"), NEW_PACKAGE, "no slot holds it"),
    "a broken head": (OLD_PACKAGE[:20], NEW_PACKAGE, "a broken package"),
}


@pytest.mark.parametrize(("old", "new", "why"), REFUSED.values(), ids=REFUSED)
def test_of_what_would_be_of_no_use_nothing_is_kept(old, new, why, tmp_path):
    shop = Shop(tmp_path)
    with pytest.raises(NotMade, match=why) as told:
        shop.make(old, new)
    assert told.value.final
    assert len(shop.kept) == 2


def test_a_base_that_ends_early_makes_no_delta(tmp_path):
    with pytest.raises(NotMade, match="the base ends"):
        Shop(tmp_path).make(OLD_PACKAGE[:-1], NEW_PACKAGE)


def test_a_content_that_is_gone_is_said(tmp_path):
    with pytest.raises(NotMade, match="the store has no"):
        Shop(tmp_path).maker.make("0" * 64, "1" * 64, "zstd")


def test_too_much_memory_ends_it(tmp_path):
    shop = Shop(tmp_path, Limits(memory_mib=64))
    with pytest.raises(NotMade, match="64 MiB of memory are too few") as told:
        shop.make(bytes(40 << 20), bytes(41 << 20))
    assert not told.value.final


def test_too_long_ends_it(tmp_path):
    shop = Shop(tmp_path, replace(LIMITS, seconds=1, level=19, memory_mib=4096))
    old = DICE.randbytes(8 << 20)
    new = bytes(x ^ (i % 11 == 0) for i, x in enumerate(old[: 4 << 20]))
    with pytest.raises(NotMade, match="not made in 1 s"):
        shop.make(old, new, Format.BSDIFF4)


def test_who_stops_waits_for_nothing_and_leaves_nothing(tmp_path):
    shop = Shop(tmp_path, replace(LIMITS, memory_mib=4096))
    old = DICE.randbytes(8 << 20)
    names = [shop.add(old), shop.add(old[::-1])]
    faults = []

    def run():
        try:
            shop.maker.make(*names, "bsdiff4")
        except NotMade as fault:
            faults.append(str(fault))

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.4)
    shop.maker.stop()
    thread.join(5)
    assert faults == ["it was stopped"]
    assert shop.kept == set(names)


def test_worth_is_a_share_of_the_whole():
    assert is_worth_it(69, 100)
    assert not is_worth_it(70, 100)
    assert not is_worth_it(0, 0)
