"""Why is this device not updating? The sentence for each state, from rows as they come to be."""

import pytest

from fumo.codes import Kind
from fumo.server.office import Office
from fumo.server.rows import Operation, OperationState
from fumo.server.why import SENTENCES, ago, at_work, why
from tests.server.device import Device
from tests.server.world import DAY_S, World


def said(world: World) -> str:
    operation = world.operation()
    device = world.store.device(operation.device_id)
    assert device is not None
    return why(device, operation, world.at_s)


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
    known = world.store.device(device.id)
    assert known is not None
    assert why(known, second, world.at_s).endswith(
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
