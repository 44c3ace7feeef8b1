"""Where a stranger's word may lead the device, and where it may not (A16)."""

import socket
from functools import partial

import pytest

from fumo.device.edges.guard import Guard, forbidden
from fumo.device.edges.http_source import open_body
from fumo.device.edges.reporting import post
from fumo.device.edges.trouble import Trouble
from fumo.device.main.downloads import guard_of
from fumo.device.settings import DownloadSection, ServerSection, Settings
from fumo.update.failures import Cause
from tests.device.downloads import Fetch, package
from tests.device.servers import honest, says, scripted

PACKAGE = package(b"firmware" * 100)

NEAR = [
    *("127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "0.1.2.3", "::"),
    *("169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "224.0.0.1", "ff02::1"),
    *("255.255.255.255", "240.0.0.1", "100.100.100.200", "fd00:ec2::254"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::"),
    *("::127.0.0.1", "64:ff9b::a9fe:a9fe"),
]
FAR = ["192.0.2.7", "10.0.0.1", "192.168.1.1", "172.16.0.9", "8.8.8.8", "2606:4700::1111"]
FAR += ["fd12:3456::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", NEAR)
def test_a16_addresses_of_the_device_itself_and_of_its_link_are_forbidden(address):
    assert forbidden(address)


@pytest.mark.parametrize("address", FAR)
def test_a16_other_addresses_may_be_asked_those_of_private_networks_too(address):
    assert not forbidden(address)


def named(**names: list[str]):
    """A resolver that knows these names, and counts how often it is asked."""
    asked: list[str] = []

    def resolve(host: str, port: int):
        asked.append(host)
        addresses = names.get(host.partition(".")[0], [host])
        kinds = (socket.AF_INET6 if ":" in one else socket.AF_INET for one in addresses)
        return [(kind, (one, port)) for kind, one in zip(kinds, addresses, strict=True)]

    resolve.asked = asked
    return resolve


def fetch(url: str, guard: Guard, *answers) -> Fetch:
    """A download through this guard."""
    one = Fetch(url, open_body=partial(open_body, guard=guard))
    one.run()
    return one


SPELLINGS = ["127.0.0.1", "[::1]", "localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f.0.0.1"]
SPELLINGS += ["0177.0.0.1", "[::ffff:127.0.0.1]", "0", "[::]", "169.254.169.254"]


@pytest.mark.parametrize("host", SPELLINGS)
def test_a16_however_it_is_spelt_nothing_near_is_asked(host):
    with scripted(honest(PACKAGE)) as server:
        one = fetch(f"http://{host}:{server.port}/p", Guard())
    last = one.happened[-1].failure
    assert (last.cause, last.result) in ((Cause.FORBIDDEN_HOST, 411), (Cause.DNS, 412))
    assert server.seen == []


def test_a16_a_name_that_leads_home_is_not_followed():
    with scripted(honest(PACKAGE)) as server:
        guard = Guard(resolve=named(evil=["127.0.0.1"]))
        one = fetch(f"http://evil.example:{server.port}/p", guard)
    assert one.causes == [Cause.FORBIDDEN_HOST]
    assert server.seen == []


def test_a16_a_name_is_resolved_once_and_what_was_judged_is_what_is_asked():
    resolve = named(near=["127.0.0.1"])
    with scripted(honest(PACKAGE)) as server:
        one = fetch(f"http://near.example:{server.port}/p", Guard(["near.example"], resolve))
    assert one.content() == PACKAGE
    assert resolve.asked == ["near.example"]


def test_a16_of_several_addresses_only_those_far_are_tried():
    guard = Guard(resolve=named(both=["127.0.0.1", "::1", "169.254.169.254"]))
    with pytest.raises(Trouble) as trouble:
        guard.connect("both.example", 9, 0.05)
    assert trouble.value.failure.cause is Cause.FORBIDDEN_HOST


def test_a16_redirects_are_judged_like_the_first_address():
    with scripted(honest(PACKAGE)) as inner:
        there = f"http://inner.example:{inner.port}/p"
        with scripted(says(302, location=there)) as server:
            guard = Guard(["near.example"], named(near=["127.0.0.1"], inner=["127.0.0.1"]))
            one = fetch(f"http://near.example:{server.port}/p", guard)
    assert one.causes == [Cause.FORBIDDEN_HOST]
    assert (len(server.seen), inner.seen) == (1, [])


def test_a16_a_report_is_not_posted_near():
    with scripted(says(200)) as server, pytest.raises(Trouble) as trouble:
        post(f"http://127.0.0.1:{server.port}/told", b"900 Success\n\r")
    assert trouble.value.failure.cause is Cause.FORBIDDEN_HOST
    assert server.seen == []


@pytest.mark.parametrize("host", ["near.example", "NEAR.Example.", "127.0.0.1"])
def test_a16_hosts_that_the_maker_named_are_asked_wherever_they_are(host):
    with scripted(honest(PACKAGE)) as server:
        guard = Guard(["Near.example", "127.0.0.1"], named(near=["127.0.0.1"], NEAR=["127.0.0.1"]))
        one = fetch(f"http://{host}:{server.port}/p", guard)
    assert one.content() == PACKAGE


def test_a_host_that_has_a_dead_address_is_asked_at_the_next():
    with scripted(honest(PACKAGE)) as server:
        guard = Guard(["two.example"], named(two=["127.0.0.2", "127.0.0.1"]))
        one = fetch(f"http://two.example:{server.port}/p", guard)
    assert one.content() == PACKAGE


def test_the_settings_name_the_accounts_own_server_and_others():
    settings = Settings(
        server=ServerSection(url="http://127.0.0.1:8080/dm"),
        download=DownloadSection(hosts=("depot.local",)),
    )
    guard = guard_of(settings)
    with scripted(says(200)) as server:
        guard.connect("127.0.0.1", server.port, 1.0).close()
    with pytest.raises(Trouble):
        guard.connect("localhost", 9, 1.0)


def own_address() -> str:
    """One that others reach this machine by."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            pytest.skip("this machine has no network")
        return str(sock.getsockname()[0])


def test_a16_the_device_itself_is_not_asked_by_any_of_its_addresses():
    with socket.socket() as service:
        service.bind(("0.0.0.0", 0))
        service.listen()
        port, own = service.getsockname()[1], own_address()
        assert not forbidden(own)
        with pytest.raises(Trouble) as trouble:
            Guard().connect(own, port, 1.0)
        assert trouble.value.failure.cause is Cause.FORBIDDEN_HOST
        Guard([own]).connect(own, port, 1.0).close()  # its maker named it
