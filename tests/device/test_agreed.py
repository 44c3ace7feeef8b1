"""A yes to the server's own question, as consent to the order that follows in the session."""

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.device.agent import Ending
from fumo.dm.message import Alert, Command, Item, Sequence
from fumo.dm.ui import Said
from fumo.testing.circumstances import ScriptedConsent
from fumo.testing.server import exec_node, replace_leaf
from fumo.testing.user import ScriptedUser
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.rule import Gates, Rule
from fumo.update.tally import Word

OBJECT = "./FwUpdate/Primary"
ASKS = Rule(consent=True, deadline_s=600.0)
ASK = Alert(AlertCode.CONFIRM, items=(Item(data=""), Item(data="Update now?")))
CHOOSE = Alert(
    AlertCode.SINGLE_CHOICE, items=(Item(data=""), Item(data="Which?"), Item(data="only"))
)
PKG_URL = replace_leaf(f"{OBJECT}/DownloadAndUpdate/PkgURL", URL)
EXEC = exec_node(f"{OBJECT}/DownloadAndUpdate", "7")


def world_of(*messages: list[Command], agrees: bool = True, replies=(Said.YES,)) -> DeviceWorld:
    """A device that asks before each stage, and nobody there but who answers the server."""
    world = DeviceWorld()
    gates = Gates(download=ASKS, install=ASKS)
    world.setup = replace(world.setup, gates=gates, ui_alert_agrees=agrees)
    world.depot.files[URL] = package(b"new firmware", "2")
    world.user = ScriptedUser(*replies)
    world.consent = ScriptedConsent()
    world.server.says.extend(messages)
    assert world.run() is Ending.DONE
    return world


def told(world: DeviceWorld) -> list[int]:
    return [alert.number for alert in world.server.heard]


IN_ORDER = Sequence(
    (replace(ASK, cmd_id=50), replace(PKG_URL, cmd_id=51), replace(EXEC, cmd_id=52)), cmd_id=49
)


@pytest.mark.parametrize(
    "messages", [([ASK, PKG_URL, EXEC],), ([ASK], [PKG_URL, EXEC]), ([IN_ORDER],)]
)
def test_t13_who_said_yes_to_the_server_is_not_asked_once_more(messages):
    world = world_of(*messages)
    assert told(world) == [200]
    assert world.consent.asked == []


def test_unless_the_owner_of_the_device_chose_so_it_is_asked():
    world = world_of([ASK, PKG_URL, EXEC], agrees=False)
    assert told(world) == [400]
    assert world.consent.asked != []


@pytest.mark.parametrize("reply", [Said.NO, Said.TIMED_OUT, Said.NOBODY])
def test_whatever_is_no_yes_is_no_consent(reply):
    world = world_of([ASK, PKG_URL, EXEC], replies=(reply,))
    assert told(world) == [400]


def test_a_later_no_counts():
    world = world_of([ASK, ASK, PKG_URL, EXEC], replies=(Said.YES, Said.NO))
    assert told(world) == [400]


def test_another_question_is_no_consent():
    world = world_of([CHOOSE, PKG_URL, EXEC])
    assert told(world) == [400]


def test_a_yes_of_another_session_is_no_consent():
    world = world_of([ASK])
    world.server.says.append([PKG_URL, EXEC])
    world.run()
    assert told(world) == [400]


def test_one_yes_is_for_one_order():
    world = world_of([ASK, PKG_URL, EXEC])
    world.consent = ScriptedConsent(Word.NO)
    world.server.says.append([PKG_URL, exec_node(f"{OBJECT}/DownloadAndUpdate", "8")])
    world.run()
    assert told(world) == [200, 401]
