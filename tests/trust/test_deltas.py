"""A19: a delta is only another way to the same signed bytes.

Whatever is wrong with one, the package itself is taken, and nothing the delta made reaches a slot.
"""

from hashlib import sha256

import pytest

from fumo.package.plan import Format
from tests.device.deltas import MAKERS
from tests.trust.attacks import EVIL
from tests.trust.world import NEW, OLD, URL, TrustedWorld, says

PATCH_URL = "http://127.0.0.1/p/patch"


def route(form: str, patch: bytes, **changes) -> dict:
    """A delta as it is listed."""
    told = {"url": "patch", "format": form, "length": len(patch)}
    told |= {"sha256": sha256(patch).hexdigest()}
    told |= {"base_sha256": sha256(OLD).hexdigest(), "base_length": len(OLD)}
    return told | changes


def offered(folder, form: Format, base: bytes = OLD, patch: bytes | None = None, **changes):
    """A world whose package can be had by a delta, too."""
    world = TrustedWorld(folder / "trust")
    data = world.offers()
    good = MAKERS[form](base, data) if patch is None else patch
    world.offers(deltas=[route(form, good, **changes)])
    world.lab.publish()
    world.depot.files[PATCH_URL] = good
    return world


def asked(world) -> list[str]:
    return [wish.url for wish in world.depot.fetches]


forms = pytest.mark.parametrize("form", Format)


@forms
def test_a_good_delta_is_all_that_is_fetched(form, tmp_path):
    world = offered(tmp_path, form)
    assert world.orders() == 200
    assert asked(world) == [PATCH_URL]
    assert world.runs == NEW


@forms
def test_a19_a_delta_that_was_replaced_gives_way_to_the_package(form, tmp_path):
    world = offered(tmp_path, form)
    world.depot.files[PATCH_URL] = MAKERS[form](OLD, EVIL)
    assert world.orders() == 200
    assert asked(world) == [PATCH_URL, URL]
    assert world.runs == NEW


@forms
def test_a19_a_signed_delta_that_makes_something_else_gives_way(form, tmp_path):
    patch = MAKERS[form](OLD, EVIL * 3)
    world = offered(tmp_path, form, patch=patch)
    assert world.orders() == 200
    assert asked(world)[-1] == URL
    assert world.runs == NEW


@forms
@pytest.mark.parametrize(
    "changes",
    [{"base_sha256": "0" * 64}, {"base_length": len(OLD) - 1}, {"base_length": 2**40}],
    ids=["digest", "shorter", "longer"],
)
def test_a19_a_delta_from_another_base_is_not_even_fetched(form, changes, tmp_path):
    world = offered(tmp_path, form, **changes)
    assert world.orders() == 200
    assert asked(world) == [URL]
    assert world.runs == NEW


@forms
@pytest.mark.parametrize(
    "spoil", [lambda patch: patch[:-1], lambda patch: patch + b"x"], ids=["cut", "longer"]
)
def test_a19_a_delta_of_another_length_gives_way(form, spoil, tmp_path):
    world = offered(tmp_path, form)
    world.depot.files[PATCH_URL] = spoil(world.depot.files[PATCH_URL])
    assert world.orders() == 200
    assert asked(world)[-1] == URL
    assert world.runs == NEW


@forms
def test_a19_neither_the_delta_nor_the_package_may_be_evil(form, tmp_path):
    world = offered(tmp_path, form)
    world.depot.files[PATCH_URL] = MAKERS[form](OLD, EVIL)
    world.depot.files[URL] = EVIL
    before = world.look()
    assert world.orders() == 402
    assert world.look() == before


def test_a19_a_bomb_is_not_unpacked(tmp_path):
    bomb = MAKERS[Format.ZSTD](OLD, bytes(50_000_000))
    assert len(bomb) < 20_000
    world = TrustedWorld(tmp_path / "trust")
    long = NEW * 200
    world.offers(says(long), long, deltas=[route(Format.ZSTD, bomb)])
    world.lab.publish()
    world.depot.files[PATCH_URL] = bomb
    assert world.orders() == 200
    assert asked(world) == [PATCH_URL, URL]
    assert world.runs == long


@pytest.mark.parametrize("url", ["http://127.0.0.1/other", "../patch", "/patch", "//host/patch"])
def test_a19_a_delta_that_leads_elsewhere_is_refused_with_its_package(url, tmp_path):
    world = offered(tmp_path, Format.BSDIFF4, url=url)
    before = world.look()
    assert world.orders() == 404
    assert asked(world) == []
    assert world.look() == before
