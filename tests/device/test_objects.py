"""Several FUMO objects on one device: each its own operation, state, package and result."""

import sqlite3

import pytest

from fumo.codes import Kind, State
from fumo.device.agent import Ending
from fumo.device.edges import schema
from fumo.device.edges.journal import SqliteJournal
from fumo.device.work import Busy, Did, Nothing, RebootOwed, Work
from fumo.device.works import together
from fumo.dm.message import Alert
from fumo.errors import MisuseError
from fumo.testing.server import OBJECT, get, replace_leaf
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.duty import CleanUp, Wait
from fumo.update.failures import Cause
from fumo.update.operation import Held, Order, Phase, Policy, Settled
from fumo.update.record import ExecIn, HeldRow

MODEM = "./FwUpdate/Modem"
MODEM_URL = "http://127.0.0.1/modem"


def two(**kinds) -> DeviceWorld:
    world = DeviceWorld(others=["Modem"], **kinds)
    world.depot.files[URL] = package(b"firmware", "2")
    world.depot.files[MODEM_URL] = package(b"modem firmware", "2")
    return world


def results(world: DeviceWorld) -> dict[str, int]:
    return {told.source: told.number for told in world.server.heard}


@pytest.mark.clause("C01", "C09")
def test_two_objects_are_updated_each_by_its_own_order():
    world = two()
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL, "a")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, MODEM_URL, "b", of=MODEM)
    assert world.run() is Ending.DONE
    assert [(told.source, told.number, told.correlator) for told in world.server.heard] == [
        (OBJECT, 200, "a"),
        (MODEM, 200, "b"),
    ]
    assert (world.state, world.state_of("Modem")) == (State.UPDATE_SUCCESSFUL_NO_DATA,) * 2
    assert world.environment.version == world.others["Modem"].environment.version == "2"


@pytest.mark.clause("C02")
def test_each_object_has_a_state_of_its_own():
    world = two()
    world.server.orders(Kind.DOWNLOAD, MODEM_URL, of=MODEM)
    world.run()
    world.server.says.append([get(f"{OBJECT}/State"), get(f"{MODEM}/State")])
    world.run()
    told = [item.data for answer in world.server.answers[-2:] for item in answer.results]
    assert told == ["10", "50"]
    assert (world.files.size("package"), world.others["Modem"].files.size("package") > 0) == (0, 1)


def test_a_second_order_is_busy_for_its_own_object_only():
    world = two(policy=Policy(download_attempts_max=2))
    world.depot.files.clear()
    world.network.watch = lambda: None
    world.server.says.append([replace_leaf(f"{OBJECT}/Download/PkgURL", "http://[")])
    world.server.orders(Kind.DOWNLOAD, MODEM_URL, "b", of=MODEM)
    world.server.says.append([replace_leaf(f"{OBJECT}/PkgName", "free")])
    world.run()
    assert results(world) == {MODEM: 411}
    assert world.server.codes[-1] == 200


def test_one_object_s_failure_is_nothing_to_the_other():
    world = two()
    world.others["Modem"].environment.sick = True
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL, "a")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, MODEM_URL, "b", of=MODEM)
    assert world.run() is Ending.DONE
    assert results(world) == {OBJECT: 200, MODEM: 410}
    assert (world.environment.version, world.others["Modem"].environment.version) == ("2", "1")


@pytest.mark.clause("C10")
def test_the_alerts_of_all_objects_stand_in_the_first_package():
    world = two()
    world.server.orders(Kind.DOWNLOAD, URL, "a")
    world.server.orders(Kind.DOWNLOAD, MODEM_URL, "b", of=MODEM)
    world.server.alert_codes.extend([500] * 40)  # not taken: both are still owed
    world.run()
    world.server.alert_codes.clear()
    known = len(world.server.received)
    assert world.run() is Ending.DONE
    package_1 = world.server.received[known].message
    alerts = [one for one in package_1.commands if isinstance(one, Alert) and one.code == 1226]
    assert [one.correlator for one in alerts] == ["a", "b"]
    assert all(isinstance(one, Settled) for one in world.target.operations)


def test_an_object_that_is_gone_still_tells_its_result():
    world = two()
    world.server.orders(Kind.DOWNLOAD, MODEM_URL, "b", of=MODEM)
    world.server.alert_codes.extend([500] * 40)
    world.run()
    heard = len(world.server.heard)
    world.server.alert_codes.clear()
    world.setup = type(world.setup)(
        world.setup.account, world.setup.server_url, world.setup.description
    )
    world.others.clear()
    assert world.run() is Ending.DONE
    assert [told.source for told in world.server.heard[heard:]] == [MODEM]


