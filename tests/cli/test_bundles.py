"""Bundles as their makers sign them, judged by RAUC and SWUpdate before they are listed."""

import os
from contextlib import closing

import pytest

from fumo.cli.package_listing import NotListed, Words, listed_file
from fumo.package.manifest import RAUC, SWUPDATE
from tests.device import rauc_world, swupdate_world
from tests.device.rauc_world import RaucWorld
from tests.device.swupdate_world import SwupdateWorld

WORLDS = [
    pytest.param(RaucWorld, RAUC, (), marks=rauc_world.real, id="rauc"),
    pytest.param(
        SwupdateWorld,
        SWUPDATE,
        ("-H", "lamp:r1", "-e", "stable,copy-a"),
        marks=swupdate_world.real,
        id="swupdate",
    ),
]


@pytest.mark.parametrize(("kind", "form", "more"), WORLDS)
def test_a_bundle_is_listed_as_it_is_if_its_own_signature_is_good(
    kind, form, more, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("b")
    (folder / "k").mkdir()
    with closing(kind(folder / "w", folder / "k")) as world:
        good = world.bundle(os.urandom(100_000))
        strange = world.bundle(os.urandom(100_000), by="stranger")
    words = Words("lamp", "2", format=form, keyring=folder / "k" / "maker.pem", check_with=more)
    file = folder / "fw"
    file.write_bytes(good)
    listed = listed_file(file, words)
    assert (listed.length, listed.custom["format"]) == (len(good), form)
    file.write_bytes(strange)
    with pytest.raises(NotListed, match="does not believe it"):
        listed_file(file, words)
    file.write_bytes(good[: len(good) // 2] + b"spoilt" + good[len(good) // 2 + 6 :])
    with pytest.raises(NotListed, match="does not believe it"):
        listed_file(file, words)
