"""What the depot publishes is judged by a device: rotations, thresholds, ends, and attacks."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from fumo.depot.tuf import looking, publishing, rules, signing
from fumo.depot.tuf.places import Published, Refused
from tests.depot.signed import Signed, file_of, serving, version_of


@pytest.fixture
def world(tmp_path) -> Signed:
    return Signed(tmp_path)


@pytest.fixture
def url(world, tmp_path) -> Iterator[str]:
    with serving(world.store, tmp_path) as at:
        yield at


def test_what_was_signed_is_believed_and_nothing_else(world, url):
    assert world.believes(url)
    assert not world.believes(url, "other.bin")


@pytest.mark.parametrize("role", rules.ROLES)
def test_every_role_may_get_another_key(world, url, role):
    assert world.believes(url)
    signing.rotate(world.desk, {role: world.given("next")}, world.keys, world.now)
    world.lists({"new.bin": file_of(b"newer")})
    assert world.publish()[-1] == "2.root.json"
    assert world.believes(url, "new.bin")
    assert world.believes(url, "new.bin", device="born later")
    told = {one.role: one.keys for one in looking.roles(world.published, world.now)}
    assert told[role] == (world.keys.public("next").keyid,)
    publishing.refresh(world.published, world.only("online", "next"), world.now)
    assert world.believes(url, "new.bin")


@pytest.mark.parametrize("role", rules.ROLES)
def test_a_cut_at_any_write_of_a_rotation_leaves_what_devices_believe(world, url, role):
    signing.rotate(world.desk, {role: world.given("next")}, world.keys, world.now)
    world.lists({"fw.bin": file_of(b"image"), "new.bin": file_of(b"newer")})
    real, cuts = world.published.put, 0
    while True:
        writes = iter(range(cuts))

        def put(name: str, data: bytes, writes=writes) -> None:
            if next(writes, None) is None:
                raise OSError("cut")
            real(name, data)

        world.published.put = put
        try:
            world.publish()
        except OSError:
            assert world.believes(url)
            assert world.believes(url, device=f"born-{cuts}")
            cuts += 1
        else:
            break
    assert cuts == 4
    assert world.believes(url, "new.bin")


def test_too_few_signatures_are_not_published_and_others_may_add_theirs(world, url):
    files = {"new.bin": file_of(b"newer")}
    signing.list_files(world.desk, files, world.only("targets-1"), world.now)
    before = world.taken()
    with pytest.raises(Refused, match="not signed by enough"):
        world.publish()
    assert world.taken() == before
    assert signing.countersign(world.desk, world.only("targets-1")) == []
    assert signing.countersign(world.desk, world.only("targets-2")) == ["2.targets.json"]
    world.publish()
    assert world.believes(url, "new.bin")


def test_a_root_needs_the_keys_before_it(world):
    given = {"root": world.given("next")}
    root = signing.rotate(world.desk, given, world.only("root-1", "next"), world.now)
    assert signing.lacks(world.desk, root, "root")
    with pytest.raises(Refused, match="lacks signatures"):
        signing.rotate(world.desk, given, world.keys, world.now)
    with pytest.raises(Refused, match="root 2 is not signed"):
        world.publish()
    assert signing.countersign(world.desk, world.only("root-2")) == ["2.root.json"]
    assert world.publish()[-1] == "2.root.json"


def test_a2_older_lists_are_not_believed_again(world, url):
    old = world.taken()
    world.after(0.1)
    world.lists({"new.bin": file_of(b"newer")})
    world.publish()
    assert world.believes(url, "new.bin")
    world.gives(old)
    assert world.result(url) == 404


def test_a3_a_repository_that_stands_still_is_not_believed_until_refreshed(world, url):
    assert world.believes(url)
    world.after(1.1)
    assert world.result(url) == 404
    publishing.refresh(world.published, world.only("online"), world.now)
    assert version_of(world.published) == 2
    assert world.believes(url)


def test_a4_files_of_two_states_are_not_believed_together(world, url):
    old = world.taken()
    world.lists({"new.bin": file_of(b"newer")})
    world.publish()
    world.gives({"2.targets.json": old["1.targets.json"]})
    assert world.result(url, "new.bin") == 404
    assert world.result(url) == 404


def test_a1_what_too_few_signed_is_not_believed(world, url):
    thief = Signed(world.folder / "thief")
    thief.lists({"evil.bin": file_of(b"evil")})
    thief.publish()
    world.gives(thief.taken())
    assert world.result(url, "evil.bin") == 404


def test_a6_a_package_for_another_model_is_not_taken(world, url):
    world.lists({"fw.bin": file_of(b"image", model="oven")})
    world.publish()
    assert world.result(url) == 403


def test_an_expired_list_is_not_published(world):
    world.after(91)
    with pytest.raises(Refused, match="has expired"):
        world.publish()


def test_roles_are_watched_until_they_end(world):
    def standings() -> dict[str, str]:
        return {one.role: one.standing for one in looking.roles(world.published, world.now)}

    assert set(standings().values()) == {"good"}
    world.after(0.9)
    assert standings()["timestamp"] == "near"
    world.after(80)
    good = {"root": "good", "targets": "near", "snapshot": "expired", "timestamp": "expired"}
    assert standings() == good


def test_what_another_signer_published_is_not_taken_back(world):
    other = world.taken()
    world.lists({"new.bin": file_of(b"newer")})
    world.publish()
    for path in world.desk.folder.glob("2.*"):
        path.unlink()
    with pytest.raises(Refused, match="list 2 is published, and this is 1"):
        world.publish()
    world.lists({"else.bin": file_of(b"else")})
    with pytest.raises(Refused, match="another list 2"):
        world.publish()
    assert world.taken() != other


def test_more_than_a_thousand_packages_lie_in_bins(world, url):
    world.lists({f"fw-{number}.bin": file_of(b"%d" % number) for number in range(1001)})
    names = world.publish()
    assert sum(".bin-" in name for name in names) == 8
    assert names.index("2.targets.json") < names.index("2.snapshot.json")
    assert world.believes(url, "fw-1000.bin")
    assert not world.believes(url, "fw-1001.bin")


def test_bins_are_few_and_none_is_large():
    assert [rules.bits(count) for count in (0, 1000, 1001, 2000, 2001)] == [0, 0, 3, 3, 4]


def test_any_store_takes_what_is_published(store, tmp_path):
    world = Signed(tmp_path / "w", datetime.now(UTC))
    at = Published(store)
    publishing.publish(world.desk, at, world.keys, world.now)
    publishing.refresh(at, world.only("online"), world.now)
    assert looking.verify(at, world.root, "fw.bin").length == len(b"image")
    with pytest.raises(Refused, match="not listed"):
        looking.verify(at, world.root, "other.bin")
