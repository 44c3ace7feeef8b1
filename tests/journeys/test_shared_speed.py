"""A campaign's speed at a real depot: its devices share it, and nobody else is slowed."""

import json
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.estate import MODEL, Estate, Lamp

IMAGE = b"an image." * 22_000
BYTES_PER_S = 200_000
BURST_S = 0.25


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("estate")
    estate = Estate(folder, str(folder / "store"))
    yield estate
    estate.stop()


def begins(estate: Estate, lamps: list[Lamp], *terms: str) -> None:
    """One campaign for all of these."""
    what = ("--package", f"{MODEL}@2", "--operation", "downloadandupdate")
    whom = [word for lamp in lamps for word in ("--device", lamp.id)]
    estate.asks("campaign", "create", *whom, *what, *terms)


def address(estate: Estate, lamp: Lamp) -> str:
    """Where the device fetched its package."""
    [line] = estate.log(int(estate.operations(lamp.id)[0]["id"]))
    assert (line.status, line.sent) == (200, line.end)
    return estate.server.depot_url + line.target


def seconds(url: str) -> tuple[float, int]:
    """How long a fetch takes, and of how many bytes."""
    start_s = time.monotonic()
    with urllib.request.urlopen(url, timeout=30) as answer:
        length = len(answer.read())
    return time.monotonic() - start_s, length


def test_devices_of_a_campaign_share_its_speed_and_no_other_is_slowed(estate: Estate):
    estate.adds(estate.package(IMAGE, "2"), "2")
    lamps = [Lamp(estate, trusts=False) for _ in range(3)]
    begins(estate, lamps[:2], "--bytes-per-s", str(BYTES_PER_S))
    begins(estate, lamps[2:])
    with ThreadPoolExecutor(3) as beside:
        list(beside.map(Lamp.lives, lamps))
        assert [lamp.runs for lamp in lamps] == [IMAGE] * 3
        urls = [address(estate, lamp) for lamp in lamps]
        (one_s, length), (two_s, _), (other_s, _) = beside.map(seconds, urls)
    both_s = 2 * length / BYTES_PER_S
    assert max(one_s, two_s) > both_s - BURST_S
    assert min(one_s, two_s) > both_s * 0.6  # each at half the speed, not one after the other
    assert other_s < both_s / 2


def test_the_term_is_told(estate: Estate):
    begins(estate, [Lamp(estate, trusts=False)], "--bytes-per-s", "5000")
    told = json.loads(estate.asks("campaign", "status", "3", "-o", "json"))
    assert told["terms"]["bytes_per_s"] == 5_000
