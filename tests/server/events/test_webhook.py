"""The rules of webhooks: which addresses, how long the waits, what proves a delivery."""

import hashlib
import hmac
from ipaddress import ip_network

import pytest
from msgspec.structs import replace

from fumo.server.edges.events.guard import Inside, check
from fumo.server.rollout import Denied
from fumo.server.webhook import (
    TRIES_MAX,
    Answer,
    Hook,
    HookState,
    after,
    check_kinds,
    check_url,
    headers,
    resumed,
    signature,
    wait_s,
)

HOOK = Hook(1, "https://example.com/x", "secret", (), HookState.ACTIVE, 5, 0.0)


@pytest.mark.parametrize("url", ["https://example.com/x?y=1", "http://10.0.0.1:8080", "https://h"])
def test_an_address_that_can_be_told_something(url: str):
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "ftp://h/x", "file:///etc/passwd", "https://", "https://u:p@h/x",
        "https://h/x#y", "https://h:0/", "https://h:99999/", "https://h/\n", "https://h/a b",
        "https://ex\u00e4mple/", "gopher://h", "https://h/" + "x" * 3000, "http://[::1/",
    ],
)  # fmt: skip
def test_an_address_that_can_not(url: str):
    with pytest.raises(Denied):
        check_url(url)


def test_kinds_are_names_of_events():
    check_kinds(("operation", "operation.cancel_requested", "alert.orphan"))
    for bad in ("", "a b", "x" * 65, "a;b"):
        with pytest.raises(Denied):
            check_kinds((bad,))
    with pytest.raises(Denied):
        check_kinds(("a",) * 17)


def test_the_proof_is_of_the_time_and_the_body():
    ours = hmac.new(b"secret", b"17.body", hashlib.sha256).hexdigest()
    assert signature("secret", 17, b"body") == ours
    assert headers(HOOK, 17, b"body")["Fumo-Signature"] == f"sha256={ours}"
    others = [signature("Secret", 17, b"body"), signature("secret", 18, b"body")]
    assert ours not in (*others, signature("secret", 17, b"bodx"))
    assert "secret" not in repr(HOOK)


def test_waits_grow_to_an_hour():
    waits = [wait_s(n) for n in range(1, TRIES_MAX + 1)]
    assert waits[:4] == [5.0, 10.0, 20.0, 40.0]
    assert waits == sorted(waits)
    assert waits[-1] == 3600.0
    assert 6 * 3600 < sum(waits) < 24 * 3600


def test_it_is_dead_after_so_many_failed_tries_and_goes_on_where_it_was():
    hook = HOOK
    for n in range(1, TRIES_MAX + 1):
        assert hook.state is HookState.ACTIVE
        hook = after(hook, Answer(500), 9, 100.0)
        assert (hook.number, hook.tries, hook.due_at_s) == (5, n, 100.0 + wait_s(n))
    assert (hook.state, hook.reason) == (HookState.DEAD, "it answered 500")
    again = resumed(hook, 200.0)
    assert (again.state, again.number, again.tries, again.due_at_s) == ("active", 5, 0, 200.0)


@pytest.mark.parametrize(("status", "good"), [(199, 0), (200, 1), (204, 1), (299, 1), (302, 0)])
def test_what_is_taken(status: int, good: int):
    hook = after(replace(HOOK, tries=3), Answer(status), 9, 100.0)
    assert (hook.number == 9, hook.tries == 0, hook.told_at_s == 100.0) == (bool(good),) * 3


def test_who_is_gone_is_told_nothing_more():
    assert after(HOOK, Answer(410), 9, 100.0).state is HookState.DEAD


INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1",
    "fd00::5", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
    "64:ff9b::a00:1", "fe80::1%eth0",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_a16_no_webhook_leads_inside(address: str):
    with pytest.raises(Inside):
        check(address, True, [])


def test_outside_is_reached_by_tls_only_and_a_named_net_by_either():
    for address in ("8.8.8.8", "2606:4700::1", "64:ff9b::808:808"):
        check(address, True, [])
        with pytest.raises(Inside, match="https"):
            check(address, False, [])
    nets = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    check("10.1.2.3", False, nets)
    check("fd00::5", False, nets)
    with pytest.raises(Inside, match=r"10\.2\.0\.1 is no address outside"):
        check("10.2.0.1", False, nets)
