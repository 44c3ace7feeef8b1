"""A device understands a server that writes carelessly: from the first word to the last."""

import pytest

from fumo.codes import AlertCode
from fumo.dm.message import Alert, Get, Item, Location
from fumo.dm.session import Asked, Request
from tests.dm.careless import HANDS
from tests.dm.line import device, package_1, server

MORE = [Request("more", Alert(AlertCode.CLIENT_EVENT))]
"""What a device says to hear more."""


@pytest.mark.clause("P3-08", "P2-08", "R1-02", "R1-03")
@pytest.mark.parametrize("name", HANDS)
def test_a_careless_server_is_believed_and_its_command_is_heard(name: str):
    one, other, careless = device(), server(), False
    get = Get((Item(target=Location("./DevInfo/Man")),))
    for words, asks in ((package_1(), []), (package_1(), []), (MORE, [Request("get", get)])):
        other.hear(one.say(one.agree(), words))
        said = other.say(other.agree(), asks)
        assert said
        reply = HANDS[name](said.decode()).encode()
        careless = careless or reply != said
        one.hear(reply)
    assert careless
    assert one.session
    assert one.session.trusted
    assert [e.command.items for e in one.events if isinstance(e, Asked)] == [get.items]
