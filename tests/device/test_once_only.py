"""The change request: once its alert was sent, an operation is never tried again (FUMO 6.2).

Each story fails an operation for good and takes its alert; then everything happens that might
tempt a device to try again. Only a new Exec may.
"""

from collections.abc import Callable

import pytest

from fumo.codes import Kind
from fumo.device.agent import Ending
from fumo.dm.auth import Login
from fumo.dm.message import Envelope, Exec
from fumo.testing.network import Fault
from fumo.testing.server import OBJECT, USER, replace_leaf
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.failures import Cause
from fumo.update.operation import Policy

OTHER_URL = "http://127.0.0.1/other"
POLICY = Policy(download_attempts_max=3, apply_attempts_max=2, backoff_base_s=0.5)


def no_server(world: DeviceWorld) -> None:
    world.depot.always = Cause.REFUSED


def not_there(world: DeviceWorld) -> None:
    world.depot.files.clear()


def unfit(world: DeviceWorld) -> None:
    world.environment.unfit = Cause.UNFIT


def sick(world: DeviceWorld) -> None:
    world.environment.sick = True


def unwritable(world: DeviceWorld) -> None:
    world.environment.write_faults = [Cause.WRITE_ERROR] * 9


FAILURES = [
    # how, result, GETs, writes, State at the seal, State after clean-up
    (Kind.DOWNLOAD, no_server, 412, 3, 0, 20, 20),
    (Kind.DOWNLOAD_AND_UPDATE, no_server, 412, 3, 0, 20, 20),
    (Kind.DOWNLOAD_AND_UPDATE, not_there, 411, 1, 0, 20, 20),
    (Kind.DOWNLOAD_AND_UPDATE, unfit, 403, 1, 0, 70, 80),
    (Kind.DOWNLOAD_AND_UPDATE, unwritable, 410, 1, 2, 70, 80),
    (Kind.DOWNLOAD_AND_UPDATE, sick, 410, 1, 1, 70, 80),
]


def failing(kind: Kind, fail: Callable[[DeviceWorld], None]) -> DeviceWorld:
    """A device that was ordered what must fail; its server takes no alert yet."""
    world = DeviceWorld(policy=POLICY)
    world.depot.files[URL] = package(b"image" * 500, "2")
    fail(world)
    world.server.orders(kind, URL, "c-1")
    world.server.alert_codes.extend([500] * 99)
    assert world.run() is Ending.UNDELIVERED
    return world


def carries_exec(reply: Envelope) -> bool:
    return any(isinstance(command, Exec) for command in reply.message.commands)


@pytest.mark.clause("C16", "C10", "C12", "C13", "C14", "C15", "C-ALT")
@pytest.mark.parametrize(("kind", "fail", "result", "gets", "writes", "sealed", "clean"), FAILURES)
def test_after_the_alert_nothing_but_a_new_exec_tries_again(
    kind: Kind,
    fail: Callable[[DeviceWorld], None],
    result: int,
    gets: int,
    writes: int,
    sealed: int,
    clean: int,
):
    world = failing(kind, fail)
    server, network = world.server, world.network
    assert (len(world.depot.fetches), len(world.environment.written)) == (gets, writes)
    assert world.state == sealed

    def nothing_was_tried() -> bool:
        done = (len(world.depot.fetches), len(world.environment.written))
        return done == (gets, writes) and world.target.last_op_id == 1

    # The cause is gone: whoever tried again now would succeed.
    world.depot.always = world.environment.unfit = None
    world.depot.files[URL] = world.depot.files[OTHER_URL] = package(b"image" * 500, "2")
    world.environment.sick, world.environment.write_faults = False, []
    old = [reply for reply in network.replies if carries_exec(reply)]
    mark = len(world.log.of("State"))

    world.run()  # a restart
    network.faults.extend([Fault.REPLY_LOST, Fault.NONE, Fault.REQUEST_LOST] * 10)
    world.run()  # a flapping network
    network.faults.clear()
    server.says.append([replace_leaf(f"{OBJECT}/{kind}/PkgURL", OTHER_URL)])
    world.run()  # a new PkgURL alone
    network.instead.extend(old * 3)
    world.run()  # late duplicates of the reply that carried the Exec
    network.instead.clear()
    assert nothing_was_tried()
    assert world.state == sealed

    # A server that refuses the device's message answers its alert with nothing but 401.
    server.account = type(server.account)(own=server.account.own, peer=Login(USER.name, "other"))
    before = len(server.heard)
    world.run()
    assert (len(server.heard), nothing_was_tried()) == (before, True)
    server.account = type(server.account)(own=server.account.own, peer=USER)

    # It was the same alert every time, and an authenticated 200 settles it.
    server.alert_codes.clear()
    assert world.run() is Ending.DONE
    assert nothing_was_tried()
    assert len({(a.type, a.source, a.data, a.mark, a.correlator) for a in server.heard}) == 1
    assert server.heard[0].type.endswith(f".{kind.lower()}")
    assert (server.heard[0].number, server.heard[0].correlator) == (result, "c-1")
    assert server.heard[0].mark != "informational"
    told = len(server.heard)
    world.run()
    assert len(server.heard) == told
    assert [state["value"] for state in world.log.of("State")[mark:]] == (
        [] if clean == sealed else [clean]
    )

    # One new Exec works, once.
    server.orders(kind, OTHER_URL, "c-2")
    assert world.run() is Ending.DONE
    assert (server.heard[-1].number, server.heard[-1].correlator) == (200, "c-2")
    assert (len(world.depot.fetches), len(server.heard)) == (gets + 1, told + 1)


@pytest.mark.clause("C16")
def test_f12_a_late_duplicate_in_the_same_session_is_not_listened_to():
    """The Exec's reply comes again after its operation was told and acknowledged."""
    world = DeviceWorld(policy=POLICY)
    world.server.orders(Kind.DOWNLOAD, URL, correlator=None)
    for _ in range(6):
        world.server.asks_state()

    def late() -> None:
        if world.server.heard and not world.network.instead:
            world.network.instead.extend(r for r in world.network.replies if carries_exec(r))

    world.network.watch = late
    world.run()
    assert len(world.depot.fetches) == 1
    assert world.target.last_op_id == 1
    assert any("after message" in str(end["reason"]) for end in world.log.of("SessionEnds"))


@pytest.mark.clause("C16")
@pytest.mark.parametrize("kind", [Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE])
def test_temporary_failures_are_tried_again_before_the_report_and_told_to_nobody(kind: Kind):
    world = DeviceWorld(policy=POLICY)
    world.depot.files[URL] = package(b"image" * 500, "2")
    world.depot.faults.extend([Cause.RESET, 503])
    world.server.orders(kind, URL)
    assert world.run() is Ending.DONE
    assert [alert.number for alert in world.server.heard] == [200]
    assert len(world.depot.fetches) == 3


@pytest.mark.clause("C16")
def test_attempts_are_counted_over_restarts():
    world = DeviceWorld(policy=POLICY)
    world.depot.always = 503
    world.server.orders(Kind.DOWNLOAD, URL)
    world.network.faults.extend([Fault.NONE] * 4 + [Fault.REQUEST_LOST] * 200)
    for _ in range(10):
        world.run()
    assert len(world.depot.fetches) == POLICY.download_attempts_max
    assert world.state == 20
