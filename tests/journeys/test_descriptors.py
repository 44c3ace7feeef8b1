"""Devices led by a descriptor, and what they report of the transfer, end to end."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.estate import Estate, Lamp

IMAGE = b"a new image" * 10_000


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("estate")
    estate = Estate(folder, str(folder / "store"))
    yield estate
    estate.stop()


def transfers(estate: Estate, operation: int) -> list[tuple[int, str]]:
    """What stands beside the operation, once the depot's log was read."""
    end_s = time.monotonic() + 20
    while not (told := estate.story(operation)["transfers"]) and time.monotonic() < end_s:
        time.sleep(0.1)
    return [(one["code"], one["meaning"]) for one in told]


@pytest.mark.clause("C04b-02", "S02")
def test_a_device_is_led_by_a_descriptor_and_reports_the_transfer(estate: Estate, tmp_path: Path):
    estate.adds(estate.package(IMAGE, "2"), "2")
    lamp = Lamp(estate, trusts=False)
    operation = estate.orders(lamp.id, "2", "--descriptor")
    lamp.lives()
    assert lamp.runs == IMAGE
    told = estate.story(operation)
    assert (told["operation"]["result"], told["operation"]["shown"]) == (200, "succeeded")
    assert transfers(estate, operation) == [(900, "Success")]
    lines = [(line.method, line.target.rpartition("/")[2]) for line in estate.log(operation)]
    assert lines == [("GET", "descriptor"), ("GET", "package"), ("POST", "report")]
    assert "Transfer reported: 900 Success" in estate.asks("operations", "show", str(operation))


def test_a_transfer_that_went_well_says_nothing_of_the_result(estate: Estate):
    estate.adds(estate.package(IMAGE + b"3", "3", "--from-version", "7"), "3")
    lamp = Lamp(estate, trusts=False)
    operation = estate.orders(lamp.id, "3", "--descriptor")
    lamp.lives()
    assert estate.story(operation)["operation"]["result"] == 403
    assert transfers(estate, operation) == [(900, "Success")]
    assert not any(b"a new image" in data for data in lamp.disk().values())
    assert estate.story(operation)["operation"]["result"] == 403
