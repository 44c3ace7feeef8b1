"""From an image to a woken device's report, over an S3: built, signed, a delta made, fetched."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.test_process import heard
from tests.journeys.estate import Estate, Lamp
from tests.seaweed import Seaweed, seaweed

OLD = random.Random(1).randbytes(300_000)
NEW = OLD[:150_000] + b"what is new" * 100 + OLD[150_000:]


@pytest.fixture(scope="module")
def s3() -> Iterator[Seaweed]:
    with seaweed() as running:
        yield running


@pytest.fixture
def estate(s3: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    estate = Estate(tmp_path, s3.bucket())
    yield estate
    estate.stop()


def test_a_sleeping_device_is_woken_verifies_fetches_a_delta_and_reports(estate: Estate):
    old, new = estate.package(OLD, "1"), estate.package(NEW, "2")
    delta = estate.delta(old, new)
    for package, version in ((old, "1"), (new, "2")):
        estate.adds(package, version)
    estate.signer.offers(old)
    estate.signer.offers(new, delta)
    estate.publishes()
    lamp = Lamp(estate)
    first = estate.orders(lamp.id, "1")
    lamp.lives()
    assert (lamp.runs == OLD, estate.result(first)) == (True, 200)
    with lamp.sleeps() as process:
        port = heard(process, "Listens")["port"]
        heard(process, "Idle")
        estate.asks("devices", "mark", lamp.id, "--set", f"wake=udp:127.0.0.1:{port}")
        second = estate.orders(lamp.id, "2", "--wake")
        assert heard(process, "Notified")
        assert heard(process, "AlertAcknowledged")
    assert (lamp.runs == NEW, estate.result(second)) == (True, 200)
    [line] = estate.log(second)
    assert (line.method, line.status) == ("GET", 302)
    assert line.target.endswith(f"/deltas/{delta['sha256']}")
