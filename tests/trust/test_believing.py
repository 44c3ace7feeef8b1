"""What a device believes: good packages in every way a repository may list them, and only those."""

from hashlib import sha256

import pytest

from fumo.codes import Kind
from fumo.device.edges.boot_env import BootEnv
from fumo.device.edges.known_packages import KEPT_MAX, KnownPackages
from fumo.device.vouching import PlainTrust
from fumo.testing.disk import MemoryFiles
from tests.trust.attacks import EVIL, to_a_delegate, to_bins
from tests.trust.repository import NOW_S, Lab, after
from tests.trust.world import HARDWARE, NAME, NEW, OLD, URL, TrustedWorld, custom_of, says


@pytest.fixture
def world(tmp_path) -> TrustedWorld:
    """The package is offered and published."""
    world = TrustedWorld(tmp_path / "trust")
    world.offers()
    world.lab.publish()
    return world


def test_a_package_that_is_signed_is_installed(world):
    assert world.orders() == 200
    assert world.runs == NEW
    assert world.lab.asked == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"]


def test_all_that_binds_a_package_may_be_said_of_it(world):
    env = BootEnv(world.slots).known()
    base = env.images[env.running].sha256
    world.offers(says(from_version="1", hardware=("r1", HARDWARE), base_sha256=base))
    world.lab.publish()
    assert world.orders() == 200


def test_an_image_needs_no_manifest_of_its_own(world):
    world.depot.files[URL] = NEW
    world.lab.lists(NAME, NEW, custom_of(says()))
    world.lab.publish()
    assert world.orders() == 200
    assert world.runs == NEW


def test_an_address_of_one_operation_names_its_package_behind_the_hash(world):
    url = "http://127.0.0.1/packages/7/0123/4567#target=lamp-2.pkg"
    world.depot.files[url] = world.depot.files.pop(URL)
    assert world.orders(url) == 200


@pytest.mark.parametrize("moves", [to_bins, to_a_delegate])
def test_a_repository_may_hand_packages_to_others(world, moves):
    moves(world)
    assert world.orders() == 200
    assert world.runs == NEW


def test_signatures_beyond_the_threshold_and_digests_of_metadata_are_fine(tmp_path):
    world = TrustedWorld(tmp_path / "trust", Lab(threshold=2, hashes=True))
    world.offers()
    world.lab.publish()
    assert world.orders() == 200


def test_keys_are_replaced_by_a_chain_of_roots(world):
    assert world.orders() == 200
    for role in ("targets", "root", "timestamp", "root", "snapshot"):
        world.lab.replaces_keys(role)
        world.lab.publish_root()
    world.lab.publish()
    assert world.orders() == 200


def test_what_was_known_is_not_asked_for_again(world):
    assert world.orders() == 200
    world.lab.asked.clear()
    assert world.orders() == 200
    assert world.lab.asked == ["2.root.json", "timestamp.json"]


def test_metadata_that_was_away_for_one_attempt_costs_that_attempt(world):
    tries = iter([ConnectionResetError()])

    def once():
        for fault in tries:
            raise fault
        yield world.lab.served["timestamp.json"]

    world.lab.breaks("timestamp.json", once)
    assert world.orders() == 200
    assert world.log.of("NotVouched")[0]["cause"] == "no-metadata"


def test_metadata_that_had_expired_is_signed_anew_for_the_next_attempt(world):
    world.lab.timestamp.expires = after(-0.01)
    world.lab.publish()
    expired = world.lab.served["timestamp.json"]
    world.lab.timestamp.expires = after(1)
    world.lab.publish()
    fresh, served = world.lab.served["timestamp.json"], iter([expired])
    world.lab.breaks("timestamp.json", lambda: iter([next(served, fresh)]))
    assert world.orders() == 200
    assert world.log.of("NotVouched")[0]["cause"] == "expired"


def test_a_download_that_was_cut_is_vouched_for_again_and_goes_on(world):
    world.depot.faults.append(90)
    assert world.orders() == 200
    assert [wish.start for wish in world.depot.fetches] == [0, 90]
    assert world.lab.asked.count("timestamp.json") == 2


def test_a2_a_package_that_was_withdrawn_in_the_middle_of_its_download_is_not_gone_on_with(world):
    world.depot.faults.append(90)
    withdrawn = dict(world.lab.targets.targets)

    def get(url, rest_s, get=world.lab.get):
        yield from get(url, rest_s)
        if withdrawn and url.endswith("targets.json"):
            withdrawn.clear()
            world.lab.targets.targets.clear()
            world.lab.publish()

    world.lab.get = get
    before = world.look()
    assert world.orders() == 404
    assert [wish.start for wish in world.depot.fetches] == [0]
    assert world.look() == before


def test_what_was_kept_may_be_lost(world, tmp_path):
    assert world.orders() == 200
    for path in sorted((tmp_path / "trust").rglob("*")):
        if path.is_file():
            path.write_bytes(b"rotten")
    assert world.orders() == 200


