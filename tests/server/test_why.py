"""Why is this device not updating? The sentence for each state, from rows as they come to be."""

from typing import Any

import pytest

from fumo.codes import Kind
from fumo.server.office import Office
from fumo.server.rows import CampaignState, Operation, OperationState, Retries
from fumo.server.waiting import ago
from fumo.server.why import SENTENCES, at_work, why
from tests.server.device import Device
from tests.server.world import DAY_S, World

C = CampaignState


def said(world: World) -> str:
    operation = world.operation()
    device = world.store.device(operation.device_id)
    assert device is not None
    campaign = world.store.campaign(operation.campaign_id)
    assert campaign is not None
    return why(device, operation, campaign, world.at_s)


def test_every_state_has_its_sentence():
    assert set(SENTENCES) == set(OperationState)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "a moment"), (1, "1 second"), (59, "59 seconds"), (3600, "1 hour"), (200_000, "2 days")],
)
def test_spans_are_told_in_their_largest_unit(seconds: float, words: str):
    assert ago(seconds) == words


def test_a_device_that_never_came(world: World, device: Device):
    world.orders(device)
    world.at_s += 3600
    assert said(world).startswith("The device has never come to this server; it is never sent if")
    assert "within 23 hours" in said(world)


@pytest.mark.parametrize(
    ("newest_first", "tells"),
    [("", None), ("succeeded failed", 2), ("succeeded planned planned failed", 2),
     ("planned accepted planned", 2), ("cancelled succeeded", 2), ("held", 1)],
)  # fmt: skip
def test_of_a_devices_operations_the_one_tells_that_is_its_turn(
    newest_first: str, tells: int | None
):
    states = [OperationState(word) for word in newest_first.split()]
    rows = [
        Operation(len(states) - at, "d", 1, 1, Kind.UPDATE, "c", state, None, 0.0, 9.0)
        for at, state in enumerate(states)
    ]
    found = at_work(rows)
    assert (found and found.id) == tells


def test_a_device_that_came_before_only(world: World, device: Device):
    device.talk(world.post)
    world.at_s += 7200
    world.orders(device)
    assert said(world).startswith("The device came 2 hours ago, before this was ordered")


def test_a_device_that_was_notified(world: World, device: Device):
    device.talk(world.post)
    world.at_s += 60
    world.orders(device)
    Office(world.store, world.dice.octets).notice(device.id, "background", world.at_s)
    world.at_s += 120
    assert said(world).startswith("A notification asked the device to come 2 minutes ago")
    assert "did not yet" in said(world)


def test_an_order_that_waits_behind_another(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    world.orders(device)
    world.at_s += 5
    device.talk(world.post)
    [_, second] = world.operations()
    known, campaign = world.store.device(device.id), world.store.campaign(second.campaign_id)
    assert known is not None
    assert campaign is not None
    assert why(known, second, campaign, world.at_s).endswith(
        "it is sent once what was ordered before it ends."
    )


def test_an_order_nothing_was_heard_of(world: World, device: Device):
    world.orders(device)
    body: bytes | None = device.begin()
    while body is not None and not device.execs:
        device.hear(world.post(device, body))
        body = device.go_on()  # its 202 is lost
    world.at_s += 60
    assert said(world).startswith("The order left 1 minute ago and nothing was heard of it")


def test_a_device_at_work(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    assert said(world).startswith("The device took the order and may retry by itself; its result")


@pytest.mark.parametrize(
    ("result", "state", "words"),
    [
        (200, "90", "The device reported success (200) a moment ago."),
        (503, "20", "The device reported 503 (Download fails: network issues) a moment ago and"),
    ],
)
def test_a_result(world: World, device: Device, result: int, state: str, words: str):
    world.orders(device)
    device.talk(world.post)
    device.finishes(result, state)
    device.talk(world.post)
    assert said(world).startswith(words)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (
            {"state": C.PAUSED, "why": "3 errors in group 1"},
            "is paused (3 errors in group 1): 'res",
        ),
        ({"state": C.DRAFT}, "is a draft: 'start'"),
        ({"state": C.DRAFT, "approval": True}, "is a draft: 'submit'"),
        ({"state": C.WAITING, "made_by": "ann"}, "waits until somebody else than ann approves it"),
        ({"state": C.APPROVED}, "is approved: 'start' begins it"),
        ({"state": C.SCHEDULED, "starts_at_s": 1_007_200.0}, "is scheduled, and begins in 2 hours"),
        ({"state": C.STOPPED, "why": "stop by bob"}, "is stopped (stop by bob): nothing more"),
        ({"rate": 10}, "starts 10 devices a minute, and it waits its turn"),
        ({}, "runs and comes to it within moments"),
    ],
)
def test_an_order_that_is_held(world: World, device: Device, terms: dict[str, Any], words: str):
    world.orders(device, **terms)
    world.runs("UPDATE operation SET state = 'held'")
    assert words in said(world)


@pytest.mark.parametrize(
    ("percent", "words"),
    [(0, "'next-group' opens the next one."), (90, "opens when 90 % of the newest succeeded.")],
)
def test_an_order_of_a_later_group(world: World, device: Device, percent: int, words: str):
    world.orders(device, sizes=(1, 1), success_percent=percent)
    world.runs("UPDATE operation SET state = 'held', group_number = 2")
    assert "has opened group 1 of 2, and this is of group 2" in said(world)
    assert said(world).endswith(words)


def test_an_order_that_waits_for_a_window(world: World, device: Device):
    """The world's clock stands at a Monday, 13:46 UTC."""
    world.orders(device, windows=("mon 22:00-23:00",))
    world.at_s += 60
    device.talk(world.post)
    assert said(world) == (
        "Its campaign orders only within its windows, and the next one opens in 8 hours."
    )


def test_an_order_whose_user_does_not_answer(world: World, device: Device):
    device.statuses["Alert "] = 214
    world.orders(device, consent=True)
    world.at_s += 60
    device.talk(world.post)
    world.at_s += 3600
    assert said(world) == (
        "Its user was asked 1 hour ago and gave no answer; the next session after 3 hours asks"
        " again."
    )
    world.at_s += 4 * 3600
    assert said(world).endswith("the next session asks again.")


def test_what_a_campaign_orders_anew(world: World, device: Device):
    campaign = world.orders(device, retries=Retries(2, 7200.0, ("failed",)))
    device.talk(world.post)
    device.finishes(503, "20")
    device.talk(world.post)
    assert said(world).endswith("tries no more: its campaign orders it anew in 2 hours.")
    Office(world.store, world.dice.octets).steer(campaign.id, "pause", world.at_s)
    assert said(world).endswith("its campaign would order it anew, if it were not paused.")


def test_a_device_that_refused(world: World, device: Device):
    device.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = 405
    world.orders(device)
    device.talk(world.post)
    assert said(world).startswith("The device would not take the order (")


def test_a_device_that_fell_silent(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    world.at_s += 3 * DAY_S
    world.sweeps()
    assert "it never came to be asked" in said(world)
    assert "only an operator's retry orders anew" in said(world)


def test_an_order_that_was_never_sent(world: World, device: Device):
    world.orders(device)
    world.at_s += 2 * DAY_S
    world.sweeps()
    assert said(world) == "It was never sent to the device (past its deadline: never sent)."
