"""A device and the whole server: small messages, MACs, versions nobody speaks, no end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode, Kind
from fumo.device.agent import Ending
from fumo.dm.auth import MAC, Account
from fumo.dm.codec import decode
from fumo.dm.message import WBXML, XML, Alert, Message, Status
from fumo.dm.session import MESSAGES_MAX, Limits, Request
from fumo.server.rows import OperationState
from fumo.testing.network import Fault
from fumo.testing.server import NAME, USER
from tests.journeys.test_device_and_server import Together, ordered
from tests.server.device import Device as Peer
from tests.server.world import World


@pytest.fixture(params=[XML, WBXML], ids=["xml", "wbxml"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Together]:
    server = World(tmp_path / "fumo.db")
    yield Together(server, request.param)
    server.close()


def by_mac(world: Together) -> None:
    world.setup = replace(world.setup, account=Account(USER, NAME, MAC))


@pytest.mark.clause("C-AUT-07", "S-AUT")
def test_an_order_by_mac_becomes_one_result(world: Together):
    by_mac(world)
    ordered(world, Kind.DOWNLOAD_AND_UPDATE)
    assert world.run() is Ending.DONE
    assert world.real.results == [(1, 200)]
    believed = [reply for reply in world.network.replies if header_code(reply.message) == 200]
    assert len(believed) > 4
    assert all(reply.mac for reply in believed)
    assert all(reply.message.header.cred is None for reply in world.network.replies)


def header_code(message: Message) -> int:
    return next(c.code for c in message.commands if isinstance(c, Status) and c.cmd == "SyncHdr")


@pytest.mark.clause("C-AUT-07", "S-DUP")
@pytest.mark.parametrize("place", range(9))
def test_a_repeated_reply_has_the_mac_it_had(world: Together, place: int):
    by_mac(world)
    ordered(world, Kind.DOWNLOAD_AND_UPDATE)
    world.network.faults.extend([Fault.NONE] * place + [Fault.REPLY_LOST])
    world.run()
    world.run()
    assert world.real.results == [(1, 200)]
    assert world.real.states == [OperationState.SUCCEEDED]


@pytest.mark.clause("S-LOB", "S-AUT")
@pytest.mark.parametrize("scheme", ["syncml:auth-md5", MAC])
def test_a_device_of_small_messages_gets_none_that_is_larger(world: Together, scheme: str):
    world.setup = replace(
        world.setup, account=Account(USER, NAME, scheme), takes=Limits(msg_size_max=1500)
    )
    ordered(world, Kind.DOWNLOAD_AND_UPDATE)
    assert world.run() is Ending.DONE
    assert world.real.results == [(1, 200)]
    assert max(len(reply.body) for reply in world.network.replies) <= 1500


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [(b"DM/1.2", b"DM/9.9", 513), (b"<VerDTD>1.2", b"<VerDTD>1.9", 505)],
    ids=["VerProto", "VerDTD"],
)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.clause("C-SES-07", "S-SES", "P1-14")
def test_a_version_that_nobody_speaks_is_answered_in_a_status(
    tmp_path: Path, old: bytes, new: bytes, code: int, known: bool
):
    server = World(tmp_path / "fumo.db")
    peer = server.knows(Peer()) if known else Peer()
    answer = server.post(peer, peer.begin().replace(old, new))
    message = decode(answer.body, XML)
    assert (answer.status, message.final) == (200, True)
    assert [(c.cmd, c.code) for c in message.commands if isinstance(c, Status)] == [
        ("SyncHdr", code)
    ]
    server.close()


@pytest.mark.clause("S-SES")
def test_a_session_without_end_is_broken_off_by_the_server(tmp_path: Path):
    server = World(tmp_path / "fumo.db")
    peer = server.knows(Peer())
    event = [Request("event", Alert(AlertCode.CLIENT_EVENT))]
    body = peer.begin()
    for _ in range(MESSAGES_MAX):
        peer.hear(server.post(peer, body))
        assert peer.session is not None
        if peer.session.ended:
            break
        again = peer.first_words() if not peer.session.proven else event
        body = peer.say((), again)
    last = peer.heard[-1]
    assert [c.code for c in last.commands if isinstance(c, Alert)] == [AlertCode.SESSION_ABORT]
    assert last.final
    server.close()