def test_another_version_of_the_same_security_level_may_be_ordered(world):
    assert world.orders() == 200
    world.offers(says(OLD, version="1"), OLD)
    world.lab.publish()
    assert world.orders() == 200
    assert world.runs == OLD


# Time.


def test_f19_a_clock_that_runs_ahead_stops_updates_only_while_it_does(world):
    world.clock_s = NOW_S + 20 * 365 * 86400
    assert world.orders() == 404
    world.clock_s = NOW_S
    assert world.orders() == 200


@pytest.mark.parametrize("clock_s", [0.0, -1e12, 1.0])
def test_f19_a_clock_without_a_battery_is_corrected_by_what_was_seen(world, clock_s):
    assert world.orders() == 200
    world.clock_s = clock_s
    world.lab.publish()
    assert world.orders() == 200
    assert world.log.of("ClockBehind")
    world.lab.timestamp.expires = after(-0.01)
    world.lab.publish()
    assert world.orders() == 404


def test_f19_no_clock_is_too_late_to_be_read(world):
    world.clock_s = 1e18
    assert world.orders() == 404


def test_a_time_that_a_thief_of_the_timestamp_key_signed_goes_with_his_key(world):
    world.lab.timestamp.expires = after(9000)
    world.lab.timestamp.unrecognized_fields["signed_at"] = after(8000).isoformat()
    world.lab.snapshot.expires = world.lab.targets.expires = after(9000)
    world.lab.root.expires = after(9000)
    world.lab.publish_root()
    world.lab.publish()
    assert world.orders() == 200
    world.lab.replaces_keys("timestamp")
    world.lab.publish_root()
    del world.lab.timestamp.unrecognized_fields["signed_at"]
    for role in ("timestamp", "snapshot", "targets"):
        world.lab.role(role).signed.expires = after(7)
    world.lab.publish()
    assert world.orders() == 200


@pytest.mark.parametrize("told", ["soon", "2030-01-01T00:00:00", 7, None, "9999-01-01T00:00:00Z"])
def test_a_time_of_signing_that_is_none_counts_for_nothing(world, told):
    world.lab.timestamp.unrecognized_fields["signed_at"] = told
    world.lab.publish()
    assert world.orders() == 200


# PkgData.


def listed_by_digest(world, data: bytes, manifest) -> None:
    world.lab.lists(sha256(data).hexdigest(), data, custom_of(manifest))
    world.lab.publish()


def test_package_data_is_vouched_for_by_its_digest(world):
    data = world.depot.files[URL]
    listed_by_digest(world, data, says())
    assert world.gives(data) == 200
    assert world.runs == NEW


def test_package_data_that_is_an_image_alone_gets_the_manifest_that_was_signed(world):
    listed_by_digest(world, NEW, says())
    assert world.gives(NEW) == 200
    assert world.runs == NEW


def test_a1_package_data_that_nobody_lists_is_refused(world):
    before = world.look()
    assert world.gives(world.depot.files[URL]) == 404
    assert world.gives(EVIL) == 404
    assert world.look() == before


def test_a6_package_data_for_another_device_is_refused(world):
    data = world.depot.files[URL]
    listed_by_digest(world, data, says(hardware=("r9",)))
    before = world.look()
    assert world.gives(data) == 403
    assert world.look() == before


def test_a1_package_data_whose_digest_is_the_name_of_another_file_is_refused(world):
    world.lab.lists(sha256(EVIL).hexdigest(), NEW, custom_of(says()))
    world.lab.publish()
    before = world.look()
    assert world.gives(EVIL) == 404
    assert world.look() == before


# What is held already.


def test_what_was_downloaded_is_not_asked_about_again(world):
    assert world.orders(kind=Kind.DOWNLOAD) == 200
    world.lab.asked.clear()
    assert world.orders(None, Kind.UPDATE) == 200
    assert world.lab.asked == []
    assert world.runs == NEW


def test_a1_what_was_downloaded_before_there_was_a_trust_is_not_installed_with_it(world):
    world.trusts = PlainTrust
    assert world.orders(kind=Kind.DOWNLOAD) == 200
    world.trusts = world.tuf
    before = world.look()
    assert world.orders(None, Kind.UPDATE) == 404
    assert world.look() == before


def test_only_the_newest_packages_are_remembered():
    known = KnownPackages(MemoryFiles())
    for n in range(KEPT_MAX + 1):
        known.remember(f"{n:064x}")
        known.remember(f"{n:064x}")
    assert not known.knows(f"{0:064x}")
    assert all(known.knows(f"{n:064x}") for n in range(1, KEPT_MAX + 1))
    known.remember(f"{1:064x}")
    known.remember("f" * 64)
    assert known.knows(f"{1:064x}")
    assert not known.knows(f"{2:064x}")
