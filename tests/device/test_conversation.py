"""The device's side of a session: first words, credentials, lost messages, alerts, RespURI."""

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode, Kind
from fumo.device.agent import Ending
from fumo.dm.auth import Account, Login
from fumo.dm.message import Alert, Message, Replace, Status
from fumo.dm.session import Nonces
from fumo.testing.network import Fault
from fumo.testing.server import NAME, OBJECT, USER, exec_node, get, replace_leaf
from fumo.testing.world import SERVER_URL, URL, DeviceWorld, package


def messages(world: DeviceWorld) -> list[Message]:
    return [envelope.message for envelope in world.server.received]


def alerts(message: Message) -> int:
    """How many Generic Alerts a message carries."""
    commands = message.commands
    return sum(isinstance(c, Alert) and c.code == AlertCode.GENERIC for c in commands)


def owing(code: int = 500) -> DeviceWorld:
    """A device that owes an alert which its server answers like this."""
    world = DeviceWorld()
    world.server.orders(Kind.DOWNLOAD, URL)
    world.server.alert_codes.extend([code] * 99)
    world.run()
    world.server.heard.clear()
    world.server.received.clear()
    world.network.urls.clear()
    return world


@pytest.mark.clause("C-SES-01")
def test_the_first_words_are_1201_and_dev_info():
    world = DeviceWorld()
    world.run()
    first = messages(world)[0]
    session, info = (c for c in first.commands if isinstance(c, Alert | Replace))
    assert isinstance(session, Alert)
    assert isinstance(info, Replace)
    assert (session.code, first.header.msg_id, first.final) == (1201, 1, True)
    told = {item.source.uri: item.data for item in info.items if item.source}
    assert list(told) == [f"./DevInfo/{x}" for x in ("DevId", "Man", "Mod", "DmV", "Lang")]
    assert told["./DevInfo/DevId"] == first.header.source.uri


@pytest.mark.clause("C-AUT-01", "C-AUT-04", "C-SES-03")
def test_credentials_are_learnt_once_and_kept_for_the_next_session():
    world = DeviceWorld()
    world.run()
    assert [m.header.msg_id for m in messages(world)] == [1, 2]
    assert len({m.header.session_id for m in messages(world)}) == 1
    world.run()
    assert messages(world)[2].header.cred is not None
    assert len(messages(world)) == 3


@pytest.mark.clause("C-AUT-09", "C-AUT-10")
@pytest.mark.parametrize("how", ["no credentials", "wrong credentials"])
def test_an_unproven_server_changes_nothing_and_learns_nothing(how: str):
    world = DeviceWorld()
    if how == "no credentials":
        world.server.proves_itself = False
    else:
        world.server.account = Account(Login(NAME.name, "guessed"), USER)
    world.server.says.append([replace_leaf(f"{OBJECT}/Download/PkgURL", URL)])
    world.server.says.append([exec_node(f"{OBJECT}/Download"), get("./DevInfo/DevId")])
    assert world.run() is Ending.UNDELIVERED
    assert world.journal.nodes() == {}
    assert (world.target.last_op_id, world.depot.fetches) == (0, [])
    assert set(world.server.codes) <= {401, 407}
    assert [r for answer in world.server.answers for r in answer.results] == []


@pytest.mark.clause("C-AUT-11")
def test_an_unproven_servers_challenge_is_not_kept():
    world = DeviceWorld()
    world.run()
    kept = world.journal.nonces()
    world.server.proves_itself = False
    world.server.saved = Nonces()
    world.run()
    assert world.journal.nonces()[0] == kept[0]


def test_an_order_is_saved_before_it_is_answered():
    """A cut before the 202 left: the operation is there, and is done."""
    world = DeviceWorld()
    world.depot.files[URL] = package(b"x" * 100, "2")
    world.server.orders(Kind.DOWNLOAD, URL)
    ordered_at = []

    def note() -> None:
        ordered_at.append(world.target.last_op_id)

    world.network.watch = note
    world.run()
    answered = [m.header.msg_id for m in messages(world) if says(m, "Exec", 202)]
    assert ordered_at[answered[0] - 1] == 1


def says(message: Message, name: str, code: int) -> bool:
    statuses = (c for c in message.commands if isinstance(c, Status))
    return any((s.cmd, s.code) == (name, code) for s in statuses)


@pytest.mark.clause("P9-04")
@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.REQUEST_LOST])
def test_f22_a_lost_message_is_said_once_more_with_the_same_bytes(fault: Fault):
    world = DeviceWorld()
    world.server.orders(Kind.DOWNLOAD, URL)
    world.network.faults.extend([Fault.NONE, Fault.NONE, Fault.NONE, fault])
    world.run()
    assert world.server.codes == [200, 202]
    assert world.target.last_op_id == 1
    assert len(world.server.heard) == 1


@pytest.mark.clause("P1-11")
def test_two_losses_in_a_row_end_the_session_and_the_next_one_goes_on():
    world = DeviceWorld()
    world.network.faults.extend([Fault.NONE, Fault.REPLY_LOST, Fault.REPLY_LOST])
    assert world.run() is Ending.DONE
    assert len({m.header.session_id for m in messages(world)}) == 2


@pytest.mark.clause("C-ALT", "P1-02")
@pytest.mark.parametrize("code", [401, 407, 408, 500, 503])
def test_an_alert_that_was_not_taken_is_told_again_in_the_first_message(code: int):
    world = owing(code)
    world.server.alert_codes.clear()
    assert world.run() is Ending.DONE
    assert alerts(messages(world)[0]) == 1
    assert len(world.server.heard) == 1