def test_a_reboot_waits_for_the_effects_that_run_and_for_nothing_else():
    soon, late = Wait(5.0, "a"), Wait(9.0, "b")
    assert together([RebootOwed(), Busy()]) == Busy()
    assert together([RebootOwed(), Did()]) == Did()
    assert together([Nothing(), RebootOwed()]) == RebootOwed()
    assert together([late, Busy(), soon]) == soon
    assert together([Nothing(), Nothing()]) == together([]) == Nothing()


def test_a_reboot_is_not_held_up_by_another_object_s_wait():
    world = two(policy=Policy(backoff_base_s=900.0))
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL, "a")
    world.server.orders(Kind.DOWNLOAD, MODEM_URL, "b", of=MODEM)
    world.depot.faults.extend([None, Cause.REFUSED])
    assert world.run() is Ending.DONE
    assert [told.correlator for told in world.server.heard] == ["a", "b"]
    assert world.endings == [Ending.REBOOT, Ending.DONE]
    assert len(world.depot.fetches) == 3


def test_a_reboot_is_not_held_up_by_another_object_s_cleaning_up():
    untouched = [None] * 7
    work = Work(MODEM, *untouched)
    assert work.advance(CleanUp(1), held_up=True) == Nothing()  # it is owed after the start, too


def order(op_id: int, uri: str, cmd_id: int | str = 1) -> Order:
    return Order(op_id, "s", uri, Kind.DOWNLOAD, "c", "1", 1, cmd_id, URL)


def test_a_journal_keeps_objects_apart(tmp_path):
    held = Held("p", 1, "ab")
    with SqliteJournal(tmp_path / "journal.db") as journal:
        journal.save(OBJECT, [ExecIn(order(1, OBJECT))])
        journal.save(MODEM, [HeldRow(held)])
        journal.save(MODEM, [ExecIn(order(2, MODEM))])
        journal.save(OBJECT, [HeldRow(None)])
        known = journal.load()
        assert [one.order.op_id for one in known[OBJECT].operations] == [1]
        assert [one.order.op_id for one in known[MODEM].operations] == [2]
        assert (known[OBJECT].held, known[MODEM].held) == (None, held)
        with pytest.raises(MisuseError):
            journal.save(OBJECT, [ExecIn(order(3, MODEM))])


def test_a_command_s_number_may_be_a_word_that_looks_like_one(tmp_path):
    with SqliteJournal(tmp_path / "journal.db") as journal:
        for op_id, cmd_id in enumerate(["007", "1e3", 7], 1):
            journal.save(OBJECT, [ExecIn(order(op_id, OBJECT, cmd_id))])
        told = [one.order.cmd_id for one in journal.load()[OBJECT].operations]
    assert told == ["007", "1e3", 7]


@pytest.mark.parametrize("ordered", [True, False])
def test_what_an_older_journal_holds_is_its_one_object_s(tmp_path, ordered):
    path = tmp_path / "journal.db"
    old = sqlite3.connect(path)
    old.executescript("".join(schema.STEPS[:5]) + "PRAGMA user_version = 5;")
    old.execute("INSERT INTO held VALUES (1, 'p', 3, 'ab', NULL, x'01', 0)")
    if ordered:
        old.execute(
            "INSERT INTO exec_in VALUES (1, 's', ?, 'Download', 'c', '1', 2, 3, 'u')", (MODEM,)
        )
        old.execute("INSERT INTO attempt VALUES (1, 'download', 1, 1, NULL, NULL, NULL)")
    old.commit()
    old.close()
    with SqliteJournal(path) as journal:
        known = journal.load()
        assert list(known) == [MODEM if ordered else OBJECT]
        (target,) = known.values()
        assert target.held == Held("p", 3, "ab", manifest=b"\1")
        if ordered:
            (running,) = target.operations
            assert (running.order.cmd_id, running.attempts[0].phase) == (3, Phase.DOWNLOAD)


def test_pkg_data_goes_to_the_object_it_was_written_to():
    world = two()
    data = package(b"modem firmware", "2")
    world.server.says.append([replace_leaf(f"{MODEM}/Update/PkgData", data, "bin")])
    world.run()
    assert (world.target.held, world.files.size("package")) == (None, 0)
    held = world.target_of("Modem").held
    assert held is not None
    assert held.length == world.others["Modem"].files.size("package") == len(data)
