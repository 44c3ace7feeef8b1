"""A device that is bound to a certificate: who else bears its name is nobody, and costs nothing."""

import logging
from concurrent.futures import wait

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from fumo.dm.codec import decode
from fumo.dm.message import Shown, Status
from fumo.dm.session import Nonces
from fumo.server.binding import Binding, checked
from fumo.server.denied import Denied
from fumo.server.edges.porter import Porter
from fumo.server.edges.pump_thread import WAITING_OF_ONE_MAX, PumpThread
from fumo.server.identities import bind, renew
from fumo.server.office import Office
from fumo.server.pump import turn
from fumo.wire.exchange import Reply
from tests.server.device import Device
from tests.server.test_credentials import _anonymous, all_rows
from tests.server.world import World, heard

OWN, OTHER = Shown("aa" * 32, "IMEI:1"), Shown("bb" * 32, "IMEI:2")
BY_KEY, BY_NAME = Binding(OWN.key_sha256), Binding(name="IMEI:1*")
ALONE = Binding(OWN.key_sha256, alone=True)


class Sees:
    """A transport that proved this of the device."""

    def __init__(self, world: World, shown: Shown | None) -> None:
        self.world, self.shown = world, shown

    def __call__(self, peer: Device, body: bytes) -> Reply:
        envelope = replace(heard(peer, body), certificate=self.shown)
        [answer] = turn(self.world.pump, [envelope], self.world.at_s)
        return answer


def bound(world: World, device: Device, binding: Binding = BY_KEY) -> Office:
    office = Office(world.store, world.dice.octets)
    bind(office, device.id, binding)
    return office


def codes(answer: Reply) -> list[int]:
    message = decode(answer.body, answer.media_type)
    return [c.code for c in message.commands if isinstance(c, Status)]


@pytest.mark.clause("S-AUT-02")
@pytest.mark.parametrize("binding", [BY_KEY, BY_NAME], ids=["key", "name"])
def test_a8_with_its_certificate_it_is_believed_by_its_credentials(
    world: World, device: Device, binding: Binding
):
    bound(world, device, binding)
    device.talk(Sees(world, OWN))
    assert device.session
    assert device.session.proven
    liar = Device(secret="wrong")
    assert set(codes(Sees(world, OWN)(liar, liar.begin()))) == {407}


@pytest.mark.parametrize("binding", [BY_KEY, BY_NAME, ALONE], ids=["key", "name", "alone"])
@pytest.mark.parametrize("shown", [None, OTHER], ids=["none", "other"])
def test_a8_without_it_the_right_credentials_are_not_looked_at(
    world: World, device: Device, binding: Binding, shown: Shown | None
):
    """The true device's nonces, name and password, in the hands of somebody else."""
    device.talk(Sees(world, OWN))
    bound(world, device, binding)
    before = all_rows(world)
    thief = replace_device(device)
    answers = [Sees(world, shown)(thief, thief.begin()) for _ in range(60)]
    assert {answer.status for answer in answers} == {200}
    assert {code for answer in answers for code in codes(answer)} <= {401, 407}
    assert all_rows(world) == before
    device.talk(Sees(world, OWN))
    assert device.session
    assert device.session.trusted


def replace_device(device: Device) -> Device:
    copy = Device(device.id, device.user, device.secret, device.server_secret)
    copy.nonces, copy.sessions = device.nonces, 500
    return copy


def test_a8_a_stranger_cannot_tell_that_a_device_is_bound(world: World):
    known = world.knows(Device("IMEI:known"))
    bound(world, known)
    unknown = Device("IMEI:other")
    for device in (known, unknown):
        device.nonces = Nonces(b"n" * 16, None)
    told = [_anonymous(world.post(one, one.begin()).body) for one in (known, unknown)]
    assert told[0] == told[1]


def test_a_session_goes_on_with_the_certificate_only(world: World, device: Device):
    bound(world, device)
    own, other = Sees(world, OWN), Sees(world, OTHER)
    first = own(device, device.begin())
    device.hear(first)
    body = device.go_on()
    assert body is not None
    before = all_rows(world)
    assert set(codes(other(device, body))) <= {401, 407}
    assert all_rows(world) == before
    repeated = own(device, body)
    assert 401 not in codes(repeated)
    assert own(device, body).body == repeated.body, "it is its own answer, again"
    assert other(device, body).body != repeated.body, "which nobody else is given"


