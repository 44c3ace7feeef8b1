"""Answers of a device that do not fit into one message: enough is kept between two POSTs."""

import pytest

from fumo.codes import AlertCode
from fumo.dm.message import WBXML, XML, Alert, Status
from fumo.server.rows import OperationState
from tests.server.device import Device
from tests.server.world import World


@pytest.mark.clause("S-LOB", "S-SES", "S01")
@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_a_tree_that_fills_several_messages_is_searched_whole(world: World, media_type: str):
    """The FUMO object stands in the last of them."""
    peer = Device(media_type=media_type)
    peer.tree = {f"./Aaa/{n:05}": "x" for n in range(5000)} | peer.tree
    world.knows(peer)
    world.orders(peer)
    peer.talk(world.post)
    assert [e.correlator for e in peer.execs] == [world.operation().correlator]
    assert world.states == [OperationState.ACCEPTED]
    asked = [m for m in peer.heard if AlertCode.NEXT_MESSAGE in codes(m.commands, Alert)]
    assert asked
    assert not any(message.final for message in asked)


@pytest.mark.clause("S-LOB", "P5-14")
def test_one_value_that_fills_several_messages_is_joined_between_posts(world: World):
    """The name list of a node as one value: the server restarts between its chunks."""
    peer = Device(lists=False)
    peer.tree = {f"./{'n' * 900}{n:05}": "x" for n in range(150)} | peer.tree
    world.knows(peer)
    world.orders(peer)

    def post(device: Device, body: bytes):  # type: ignore[no-untyped-def]
        world.restart()
        return world.post(device, body)

    peer.talk(post)
    accepted = [m for m in peer.heard if 213 in codes(m.commands, Status)]
    assert len(accepted) >= 2
    assert len(peer.execs) == 1


def codes(commands, kind):  # type: ignore[no-untyped-def]
    return [c.code for c in commands if isinstance(c, kind)]
