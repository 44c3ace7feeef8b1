"""Deltas as rows: which are wanted, one at a time over all servers, tried so often and no more."""

import threading
import time
from pathlib import Path

import pytest

from fumo.errors import FumoError
from fumo.package.delta import Made, NotMade
from fumo.package.listing import DELTAS_MAX
from fumo.package.plan import Format
from fumo.server.attributes import rank
from fumo.server.deltas import PAUSE_S, TRIES_MAX, Delta, DeltaState, next_format, pairs
from fumo.server.edges.contents.rows import condemn, gone, is_needed
from fumo.server.edges.deltas import rows
from fumo.server.edges.deltas.background import SPARE_S, Deltas
from fumo.server.edges.opening import open_database
from fumo.server.rows import Package
from tests.server.device import Device
from tests.server.world import World

MADE, WAITING, GIVEN_UP = DeltaState.MADE, DeltaState.WAITING, DeltaState.GIVEN_UP
SHA256 = "5d" * 32


class Maker:
    """Fits `DeltaMaker`: makes what it is told to, or fails as it is told to."""

    formats: tuple[str, ...] = ("zstd", "bsdiff4")
    seconds = 100

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.faults: list[Exception] = []
        self.stopped = threading.Event()
        self.waits = False

    def make(self, base: str, target: str, format_: str, /) -> Made:
        self.asked.append((base[0], target[0], format_))
        if self.waits and self.stopped.wait(10):
            raise NotMade("it was stopped")
        if self.faults:
            raise self.faults.pop(0)
        return Made(Format(format_), 40, SHA256, 90, "ba" * 32, 1.5, 1 << 20)

    def stop(self) -> None:
        self.stopped.set()


class Story:
    """Packages of one line, some of whose versions devices report, and the thread's own look."""

    def __init__(self, world: World) -> None:
        self.world, self.db, self.maker = world, world.store.db, Maker()
        self.deltas = self.server(self.maker)
        self.ids: dict[str, int] = {}

    def server(self, maker: Maker) -> Deltas:
        return Deltas(self.db, maker, now_s=lambda: self.world.at_s)

    def adds(self, version: str, name: str = "fw", **more: str) -> Package:
        number = len(self.ids) + 1
        package = Package(0, name, version, f"{number:x}" * 64, 100, "m", **more)
        added = self.world.store.add_package(package)
        self.ids[version] = added.id
        return added

    def runs(self, version: str) -> None:
        peer = Device()
        if self.world.store.device(peer.id) is None:
            self.world.knows(peer)
        sql = "INSERT INTO attribute (device_id, name, value, rank) VALUES (?1, 'info.FwV', ?2, ?3)"
        self.db.run(sql, peer.id, version, rank(version))

    def looks(self, times: int = 1, later_s: float = 0.0) -> None:
        for _ in range(times):
            self.world.at_s += later_s
            while self.deltas.look():
                pass

    def rows(self, version: str = "2") -> list[Delta]:
        return rows.of_package(self.db, self.ids[version])

    @property
    def row(self) -> Delta:
        [row] = self.rows()
        return row


@pytest.fixture
def story(world: World) -> Story:
    """One version in the field, and a newer one."""
    story = Story(world)
    story.adds("1")
    story.runs("1")
    story.adds("2")
    return story


def test_a_delta_is_made_from_the_version_that_devices_report(story: Story):
    story.looks()
    assert story.maker.asked == [("1", "2", "zstd")]
    row = story.row
    assert (row.state, row.length, row.sha256, row.seconds) == (MADE, 40, SHA256, 1.5)
    assert (row.base_sha256, row.base_length, row.memory_bytes) == ("ba" * 32, 90, 1 << 20)
    assert row.made_at_s == story.world.at_s
    story.looks(3, later_s=100)
    assert len(story.maker.asked) == 1


def test_none_is_made_from_a_version_that_nobody_runs(story: Story):
    story.adds("1.5")
    story.adds("3")
    story.looks()
    assert {one[:2] for one in story.maker.asked} == {("1", "4")}


def test_a_version_that_comes_into_the_field_later_is_seen(story: Story):
    story.looks()
    story.adds("3")
    story.runs("2")
    story.looks(later_s=61)
    assert sorted(one[:2] for one in story.maker.asked[1:]) == [("1", "3"), ("2", "3")]


def test_packages_for_other_versions_and_other_lines_are_no_pair(story: Story):
    story.adds("3", from_version="2")
    story.adds("4", name="app")
    story.looks()
    assert story.maker.asked == []


