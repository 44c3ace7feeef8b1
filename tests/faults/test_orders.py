"""Faults around an Exec: twice, late, in the middle, its result unheard (F4, F8 to F11).

Ids are those of `docs/reference/faults.md`. Seen is what a device does: GETs, results, Statuses.
"""

import pytest

from fumo.codes import Kind
from fumo.device.agent import Ending
from fumo.device.ports import Link
from fumo.dm.message import Command, Envelope
from fumo.testing.network import Fault, Network
from fumo.testing.server import OBJECT, exec_node, replace_leaf
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.operation import Policy

PUT_URL = replace_leaf(f"{OBJECT}/Download/PkgURL", URL)
FAULT_IN = range(1, 7)


def download(correlator: str | None = "c-1") -> Command:
    return exec_node(f"{OBJECT}/Download", correlator)


def ready(policy: Policy | None = None) -> DeviceWorld:
    """A device whose package is there to be fetched."""
    world = DeviceWorld(policy=policy)
    world.depot.files[URL] = package(b"image" * 500, "2")
    return world


def results(world: DeviceWorld) -> list[tuple[str | None, str]]:
    return [(told.correlator, told.data) for told in world.server.heard]


class StatusLost(Network):
    """Each reply to an alert that the server took in is lost, so its Status is."""

    def __init__(self, server: Link) -> None:
        super().__init__(server)
        self._unanswered: set[bytes] = set()

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        known = len(self._server.heard)
        reply = super().post(url, body, media_type, mac)
        if len(self._server.heard) > known:
            self._unanswered.add(body)
        if body in self._unanswered:
            raise ConnectionResetError("the reply was lost")
        return reply


@pytest.mark.clause("C16")
@pytest.mark.parametrize("kind", [Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE])
def test_f4_however_often_the_status_of_an_alert_is_lost_nothing_is_fetched_again(kind: Kind):
    world = ready()
    world.server.orders(kind, URL)
    world.network = StatusLost(world.server)
    for _ in range(5):
        world.run()
        world.clock.sleep(3600.0)
    assert len(world.server.heard) >= 5
    assert set(results(world)) == {("c-1", "200")}
    assert len({(told.source, told.type, told.mark) for told in world.server.heard}) == 1
    assert len(world.depot.fetches) == 1


@pytest.mark.clause("C16")
@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.REQUEST_LOST, Fault.REPLY_GARBLED])
@pytest.mark.parametrize("at", FAULT_IN)
def test_f8_an_exec_whose_message_comes_twice_is_one_operation(fault: Fault, at: int):
    """The server repeats the very bytes when it is asked again; the Exec is among them."""
    world = ready()
    world.server.says.extend([[PUT_URL], [download()]])
    world.network.faults.extend([Fault.NONE] * (at - 1) + [fault])
    world.run()
    accepted = len(world.log.of("ExecAccepted"))
    assert accepted <= 1
    assert len(world.depot.fetches) == accepted
    assert len(set(results(world))) == accepted


@pytest.mark.clause("C16")
def test_f9_the_same_correlator_while_the_operation_is_open_starts_nothing():
    world = ready(Policy(backoff_base_s=3000.0))
    world.depot.faults.append(503)  # it waits for its second attempt, so it is open for long
    world.server.says.extend([[PUT_URL], [download()]])
    world.network.watch = lambda: ask_again(world, download())
    world.run()
    assert [a.code for a in world.server.answers if a.code == 202] == [202, 202]
    assert len(world.log.of("ExecAccepted")) == 1
    assert (len(world.depot.fetches), results(world)) == (2, [("c-1", "200")])


def ask_again(world: DeviceWorld, command: Command) -> None:
    """Once, in a later session than that of the order."""
    if len(world.log.of("SessionBegins")) == 2 and not hasattr(world, "asked"):
        world.asked = True
        world.server.says.append([command])


@pytest.mark.clause("C16")
def test_f10_the_same_correlator_after_its_alert_was_taken_is_a_new_order():
    world = ready()
    world.server.says.extend([[PUT_URL], [download()]])
    assert world.run() is Ending.DONE
    world.server.says.append([download()])
    assert world.run() is Ending.DONE
    assert results(world) == [("c-1", "200")] * 2
    assert (len(world.log.of("ExecAccepted")), len(world.depot.fetches)) == (2, 2)


@pytest.mark.clause("C16")
@pytest.mark.parametrize("correlator", ["c-2", None])
def test_f11_another_order_while_one_is_open_is_refused_and_tells_nothing(correlator: str | None):
    world = ready(Policy(backoff_base_s=3000.0))
    world.depot.faults.append(503)
    world.server.says.extend([[PUT_URL], [download()]])
    world.network.watch = lambda: ask_again(world, download(correlator))
    world.run()
    assert [a.code for a in world.server.answers][-2:] == [202, 403]
    assert results(world) == [("c-1", "200")]
    assert len(world.log.of("ExecAccepted")) == 1


@pytest.mark.clause("C16")
def test_f11_another_object_takes_its_order_meanwhile():
    world = DeviceWorld(policy=Policy(backoff_base_s=3000.0), others=["Radio"])
    world.depot.files[URL] = package(b"image" * 500, "2")
    world.depot.faults.append(503)
    world.server.orders(Kind.DOWNLOAD, URL, "c-1")
    world.server.orders(Kind.DOWNLOAD, URL, "c-2", of="./FwUpdate/Radio")
    world.run()
    assert sorted(results(world)) == [("c-1", "200"), ("c-2", "200")]
