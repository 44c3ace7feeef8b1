"""What is touched inside python-tuf is there, and does what it is touched for."""

from pathlib import Path

from tuf.ngclient import Updater, UpdaterConfig

from fumo.device.edges.metadata_source import Bounds, Source
from fumo.device.edges.tuf_repository import DurableUpdater, Fetcher, moment
from tests.trust.attacks import evil_targets
from tests.trust.repository import BASE, NOW_S, Lab
from tests.trust.world import NAME, TrustedWorld


class Recorded(DurableUpdater):
    """Says what it is asked to keep."""

    kept: list[str]

    def _persist_file(self, filename: str, data: bytes) -> None:
        self.kept.append(Path(filename).name)
        super()._persist_file(filename, data)


def refreshed(folder: Path, lab: Lab, at_s: float = NOW_S) -> Recorded:
    folder.mkdir(exist_ok=True)
    Recorded.kept = []
    fetcher = Fetcher(Source(lab.get, Bounds()))
    root = lab.factory_root
    updater = Recorded(str(folder), BASE, fetcher=fetcher, config=UpdaterConfig(), bootstrap=root)
    updater.is_at(at_s)
    updater.refresh()
    return updater


def test_whatever_is_kept_is_kept_by_our_own_synced_way(tmp_path):
    assert DurableUpdater._persist_file is not Updater._persist_file
    lab = Lab()
    lab.publish()
    lab.publish_root()
    refreshed(tmp_path / "m", lab)
    files = {path.name for path in (tmp_path / "m").rglob("*") if path.is_file()}
    assert files - {"root.json"} == set(Recorded.kept)  # root.json is a link to the newest one
    assert set(Recorded.kept) >= {"2.root.json", "timestamp.json", "snapshot.json", "targets.json"}


def test_roles_are_judged_at_the_moment_that_was_told(tmp_path):
    lab = Lab()
    lab.publish()
    updater = refreshed(tmp_path / "m", lab, NOW_S + 3600)
    assert updater._trusted_set.reference_time == moment(NOW_S + 3600)


def test_no_name_of_a_role_leads_out_of_the_folder(tmp_path):
    world = TrustedWorld(tmp_path / "in" / "trust")
    data = evil_targets(world)
    del world.lab.targets.targets[NAME]
    role = "../../../out"
    world.lab.delegates(role)
    world.lab.lists(NAME, data, None, role)
    world.lab.publish()
    quoted = role.replace("/", "%2F")
    world.lab.served[f"1.{quoted}.json"] = world.lab.served[f"1.{role}.json"]
    assert world.orders() == 404  # it is found there, and has no manifest
    assert any(quoted in name for name in world.lab.asked)
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
    assert {path.name for path in (tmp_path / "in").iterdir()} == {"trust"}