@pytest.mark.clause("C-ALT")
@pytest.mark.parametrize("code", [200, 202])
def test_an_alert_that_was_taken_is_not_told_again(code: int):
    world = owing()
    world.server.alert_codes.clear()
    world.server.alert_codes.append(code)
    world.run()
    world.run()
    assert len(world.server.heard) == 1


@pytest.mark.clause("C-ALT")
@pytest.mark.parametrize("code", [406, 412, 415])
def test_an_alert_that_is_refused_is_told_a_few_times_more_and_then_let_be(code: int):
    world = DeviceWorld()
    world.server.orders(Kind.DOWNLOAD, URL)
    world.server.alert_codes.extend([code] * 99)
    for _ in range(3):
        world.run()
    assert len(world.server.heard) == world.setup.policy.refusals_max
    assert len(world.depot.fetches) == 1


@pytest.mark.clause("C-ALT")
def test_in_one_session_an_alert_is_told_once():
    world = owing(500)
    for _ in range(5):
        world.server.asks_state()
    world.live()
    first = messages(world)[0].header.session_id
    said = [alerts(m) for m in messages(world) if m.header.session_id == first]
    assert sum(said) == 1


def test_an_alert_said_to_a_server_that_did_not_prove_itself_is_said_again():
    """The server took it, but its message was refused: its Status did not count."""
    world = owing()
    world.server.alert_codes.clear()
    world.server.saved = Nonces(None, world.server.saved.peer)  # it cannot prove itself at once
    assert world.run() is Ending.DONE
    assert [alerts(m) for m in messages(world)[:2]] == [1, 1]


@pytest.mark.clause("C-SES-04")
def test_a_proven_server_may_lead_elsewhere():
    world = DeviceWorld()
    world.run()
    world.network.urls.clear()
    world.server.resp_uri = "http://other.example/dm?s=1"
    world.server.says.extend([[get("./DevInfo/DevId")], [get("./DevInfo/Man")]])
    world.run()
    assert world.network.urls == [SERVER_URL, *["http://other.example/dm?s=1"] * 2]


@pytest.mark.parametrize(
    ("given", "followed"),
    [
        ("http://evil.example/dm", SERVER_URL),
        ("http://127.0.0.1/dm?s=2", "http://127.0.0.1/dm?s=2"),
        ("/dm?s=3", "http://127.0.0.1/dm?s=3"),
        ("http://[", SERVER_URL),
        ("http://a..b/", SERVER_URL),
        ("//[x", SERVER_URL),
        ("http://127.0.0.1:99999/dm", SERVER_URL),
        ("/a b", SERVER_URL),
        ("/\u00e9", SERVER_URL),
    ],
)
def test_an_unproven_server_leads_nowhere_but_home(given: str, followed: str):
    world = DeviceWorld()
    world.server.resp_uri = given
    world.live()
    assert world.network.urls[:2] == [SERVER_URL, followed]


def test_nobody_leads_from_a_protected_connection_to_an_open_one():
    world = DeviceWorld()
    world.setup = replace(world.setup, server_url="https://127.0.0.1/dm")
    world.run()
    world.network.urls.clear()
    world.server.resp_uri = "http://127.0.0.1/dm"
    world.server.says.append([get("./DevInfo/DevId")])
    world.run()
    assert set(world.network.urls) == {"https://127.0.0.1/dm"}


@pytest.mark.clause("C-SES-05")
def test_an_abort_is_not_answered_and_what_came_with_it_is_not_done():
    world = DeviceWorld()
    world.server.says.append([replace_leaf(f"{OBJECT}/Download/PkgURL", URL)])
    abort = Alert(AlertCode.SESSION_ABORT)
    world.server.says.append([exec_node(f"{OBJECT}/Download"), abort])
    world.run()
    assert len(messages(world)) == 3
    assert world.target.last_op_id == 0


@pytest.mark.clause("C-SES-05")
def test_a17_no_server_keeps_a_device_talking_for_ever():
    """The last of its messages says 1223, and Final."""
    world = DeviceWorld()
    for _ in range(500):
        world.server.asks_state()
    world.live()
    assert len(messages(world)) == 100
    last = messages(world)[-1]
    assert [c.code for c in last.commands if isinstance(c, Alert)] == [AlertCode.SESSION_ABORT]
    assert last.final


def test_statuses_are_heard_before_an_exec_of_the_same_message():
    """The alert of the first operation is settled, so the same Correlator is a new order."""
    world = owing(500)
    world.server.alert_codes.clear()
    world.server.alert_codes.append(200)
    world.server.says.append([exec_node(f"{OBJECT}/Download", "c-1")])
    world.run()
    assert world.target.last_op_id == 2


@pytest.mark.clause("P3-03")
def test_each_item_of_a_command_has_its_own_status_when_they_differ():
    world = DeviceWorld()
    world.server.says.append([get("DevInfo/DevId", "./DevInfo/None", "./DMAcc/Server/ServerID")])
    world.run()
    statuses = [
        (s.code, s.target_refs)
        for message in messages(world)
        for s in message.commands
        if isinstance(s, Status) and s.cmd == "Get"
    ]
    assert statuses == [
        (200, ("DevInfo/DevId",)),
        (404, ("./DevInfo/None",)),
        (200, ("./DMAcc/Server/ServerID",)),
    ]


def test_a_reply_that_cannot_be_read_ends_the_session_and_nothing_else():
    world = DeviceWorld()
    world.run()
    world.network.faults.append(Fault.REPLY_GARBLED)
    assert world.run() is Ending.DONE
    assert "a bad reply" in str(world.log.of("SessionEnds")[-2]["reason"])