def test_what_is_not_worth_it_is_tried_in_the_other_format_and_then_given_up(story: Story):
    story.maker.faults = [NotMade("not worth it", final=True)] * 2
    story.looks()
    assert [one[2] for one in story.maker.asked] == ["zstd", "bsdiff4"]
    assert [(row.state, row.reason) for row in story.rows()] == [(GIVEN_UP, "not worth it")] * 2
    story.looks(3, later_s=1000)
    assert len(story.maker.asked) == 2


def test_what_failed_is_tried_again_later_and_not_for_ever(story: Story):
    story.maker.formats = ("zstd",)
    story.maker.faults = [NotMade("too little memory"), OSError("away"), NotMade("too long")]
    story.looks()
    assert (story.row.tries, story.row.state, story.row.reason) == (1, WAITING, "too little memory")
    story.looks(later_s=PAUSE_S - 1)
    assert len(story.maker.asked) == 1
    story.looks(later_s=1)
    assert story.row.reason == "the store: away"
    story.looks(later_s=4 * PAUSE_S)
    assert (story.row.tries, story.row.state, story.row.reason) == (TRIES_MAX, GIVEN_UP, "too long")
    story.looks(3, later_s=10_000)
    assert len(story.maker.asked) == TRIES_MAX


def test_an_operator_has_it_tried_anew_and_what_is_made_stays(story: Story):
    story.maker.faults = [NotMade("no", final=True)] * 2
    story.looks()
    ids = story.ids["2"], story.ids["1"]
    again = rows.order(story.db, *ids, "zstd")
    assert (again.state, again.tries, again.reason) == (WAITING, 0, "")
    story.looks()
    assert {row.state for row in story.rows()} == {MADE, GIVEN_UP}
    assert rows.order(story.db, *ids, "zstd").state is MADE


def test_one_at_a_time_over_all_servers(story: Story):
    assert rows.take_turn(story.db, story.world.at_s, 500) is not None
    story.looks()
    assert story.maker.asked == []
    story.looks(later_s=499)
    assert story.maker.asked == []
    story.looks(later_s=1)  # who had the turn is gone
    assert len(story.maker.asked) == 1


def test_who_lost_the_turn_writes_nothing(story: Story):
    other = story.server(Maker())

    class Slow(Maker):
        def make(self, base: str, target: str, format_: str, /) -> Made:
            story.world.at_s += self.seconds + SPARE_S
            assert other.look()
            raise NotMade("late", final=True)

    story.deltas = story.server(Slow())
    story.looks()
    assert (story.row.state, story.row.reason) == (MADE, "")


def test_a_package_has_no_more_deltas_than_may_be_signed(story: Story):
    for number in range(DELTAS_MAX + 4):
        story.adds(f"1.{number}")
        story.runs(f"1.{number}")
    story.adds("9")
    story.looks()
    assert len(story.rows("9")) == DELTAS_MAX
    assert {row.state for row in story.rows("9")} == {MADE}


def test_the_same_delta_is_written_down_once_whoever_finds_it_wanted(story: Story):
    found = rows.wanted(story.db, ("zstd",))
    rows.add(story.db, found)
    rows.add(story.db, found)
    assert len(story.rows()) == 1


def test_who_ends_takes_his_maker_along_and_leaves_the_delta_to_others(
    story: Story, where: Path | str
):
    maker = Maker()
    maker.waits = True
    running = Deltas(open_database(where), maker, look_every_s=0.01)
    running.start()
    deadline_s = time.monotonic() + 10
    while not maker.asked and time.monotonic() < deadline_s:
        time.sleep(0.01)
    running.stop()
    assert len(maker.asked) == 1
    assert (story.row.state, story.row.tries) == (WAITING, 0)
    story.looks()
    assert story.row.state is MADE


def test_what_was_made_is_needed_from_then_on_and_not_collected(story: Story):
    at_s = story.world.at_s
    assert not is_needed(story.db, SHA256)
    story.looks()
    assert is_needed(story.db, SHA256)
    assert not condemn(story.db, SHA256, at_s + 1e6, at_s + 1e6)


def test_what_is_just_being_collected_is_made_again(story: Story):
    assert condemn(story.db, SHA256, story.world.at_s, story.world.at_s)
    story.looks()
    assert (story.row.state, story.row.tries, story.row.sha256) == (WAITING, 1, None)
    gone(story.db, SHA256)
    story.looks(later_s=PAUSE_S)
    assert story.row.state is MADE


def test_pairs_lead_to_the_newest_of_a_line_only():
    packages = [Package(n, "fw", str(n), f"{n}" * 64, 1, "m") for n in (3, 2, 1)]
    assert [(a.version, b.version) for a, b in pairs(packages)] == [("2", "3"), ("1", "3")]


def test_no_format_is_left_where_none_can_be_made():
    assert next_format((), ()) is None
    assert issubclass(NotMade, FumoError)
