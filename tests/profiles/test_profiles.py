"""Each kind of device of the table is updated by the server, its result counted once and right."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.codes import Kind, Mark
from fumo.profiles.profile import PROFILES, ROWS, STANDARD, Profile, profile_of
from fumo.server.rows import OperationState
from tests.profiles.played import device_of
from tests.server.conftest import world
from tests.server.world import World

__all__ = ["world"]

S = OperationState
EACH = pytest.mark.parametrize("profile", ROWS, ids=lambda row: row.name)
DLU = Kind.DOWNLOAD_AND_UPDATE


@pytest.fixture
def where(tmp_path: Path) -> Path:
    """The database of this world: what kinds of devices do is nothing to any other."""
    return tmp_path / "fumo.db"


@EACH
@pytest.mark.parametrize(("result", "state"), [(200, S.SUCCEEDED), (410, S.FAILED)])
def test_a_device_of_this_kind_is_updated_and_its_result_counts_once(
    world: World, profile: Profile, result: int, state: S
):
    device = world.knows(device_of(profile), profile.name)
    world.orders(device, kind=DLU)
    device.talk(world.post)
    assert len(device.execs) == 1
    device.ends(result, "90" if result == 200 else "70", Mark.CRITICAL)
    device.talk(world.post)
    assert set(device.acked) == {200}
    assert world.results == [(1, result)]
    assert world.states == [state]
    device.acked, said_again = [], list(device.outbox)
    device.outbox = said_again
    device.talk(world.post)
    assert world.results == [(1, result)]
    assert len(device.execs) == 1


TOLD = [r for r in ROWS if r.progress or r.adds_url or r.descriptor or not r.follows_resp_uri]
GUESSED = [row.name for row in ROWS if row not in TOLD]


@pytest.mark.parametrize("name", GUESSED)
def test_what_the_server_forgives_by_itself_it_need_not_be_told(world: World, name: str):
    """An operator who names no profile loses nothing but what no server could guess."""
    device = world.knows(device_of(PROFILES[name]))
    world.orders(device, kind=DLU)
    device.talk(world.post)
    device.ends(200, "90")
    device.talk(world.post)
    assert world.states == [S.SUCCEEDED]
    assert world.results == [(1, 200)]


def test_what_no_server_could_guess_must_be_told(world: World):
    device = world.knows(device_of(PROFILES["vendor-progress"]))
    world.orders(device, kind=DLU)
    device.talk(world.post)
    device.ends(410, "70", Mark.CRITICAL)
    device.talk(world.post)
    assert world.results == [(1, 255)]


@pytest.mark.parametrize(
    ("name", "state"), [("early-handset", S.ACCEPTED), ("standard", S.REFUSED)]
)
def test_a_missing_address_is_added_where_the_kind_of_device_wants_it(
    world: World, name: str, state: S
):
    device = world.knows(device_of(PROFILES["early-handset"]), name)
    world.orders(device, kind=DLU)
    device.talk(world.post)
    assert world.states == [state]
    assert len(device.execs) == int(state is S.ACCEPTED)


def test_an_address_that_was_added_is_replaced_by_the_next_operation(world: World):
    device = world.knows(device_of(PROFILES["early-handset"]), "early-handset")
    urls = []
    for _ in range(2):
        world.orders(device, kind=DLU)
        device.talk(world.post)
        urls.append(device.tree[f"{device.root}/DownloadAndUpdate/PkgURL"])
        device.ends(200, "90")
        device.talk(world.post)
    assert world.states == [S.SUCCEEDED, S.SUCCEEDED]
    assert len(set(urls)) == 2


def test_a_device_that_refuses_the_added_address_too_ends_the_order(world: World):
    device = world.knows(device_of(PROFILES["early-handset"]), "early-handset")
    device.statuses["Add ./FwUpdate/x/DownloadAndUpdate/PkgURL"] = 404
    world.orders(device, kind=DLU)
    device.talk(world.post)
    assert world.states == [S.REFUSED]
    assert device.execs == []


def test_no_two_rows_are_one_kind():
    alike = [replace(row, name="", sentence="") for row in ROWS]
    assert all(alike.count(row) == 1 for row in alike)
    assert [profile_of(row.name) for row in ROWS] == list(ROWS)


def test_a_name_that_is_gone_means_the_standard():
    assert profile_of("gone") is STANDARD
