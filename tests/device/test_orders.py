"""What an Exec gets, and what follows it (FUMO §6.1)."""

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode, Kind
from fumo.device.agent import Ending
from fumo.dm.message import Add, Alert, Atomic, Item, Sequence, Status
from fumo.dm.session import Answer
from fumo.testing.server import OBJECT, exec_node, get, replace_leaf
from fumo.testing.world import URL, DeviceWorld, package
from fumo.tree.written import BYTES_MAX
from tests.device.asked import Device, item

DOWNLOAD = f"{OBJECT}/Download"
SIZE = 60_000


def world_with_package() -> DeviceWorld:
    world = DeviceWorld()
    world.depot.files[URL] = package(b"image" * 500, "2")
    return world


@pytest.mark.clause("C05", "C09", "P7-15")
@pytest.mark.parametrize("kind", [Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE])
def test_work_that_goes_on_is_answered_202_and_its_result_follows_in_an_alert(kind: Kind):
    world = world_with_package()
    world.server.orders(kind, URL)
    world.run()
    assert world.server.codes == [200, 202]
    assert len(world.server.heard) == 1


@pytest.mark.clause("C06", "C08")
def test_each_operation_fetches_from_its_own_address():
    world = world_with_package()
    other = "http://127.0.0.1/other"
    world.depot.files[other] = package(b"other" * 500, "2")
    world.server.says.append([replace_leaf(f"{OBJECT}/DownloadAndUpdate/PkgURL", other)])
    world.server.orders(Kind.DOWNLOAD, URL)
    world.run()
    assert [wish.url for wish in world.depot.fetches] == [URL]
    world.server.says.append([exec_node(f"{OBJECT}/DownloadAndUpdate")])
    world.run()
    assert [wish.url for wish in world.depot.fetches] == [URL, other]


@pytest.mark.clause("C06", "C07", "C11", "C12")
def test_two_steps_download_then_update():
    world = world_with_package()
    world.server.orders(Kind.DOWNLOAD, URL, "d")
    world.run()
    assert (world.state, world.environment.version) == (50, "1")
    world.server.orders(Kind.UPDATE, None, "u")
    world.run()
    assert (world.state, world.environment.version) == (100, "2")
    told = [(a.type.rpartition(".")[2], a.number, a.correlator) for a in world.server.heard]
    assert told == [("download", 200, "d"), ("update", 200, "u")]
    assert {a.source for a in world.server.heard} == {OBJECT}


@pytest.mark.clause("C18", "C17")
def test_download_and_update_goes_on_by_itself_and_state_says_so():
    world = world_with_package()
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)
    world.run()
    seen = [state["value"] for state in world.log.of("State")]
    assert seen == [30, 40, 60, 90, 100]
    assert len(world.server.heard) == 1


@pytest.mark.clause("C13", "C10")
@pytest.mark.parametrize("correlator", [None, "", " 42 ", "<&>\"'", "x" * 255])
def test_the_alert_has_the_correlator_of_the_exec_or_none(correlator: str | None):
    world = world_with_package()
    world.server.orders(Kind.DOWNLOAD, URL, correlator)
    world.run()
    assert [alert.correlator for alert in world.server.heard] == [correlator]


def test_a_second_exec_is_refused_while_one_runs_and_causes_no_alert():
    world = world_with_package()
    world.depot.always = 503
    world.server.orders(Kind.DOWNLOAD, URL, "first")
    world.server.says.append([exec_node(DOWNLOAD, "second")])
    world.server.says.append([exec_node(DOWNLOAD, "first")])
    world.run()
    assert world.server.codes == [200, 202, 403, 202]
    assert world.server.answers[2].items == (Item(data="busy"),)
    assert [alert.correlator for alert in world.server.heard] == ["first"]


@pytest.mark.parametrize("kind", list(Kind))
def test_an_exec_with_nothing_to_work_on_is_405_and_causes_no_alert(kind: Kind):
    world = DeviceWorld()
    world.server.says.append([exec_node(f"{OBJECT}/{kind}")])
    assert world.run() is Ending.DONE
    assert (world.server.codes, world.server.heard) == ([405], [])
    assert world.state == 10


def test_exec_elsewhere_is_refused():
    world = DeviceWorld()
    world.server.says.append(
        [exec_node(OBJECT), exec_node("./FwUpdate/None"), exec_node("./DevInfo")]
    )
    world.run()
    assert world.server.codes == [405, 404, 425]


@pytest.mark.clause("P7-16")
def test_an_exec_inside_atomic_is_refused():
    world = world_with_package()
    world.server.says.append([replace_leaf(f"{DOWNLOAD}/PkgURL", URL)])
    world.server.says.append([Atomic((exec_node(DOWNLOAD),))])
    world.run()
    assert world.server.codes == [200, 507]
    assert world.depot.fetches == []


@pytest.mark.clause("P7-16", "P7-23", "P1-10", "P3-04")
def test_a_sequence_is_done_in_its_order():
    world = world_with_package()
    url = replace(replace_leaf(f"{DOWNLOAD}/PkgURL", URL), cmd_id=97)
    order = replace(exec_node(DOWNLOAD), cmd_id=98)
    state = replace(get(f"{OBJECT}/State"), cmd_id=99)
    world.server.says.append([Sequence((url, order, state))])
    world.run()
    assert world.server.codes == [200]
    assert statuses(world) == {97: 200, 98: 202, 99: 200}
    assert len(world.depot.fetches) == 1


@pytest.mark.clause("P7-23")
def test_what_follows_a_question_that_nobody_can_answer_is_not_done():
    world = world_with_package()
    world.server.says.append([replace_leaf(f"{DOWNLOAD}/PkgURL", URL)])
    question = (Item(data="MINDT=10"), Item(data="Update now?"))
    ask = Alert(AlertCode.CONFIRM, cmd_id=97, items=question)
    world.server.says.append([Sequence((ask, replace(exec_node(DOWNLOAD), cmd_id=98)))])
    world.run()
    assert statuses(world) == {97: 406, 98: 215}
    assert world.depot.fetches == []


@pytest.mark.clause("P7-24")
def test_a_command_without_a_number_is_a_bad_request_and_is_not_done():
    world = world_with_package()
    world.server.says.append([replace_leaf(f"{DOWNLOAD}/PkgURL", URL)])
    world.server.says.append([Sequence((exec_node(DOWNLOAD),))])
    world.run()
    assert world.depot.fetches == []


def statuses(world: DeviceWorld) -> dict[int, int]:
    """The device's Statuses for the commands that a story numbered itself, from 90 up."""
    said = (c for message in world.server.received for c in message.message.commands)
    return {c.cmd_ref: c.code for c in said if isinstance(c, Status) and c.cmd_ref >= 90}


@pytest.mark.clause("C-CMD")
def test_of_two_items_the_second_is_not_done_on_what_the_first_did_not_do():
    """The parent that the first was to make is not there: the device was full."""
    device, ext = Device(), f"{OBJECT}/Ext"
    for number in range(BYTES_MAX // SIZE):
        device.codes(Add((item(f"{ext}/B{number}", "x" * SIZE, "chr"),)))
    two = (item(f"{ext}/P/Q", "x" * SIZE, "chr"), item(f"{ext}/P/R", "small", "chr"))
    answers = device.answers(Add(two))
    told = {uri: code for answer in answers for uri, code in _told(answer)}
    assert told[f"{ext}/P/Q"] == 420
    for uri, code in told.items():
        assert (code == 200) == (uri in device.tree), uri


def _told(answer: Answer) -> list[tuple[str, int]]:
    return [(uri, int(answer.code)) for uri in answer.target_refs]