def test_where_a_certificate_is_enough_no_credentials_are_asked_for(world: World, device: Device):
    bound(world, device, ALONE)
    device.secret = "lost"
    world.orders(device)
    device.talk(Sees(world, OWN))
    assert device.session
    assert device.session.trusted
    assert len(device.execs) == 1
    assert all(code not in (401, 407) for message in device.heard for code in statuses(message))


def statuses(message: object) -> list[int]:
    return [c.code for c in getattr(message, "commands", ()) if isinstance(c, Status)]


def test_a9_no_two_devices_are_bound_to_one_key(world: World, device: Device):
    office = bound(world, device)
    world.knows(Device("IMEI:2"))
    with pytest.raises(Denied, match="no two devices"):
        bind(office, "IMEI:2", BY_KEY)
    bind(office, device.id, Binding())
    assert bind(office, "IMEI:2", BY_KEY).bound_key == OWN.key_sha256


def test_whoever_is_bound_anew_begins_anew(world: World, device: Device):
    """A session that goes on is over, and what was decided on the rows of before is not saved."""
    device.talk(world.post)
    assert world.rows("SELECT count(*) FROM session") == [(1,)]
    before = world.rows("SELECT version FROM device")
    bound(world, device)
    assert world.rows("SELECT version FROM device") != before
    assert world.rows("SELECT count(*) FROM session") == [(0,)]


def test_a9_new_secrets_end_what_the_old_ones_began(world: World, device: Device):
    device.talk(world.post)
    old = replace_device(device)
    new = renew(Office(world.store, world.dice.octets), device.id)
    assert {new.secret, new.server_secret}.isdisjoint({device.secret, device.server_secret})
    assert set(codes(world.post(old, old.begin()))) <= {401, 407}
    device.secret, device.server_secret = new.secret, new.server_secret
    device.talk(world.post)
    assert device.session
    assert device.session.trusted


@pytest.mark.parametrize(
    "wanted",
    [Binding("xx"), Binding("a" * 63), Binding(OWN.key_sha256, "n"), Binding(name="*"),
     Binding(name=""), Binding(name="a*" * 5), Binding(name="\n"), Binding(alone=True)],
)  # fmt: skip
def test_a_binding_that_means_nothing_is_refused(wanted: Binding):
    with pytest.raises(Denied):
        checked(wanted)
    assert checked(Binding("AA:" * 31 + "AA")) == BY_KEY


@pytest.mark.parametrize(
    ("name", "is_it"),
    [("unit-7.example", True), ("unit-7.example.org", False), ("my-unit-7.example", False),
     ("unit-7xexample", False), ("", False)],
)  # fmt: skip
def test_a_name_is_the_whole_name(world: World, device: Device, name: str, is_it: bool):
    device.talk(world.post)
    bound(world, device, Binding(name="unit-*.example"))
    answer = Sees(world, Shown("cc" * 32, name))(device, device.begin())
    assert (212 in codes(answer)) is is_it


def test_a8_a_stranger_in_its_name_takes_none_of_its_places(world: World, device: Device):
    bound(world, device)
    thread = PumpThread(world.pump)
    liar = replace(heard(device, device.begin()), certificate=OTHER)
    own = replace(heard(device, device.begin()), certificate=OWN)
    lies = [thread.message(liar) for _ in range(WAITING_OF_ONE_MAX + 1)]
    truth = thread.message(own)
    assert lies[-1].result().status == 503
    assert not truth.done()
    thread.start()
    wait([*lies, truth], timeout=20)
    thread.stop()
    assert truth.result().status == 200


def test_a8_who_is_turned_away_is_counted_and_fills_no_log(caplog: pytest.LogCaptureFixture):
    registry, clock = CollectorRegistry(), [0.0]
    porter = Porter(registry, lambda: clock[0])
    with caplog.at_level(logging.WARNING, "fumo.server"):
        for _ in range(40):
            porter.turned_away("IMEI:1\n", "other")
        clock[0] = 11.0
        porter.turned_away("IMEI:1", "none")
    assert [record.message.count("IMEI:1") for record in caplog.records] == [1, 1]
    assert "39 more" in caplog.records[1].message
    assert registry.get_sample_value("fumo_turned_away_total", {"certificate": "other"}) == 40
