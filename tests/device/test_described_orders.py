"""Whole orders whose PkgURL is a descriptor: what the DM server hears, and what the depot hears."""

import pytest

from fumo.codes import Kind
from fumo.device.edges.pace import Limits
from fumo.dlota.descriptor import MEDIA_TYPE
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.failures import Cause

PRIMARY = "./FwUpdate/Primary"
DESCRIPTOR_URL = "http://127.0.0.1/package.dd"
PACKAGE = package(b"new firmware" * 300, "2")


def world(size: int = len(PACKAGE), **settings) -> DeviceWorld:
    """A depot with a descriptor of the package beside it."""
    one = DeviceWorld(**settings)
    text = (
        "<media><type>application/octet-stream</type>"
        f"<size>{size}</size><objectURI>package</objectURI>"
        "<installNotifyURI>told</installNotifyURI></media>"
    )
    one.depot.files = {URL: PACKAGE, DESCRIPTOR_URL: text.encode()}
    one.depot.types = {DESCRIPTOR_URL: MEDIA_TYPE}
    return one


def heard(one: DeviceWorld) -> list[int]:
    return [alert.number for alert in one.server.heard]


def told(one: DeviceWorld) -> list[int]:
    assert {url for url, _ in one.depot.reports} <= {"http://127.0.0.1/told"}
    return [int(body[:3]) for _, body in one.depot.reports]


@pytest.mark.clause("C04b-02", "C08")
@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize("kind", [Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE])
def test_an_update_by_descriptor_ends_as_any_other_whoever_hears_of_it(kind, deaf):
    one = world()
    one.depot.deaf = deaf
    one.server.orders(kind, DESCRIPTOR_URL)
    one.run()
    assert heard(one) == [200]
    assert told(one) == [900] * (3 if deaf else 1)


def test_a_package_that_is_not_as_described_is_402_and_905():
    one = world(size=len(PACKAGE) - 1)
    one.server.orders(Kind.DOWNLOAD_AND_UPDATE, DESCRIPTOR_URL)
    one.run()
    assert (heard(one), told(one)) == ([402], [905])


@pytest.mark.clause("C16")
def test_after_the_alert_neither_descriptor_nor_package_is_asked_for_again():
    one = world()
    one.depot.always = Cause.RESET
    one.server.orders(Kind.DOWNLOAD, DESCRIPTOR_URL)
    one.run()
    asked = len(one.depot.fetches)
    one.depot.always = None
    one.run()
    assert (heard(one), len(one.depot.fetches)) == ([503], asked)
    assert told(one) == []  # no descriptor was ever read


def test_attempts_that_are_used_up_after_the_descriptor_are_told_as_a_loss_of_service():
    one = world()
    one.depot.faults.extend([None, 50] * 20)
    one.server.orders(Kind.DOWNLOAD, DESCRIPTOR_URL)
    one.run()
    assert (heard(one), told(one)) == ([503], [903])


def test_f14_a_cut_in_the_package_goes_on_with_the_package():
    one = world(limits=Limits(checkpoint_bytes=1000))
    one.depot.faults.extend([None, 2500])
    one.server.orders(Kind.DOWNLOAD, DESCRIPTOR_URL)
    one.run()
    assert (heard(one), told(one)) == ([200], [900])
    asked = [(wish.url, wish.start) for wish in one.depot.fetches]
    assert asked == [(DESCRIPTOR_URL, 0), (URL, 0), (DESCRIPTOR_URL, 0), (URL, 2500)]


def test_what_a_person_cancels_is_401_and_902():
    one = world()
    one.depot.faults.extend([None, 50] * 20)
    one.server.orders(Kind.DOWNLOAD, DESCRIPTOR_URL)
    agent, said = one.agent(), []

    def stopping() -> bool:
        if len(one.depot.fetches) == 4 and not said:
            said.append(agent.wishes.cancel(PRIMARY))
        return bool(one.server.heard)

    agent.run(once=False, stopping=stopping)
    assert (said, heard(one)) == ([""], [401])
    one.run()
    assert (heard(one), told(one)) == ([401], [902])
