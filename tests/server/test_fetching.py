"""By a descriptor or straight to the package, and what devices told the depot of it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.denied import Denied
from fumo.server.edges.depot_log import take_in
from fumo.server.edges.timeline import timeline
from fumo.server.edges.views import Transfer, Views
from fumo.server.fetching import Fetching, fetching
from fumo.server.rows import Campaign, CampaignState, OperationState
from fumo.server.terms import Terms, terms_of
from tests.server.device import Device
from tests.server.test_depot_log import line
from tests.server.world import World

NODE = "./FwUpdate/x/DownloadAndUpdate/PkgURL"
PLAIN = Campaign(0, "c", 1, Kind.DOWNLOAD_AND_UPDATE, 0.0)


@pytest.mark.clause("C04b-02")
@pytest.mark.parametrize(
    ("profile", "term", "end"),
    [
        ("standard", False, "ab"),
        ("standard", True, "/descriptor"),
        ("descriptors", False, "/descriptor"),
    ],
)
def test_the_campaign_or_the_kind_of_device_wants_a_descriptor(
    world: World, profile: str, term: bool, end: str
):
    device = world.knows(Device(), profile)
    world.orders(device, descriptor=term)
    device.talk(world.post)
    assert device.tree[NODE].endswith(end)
    assert world.operation().url == device.tree[NODE]


def test_the_term_is_kept_and_told():
    campaign = replace(Terms(descriptor=True).campaign(PLAIN, 1), state=CampaignState.RUNNING)
    assert terms_of(campaign).descriptor
    assert not terms_of(Terms().campaign(PLAIN, 1)).descriptor


def test_a_campaigns_speed_is_its_devices_and_nobody_elses():
    campaign = replace(Terms(bytes_per_s=50_000).campaign(PLAIN, 1), id=4)
    assert terms_of(campaign).bytes_per_s == 50_000
    assert fetching(None, campaign) == Fetching(campaign_id=4, bytes_per_s=50_000)
    assert fetching(None, replace(campaign, bytes_per_s=0)) == Fetching(campaign_id=4)
    assert fetching(None, None) == Fetching()


@pytest.mark.parametrize(
    ("kind", "bytes_per_s"),
    [
        (Kind.DOWNLOAD, -1),
        (Kind.DOWNLOAD, 1_999),
        (Kind.DOWNLOAD, 10**12 + 1),
        (Kind.UPDATE, 50_000),
    ],
)
def test_a_speed_that_no_download_can_keep_is_denied(kind: Kind, bytes_per_s: int):
    with pytest.raises(Denied, match="speed"):
        Terms(bytes_per_s=bytes_per_s).campaign(replace(PLAIN, kind=kind), 1)


def test_a_report_stands_in_the_story_and_changes_no_result(
    world: World, device: Device, tmp_path: Path
):
    world.orders(device, descriptor=True)
    device.talk(world.post)
    log = tmp_path / "requests.jsonl"
    log.write_text(line("1", report=903) + line("1", report=777))
    take_in(world.store.db, log)
    views = Views(world.store.db)
    assert views.transfers(1) == [
        Transfer(5.0, 903, "Loss of Service"),
        Transfer(5.0, 777, "Not a code of the standard"),
    ]
    told = [entry.title for entry in timeline(views, 1) if entry.kind == "report"]
    assert told[0] == "Transfer reported: 903 Loss of Service"
    assert world.states == [OperationState.ACCEPTED]
    device.finishes(200, "90")
    device.talk(world.post)
    assert world.states == [OperationState.SUCCEEDED]
