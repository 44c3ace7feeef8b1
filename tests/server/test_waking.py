"""Devices that sleep are woken, by campaigns and by operators, again until they come."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from fumo.dm.auth import Login
from fumo.dm.notification import Worth, parse, worth
from fumo.server.attributes import Marks
from fumo.server.edges.waking import rows
from fumo.server.edges.waking.taking import Taken, Terms, lanes, settle, take
from fumo.server.office import Office
from fumo.server.operation import shown
from fumo.server.paging import Page, Way
from fumo.server.rollout import Denied
from fumo.server.rows import Campaign
from fumo.server.targets import Targets
from fumo.server.waking import AGAIN_S, SAME_SESSION, Patience, Sent, WakeState
from tests.server.device import Device
from tests.server.world import World

UDP = "udp:192.0.2.1:2948"
PATIENCE, GOOD = Patience(attempts=8, wait_s=60), Sent()
STEP_S = 10


@dataclass
class Night:
    """A world whose devices sleep, and what leaves for them."""

    world: World
    patience: Patience = PATIENCE
    sent: list[Taken] = field(default_factory=list)
    answer: Sent = GOOD

    def sleeps(self, number: int = 1, address: str = UDP) -> Device:
        """A device that came once, and is asleep since."""
        device = self.world.knows(Device(f"IMEI:{number}"))
        device.talk(self.world.post)
        self.world.at_s += 1
        marks = Marks(set={"wake": address})
        Office(self.world.store, self.world.dice.octets).mark(Targets((device.id,)), marks)
        return device

    def looks(self, room: int = 100) -> list[Taken]:
        """What the waker would give to its senders now."""
        db, terms, at_s = self.world.store.db, Terms("fumo", self.patience), self.world.at_s
        taken = [one for lane in lanes(db) for one in take(db, terms, lane, room, at_s)]
        for one in taken:
            if not self.answer.good:
                settle(db, one, self.answer, at_s, rest_s=5.0)
        self.sent += taken
        return taken

    def waits(self, seconds: float) -> list[Taken]:
        """A look now and then."""
        before = len(self.sent)
        end_s = self.world.at_s + seconds
        while self.world.at_s < end_s:
            self.world.at_s += STEP_S
            self.looks()
        return self.sent[before:]

    def told(self, device: Device) -> list[str]:
        """What happened, in its order."""
        found = rows.history(self.world.store.db, device.id, Page(100, Way.UP, None))
        return [one.kind.value for _, one in found]

    def state(self, device: Device) -> WakeState | None:
        found = rows.find(self.world.store.db, device.id)
        return found.state if found else None

    def wakes(self, *devices: Device, **terms: Any) -> Campaign:
        return self.world.orders(*devices, wake=True, **terms)

    def steers(self, campaign: Campaign, word: str) -> None:
        office = Office(self.world.store, self.world.dice.octets)
        office.steer(campaign.id, word, self.world.at_s)


@pytest.fixture
def night(world: World) -> Night:
    return Night(world)


@pytest.mark.clause("S-NOT", "N1-09")
def test_a_campaign_wakes_a_device_that_sleeps_and_the_session_ends_it(night: Night):
    device = night.sleeps()
    night.wakes(device)
    [taken] = night.looks()
    assert (taken.parcel.place, taken.parcel.device_id) == ("192.0.2.1:2948", device.id)
    heard = parse(taken.parcel.push.body)
    login = Login("fumo", device.server_secret)
    assert worth(heard, login, device.nonces.peer, resync=False) is Worth.GOOD
    assert shown(night.world.operation()) == "notified"
    device.talk(night.world.post)
    assert night.waits(AGAIN_S + 60) == []
    assert night.told(device) == ["asked", "came"]
    assert night.state(device) is WakeState.CAME


def test_who_has_no_address_and_who_is_in_no_such_campaign_is_let_sleep(night: Night):
    night.wakes(night.world.knows(Device("IMEI:7")))
    night.world.orders(night.sleeps())
    assert night.waits(100) == []


def test_lost_ones_are_sent_again_with_growing_waits_and_then_it_is_given_up(night: Night):
    device = night.sleeps()
    night.wakes(device, deadline_s=30 * 24 * 3600.0)
    moments: list[float] = []
    for _ in range(4 * 3600 // STEP_S):
        night.world.at_s += STEP_S
        moments += [night.world.at_s for _ in night.looks()]
    waits = [round(b - a) for a, b in pairwise(moments)]
    assert waits == [60, 120, 240, 480, 960, 1920, 3840]
    assert night.told(device) == ["asked"] * 8
    night.waits(3600)
    assert night.told(device) == ["asked"] * 8 + ["given_up"]
    assert night.state(device) is WakeState.GIVEN_UP


def test_a11_the_same_session_is_asked_for_a_few_times_and_then_a_new_one(night: Night):
    device = night.sleeps()
    night.wakes(device)
    night.waits(60 * 70)
    ids = [int(one.parcel.session, 16) for one in night.sent]
    assert ids == [1, 1, 1, 2, 2, 2, 3]
    assert SAME_SESSION == 3
    same = [one.parcel.push for one in night.sent[:SAME_SESSION]]
    assert len(set(map(repr, same))) == 1


def test_a_session_id_of_one_wake_is_never_that_of_another(night: Night):
    device = night.sleeps()
    office = Office(night.world.store, night.world.dice.octets)
    for _ in range(3):
        office.wake(device.id, "background", "", night.world.at_s)
        night.looks()
        device.talk(night.world.post)
        night.waits(5)
    assert [one.parcel.session for one in night.sent] == ["1", "2", "3"]
    assert office.notice(device.id, "background", night.world.at_s).session_id == 4


def test_killed_before_it_was_sent_it_is_sent_after_the_wait_for_the_same_session(night: Night):
    device = night.sleeps()
    night.wakes(device)
    lost = night.looks()  # saved, and then the power went
    night.world.restart()
    assert night.waits(50) == []
    [again] = night.waits(20)
    assert again.parcel == lost[0].parcel
    assert night.told(device) == ["asked", "asked"]


def test_two_servers_never_take_one_attempt_both(night: Night):
    night.wakes(night.sleeps())
    assert [len(night.looks()) for _ in range(3)] == [1, 0, 0]


@pytest.mark.parametrize("word", ["pause", "stop"])
def test_whom_two_campaigns_need_is_woken_for_the_other_one(night: Night, word: str):
    device = night.sleeps()
    first = night.wakes(device)
    night.looks()
    night.wakes(device)
    night.steers(first, word)
    assert night.waits(100)
    device.talk(night.world.post)
    assert night.told(device)[-1] == "came"


def test_whom_a_paused_campaign_would_wake_a_new_one_wakes(night: Night):
    device = night.sleeps()
    first = night.wakes(device)
    night.steers(first, "pause")
    night.wakes(device)
    assert night.waits(100)


def test_what_an_operator_asked_for_ends_with_the_campaign_that_needed_it(night: Night):
    device = night.sleeps()
    campaign = night.wakes(device)
    night.looks()
    office = Office(night.world.store, night.world.dice.octets)
    office.wake(device.id, "unspecified", "", night.world.at_s)
    night.looks()
    device.talk(night.world.post)
    night.steers(campaign, "stop")
    assert night.waits(3 * AGAIN_S) == []


def test_nobody_is_woken_while_the_campaign_is_paused_or_after_it_was_stopped(night: Night):
    device = night.sleeps()
    campaign = night.wakes(device)
    night.steers(campaign, "pause")
    assert night.waits(300) == []
    night.steers(campaign, "resume")
    assert len(night.looks()) == 1
    night.steers(campaign, "stop")
    assert night.waits(3600) == []
    assert night.state(device) is WakeState.OVER


def test_nobody_is_woken_outside_of_the_windows(night: Night):
    night.world.at_s = 1_000_000.0  # a Monday, 13:46
    night.wakes(night.sleeps(), windows=("mon 14:00-15:00",))
    assert night.waits(60 * 13) == []
    assert len(night.waits(60)) == 1
    assert len(night.waits(2 * 3600)) < 8
    at_night = len(night.sent)
    assert night.waits(3600) == []
    assert len(night.sent) == at_night


def test_as_many_are_woken_a_minute_as_the_campaign_says(night: Night):
    devices = [night.sleeps(number) for number in range(1, 13)]
    night.wakes(*devices, wake_rate=6)
    taken = [len(night.waits(10)) for _ in range(6)]
    assert taken == [1, 1, 1, 1, 1, 1]


def test_an_attempt_that_could_not_be_sent_is_told_and_counts(night: Night):
    device = night.sleeps()
    night.wakes(device)
    night.answer = Sent("its name is not known")
    night.looks()
    wake = rows.find(night.world.store.db, device.id)
    assert wake is not None
    assert (wake.attempts, wake.why) == (1, "its name is not known")
    assert night.told(device) == ["asked", "failed"]


def test_a_gateway_that_is_down_costs_no_attempt(night: Night):
    device = night.sleeps()
    night.wakes(device)
    night.answer = Sent("the SMSC cannot be reached", down=True)
    night.waits(60)
    wake = rows.find(night.world.store.db, device.id)
    assert wake is not None
    assert wake.attempts == 0
    assert set(night.told(device)) == {"asked", "failed"}
    assert {one.parcel.session for one in night.sent} == {"1"}


def test_an_operator_wakes_a_device_with_and_without_an_address(night: Night):
    device = night.sleeps()
    office = Office(night.world.store, night.world.dice.octets)
    office.wake(device.id, "informative", "sms:+491701234567", night.world.at_s)
    [taken] = night.looks()
    assert (taken.way.kind, taken.parcel.place) == ("sms", "+491701234567")
    bare = night.world.knows(Device("IMEI:9"))
    bare.talk(night.world.post)
    with pytest.raises(Denied, match="no attribute 'wake'"):
        office.wake(bare.id, "informative", "", night.world.at_s)
    with pytest.raises(Denied, match="no address to wake"):
        office.wake(bare.id, "informative", "fax:1", night.world.at_s)


@pytest.mark.parametrize(
    "text", ["udp:", "sms:x", "mqtt:a/#", "pap:a b", "ftp://x/", "http://u@h/"]
)
def test_what_is_no_address_is_not_taken_as_an_attribute(night: Night, text: str):
    with pytest.raises(Denied):
        night.sleeps(address=text)


def test_what_it_was_not_told_in_its_session_wakes_it_again_by_a_new_session(night: Night):
    device = night.sleeps()
    night.wakes(device)
    night.looks()
    night.world.post(device, device.begin())  # it begins, and its battery is empty
    assert night.told(device) == ["asked", "came"]
    assert night.waits(AGAIN_S - 10) == []
    [again] = night.waits(20)
    assert again.parcel.session == "2"


def test_each_attempt_is_an_event_and_stands_in_the_operations_timeline(night: Night):
    night.wakes(night.sleeps())
    night.waits(70)
    kinds = [kind for (kind,) in night.world.rows("SELECT kind FROM event ORDER BY id")]
    assert kinds.count("wake.asked") == 2
    texts = [text for (text,) in night.world.rows("SELECT text FROM note ORDER BY id")]
    assert "notification 2 of 8 asks the device to come, by udp" in texts
