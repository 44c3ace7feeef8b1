"""Maintenance windows: the words, the weeks, the zones; nothing is ordered outside of them."""

from datetime import UTC, datetime

import pytest

from fumo.codes import Kind
from fumo.server.denied import Denied
from fumo.server.office import Office, Order
from fumo.server.rows import DEADLINE_S, OperationState, Package
from fumo.server.terms import Terms
from fumo.server.windows import check, closed_s_max, is_open, opens_in_s, spans
from tests.server.device import Device
from tests.server.world import World

HOUR_S = 3600.0


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> float:
    """A moment of 2026 in UTC; the first of June is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("mon 01:00-05:00", ((60, 300),)),
        ("sat,sun 00:00-24:00", ((7200, 8640), (8640, 10080))),
        ("sun 22:00-04:00", ((9960, 10320),)),
        ("sat-mon 23:59-24:00", ((1439, 1440), (8639, 8640), (10079, 10080))),
    ],
)
def test_words_are_minutes_of_the_week(words: str, minutes: tuple[tuple[int, int], ...]):
    assert spans(words) == minutes


@pytest.mark.parametrize(
    "words",
    [
        "", "mon", "01:00-02:00", "someday 01:00-02:00", "mon 1:00-2:00", "mon 01:00-01:00",
        "mon 24:00-01:00", "mon 01:60-02:00", "mon 01:00-25:00", "mon-x 01:00-02:00",
    ],
)  # fmt: skip
def test_other_words_are_refused(words: str):
    with pytest.raises(Denied):
        check([words], "UTC")


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        (at(2, 1), False), (at(1, 1), True), (at(1, 4, 59), True), (at(1, 5), False),
        (at(7, 23), True), (at(8, 0, 30), True), (at(8, 2), True), (at(6, 23), False),
    ],
)  # fmt: skip
def test_a_window_is_open_from_its_first_minute_and_over_the_end_of_the_week(
    moment: float, open_: bool
):
    words = ["mon 01:00-05:00", "sun 23:00-01:00"]
    assert is_open(words, "UTC", moment) is open_


def test_until_it_opens_is_told_to_the_second():
    assert opens_in_s(["mon 01:00-05:00"], "UTC", at(1, 0, 30) + 15) == 1785
    assert opens_in_s(["mon 01:00-05:00"], "UTC", at(1, 5)) == 7 * 24 * HOUR_S - 4 * HOUR_S
    assert opens_in_s([], "UTC", 0.0) == 0


def test_a_zone_is_an_offset_or_a_name_whose_summer_time_is_kept():
    words = ["daily 02:00-03:00"]
    assert is_open(words, "+02:00", at(1, 0))
    assert is_open(words, "-05:30", at(1, 7, 30))
    assert is_open(words, "Europe/Berlin", at(1, 0))
    assert not is_open(words, "Europe/Berlin", at(1, 0, month=12))
    assert is_open(words, "Europe/Berlin", at(1, 1, month=12))


@pytest.mark.parametrize("zone", ["", "Nowhere", "../etc/passwd", "+24:00", "/etc/hostname"])
def test_an_unknown_zone_opens_never(zone: str):
    assert opens_in_s(["daily 00:00-24:00"], zone, 0.0) is None
    assert not is_open(["daily 00:00-24:00"], zone, 0.0)
    with pytest.raises(Denied):
        check([], zone)


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ([], 0), (["daily 00:00-24:00"], 0), (["daily 01:00-05:00"], 20),
        (["mon 01:00-05:00"], 164), (["mon-fri 22:00-02:00"], 68),
        (["mon 01:00-05:00", "mon 02:00-03:00", "thu 00:00-01:00"], 96),
    ],
)  # fmt: skip
def test_the_longest_time_between_two_windows(words: list[str], hours: int):
    assert closed_s_max(words) == hours * HOUR_S


def test_a_deadline_that_would_pass_between_two_windows_is_refused(world: World, device: Device):
    with pytest.raises(Denied, match="passes between two windows"):
        ordered(world, device, "download", Terms(windows=("sat 01:00-05:00",)), 3 * 24 * HOUR_S)


def ordered(
    world: World, device: Device, operation: str, terms: Terms, deadline_s: float = DEADLINE_S
) -> None:
    world.store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    order = Order("fw", [device.id], operation, deadline_s=deadline_s, terms=terms)
    Office(world.store, world.dice.octets).begin(order, world.at_s)


def test_a_device_that_comes_outside_of_the_windows_is_ordered_nothing(
    world: World, device: Device
):
    world.at_s = at(1, 0)
    ordered(world, device, "downloadandupdate", Terms(windows=("daily 01:00-05:00",)))
    device.talk(world.post)
    assert device.execs == []
    world.at_s = at(1, 5)
    device.talk(world.post)
    assert device.execs == []
    world.at_s = at(2, 1)
    device.talk(world.post)
    assert len(device.execs) == 1


def test_a_result_counts_whenever_it_comes(world: World, device: Device):
    world.at_s = at(1, 1)
    ordered(world, device, "downloadandupdate", Terms(windows=("daily 01:00-05:00",)))
    device.talk(world.post)
    world.at_s = at(1, 6)
    device.finishes(200, "90")
    device.talk(world.post)
    assert world.states == [OperationState.SUCCEEDED]


def test_downloads_may_be_ordered_at_any_time_and_their_updates_in_the_windows(
    world: World, device: Device
):
    world.at_s = at(1, 12)
    terms = Terms(windows=("daily 01:00-05:00",), download_anytime=True)
    ordered(world, device, "download-then-update", terms)
    device.talk(world.post)
    device.finishes(200, "40")
    device.talk(world.post)
    world.sweeps()
    device.talk(world.post)
    assert kinds(world) == [Kind.DOWNLOAD, Kind.UPDATE]
    assert len(device.execs) == 1
    world.at_s = at(2, 2)
    device.talk(world.post)
    assert len(device.execs) == 2
    assert world.states == [OperationState.SUCCEEDED, OperationState.ACCEPTED]


def test_a_rate_starts_nobody_while_no_window_is_open(world: World, device: Device):
    world.at_s = at(1, 0)
    ordered(world, device, "download", Terms(windows=("daily 01:00-05:00",), rate=60))
    world.at_s = at(1, 0, 30)
    world.sweeps()
    assert world.states == [OperationState.HELD]
    world.at_s = at(1, 1)
    world.sweeps()
    assert world.states == [OperationState.PLANNED]


def kinds(world: World) -> list[Kind]:
    return [o.kind for o in world.operations()]
