"""What a server takes and refuses by small rules of DM: a row of CLAUSES.md each."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm import decode, encode
from fumo.dm.message import (
    Add,
    Alert,
    Atomic,
    Command,
    Delete,
    Exec,
    Get,
    Item,
    Location,
    Replace,
    Results,
    Status,
    Unknown,
)
from fumo.dm.session import Answered, Asked, Ref, Request
from fumo.server.answering import INFO_MAX, answers, hear_info
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.opening import open_database
from fumo.server.ledger import Ledger
from fumo.server.office import Office
from fumo.server.requests import nothing
from fumo.server.rollout import Denied
from fumo.server.rows import Device, Work
from tests.dm.line import Peer, met

NODE = (Item(target=Location("./A"), data="x"),)
TELL = Request("tell", Alert(AlertCode.CLIENT_EVENT))


def answered(command: Command) -> int:
    """The Status of the server for one command of a device."""
    [answer] = answers([Asked(Ref(1, 1, "x"), command)], nothing)
    return int(answer.code)


@pytest.mark.clause("P1-08")
@pytest.mark.parametrize(
    "command", [Add(NODE), Delete(NODE), Get(NODE), Exec(NODE), Unknown("Put")]
)
def test_a15_a_device_orders_nothing(command: Command):
    assert answered(command) == 406
    assert answered(Replace(NODE)) == 200


def asked(command: Command) -> tuple[Peer, Peer, int, int]:
    """A device that was asked this, and the numbers of message and command."""
    one, other = met()
    other.hear(one.say(requests=[TELL]))
    one.hear(other.say(other.agree(), [Request("it", command)]))
    [event] = [event for event in one.events if isinstance(event, Asked)]
    return one, other, event.ref.msg_id, event.ref.cmd_id


def told(one: Peer, other: Peer, *commands: Command) -> list[Answered]:
    """What the server hears when the device says just these."""
    body = one.say(requests=[TELL])
    assert body is not None
    message = decode(body, "application/vnd.syncml.dm+xml")
    said = replace(message, commands=(message.commands[0], *commands))
    events = other.hear(encode(said, "application/vnd.syncml.dm+xml"))
    return [event for event in events if isinstance(event, Answered)]


@pytest.mark.clause("P7-30")
def test_an_exec_may_bring_results_too():
    one, other, message, command = asked(Exec(NODE))
    status = Status(message, command, "Exec", 200, cmd_id=2)
    results = Results(message, command, (Item(source=Location("./A"), data="done"),), cmd_id=3)
    [event] = told(one, other, status, results)
    assert (event.code, [item.data for item in event.results]) == (200, ["done"])


@pytest.mark.clause("P7-32")
def test_a_container_without_a_status_holds_nothing_up():
    one, other, message, _ = asked(Atomic((Delete(NODE, cmd_id=7),)))
    assert told(one, other, Status(message, 7, "Delete", 200, cmd_id=2)) == []
    assert other.session is not None
    assert other.session.may_ask
    assert other.say() is not None


@pytest.mark.clause("P8-06")
def test_a_list_is_one_results_or_many():
    items = [Item(source=Location(f"./A/{name}"), data=name) for name in "bc"]
    one, other, message, command = asked(Get(NODE))
    status = Status(message, command, "Get", 200, cmd_id=2)
    whole = [Results(message, command, tuple(items), cmd_id=3)]
    [event] = told(one, other, status, *whole)
    one, other, message, command = asked(Get(NODE))
    many = [Results(message, command, (item,), cmd_id=3 + n) for n, item in enumerate(items)]
    [again] = told(one, other, status, *many)
    assert event.results == again.results == tuple(items)


@pytest.mark.clause("A3-06")
def test_a_server_that_could_be_played_back_its_own_proof_is_refused(tmp_path: Path):
    store = AdminStore(open_database(tmp_path / "fumo.db"))
    with pytest.raises(Denied, match="another"):
        Office(store, bytes).add_device(Device("IMEI:1", "u", "same", "same", "standard"))
    store.close()


def test_news_of_what_is_known_is_kept_however_much_a_device_tells():
    device = Device("IMEI:1", "u", "s", "t", info={f"Ext/{n}": "old" for n in range(INFO_MAX)})
    ledger = Ledger(0.0, device, Work(), {})
    items = (news("./DevInfo/Ext/1"), news("./DevInfo/Ext/more"))
    hear_info(ledger, [Asked(Ref(1, 1, "Replace"), Replace(items))])
    assert ledger.device.info["Ext/1"] == "new"
    assert len(ledger.device.info) == INFO_MAX


def news(uri: str) -> Item:
    return Item(source=Location(uri), data="new")
