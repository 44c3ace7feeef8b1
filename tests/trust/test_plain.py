"""Trust without signatures: in whoever may order, and in the digest that he tells, if he does."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from fumo.codes import Kind
from fumo.device.edges.tuf_trust import TufTrust, Unusable
from fumo.device.vouching import PlainTrust, Vouched, voucher
from fumo.package.fitness import Device
from fumo.package.plan import UNVOUCHED, Plan
from fumo.testing.machine import Listened
from fumo.testing.update_agent import Environment, ScriptedUpdateAgent
from fumo.update.failures import Cause, failure
from fumo.update.happening import Failed
from fumo.update.operation import Held, Order, Target
from tests.trust.attacks import EVIL
from tests.trust.repository import BASE, Lab
from tests.trust.world import NEW, URL, TrustedWorld

DEVICE = Device("world", "1")


def order(url: str | None) -> Order:
    return Order(1, "s", "o", Kind.DOWNLOAD, "c", "1", 1, 1, url)


def world_with(trust, folder) -> TrustedWorld:
    world = TrustedWorld(folder / "trust")
    world.offers()
    world.trusts = trust
    return world


def test_plain_packages_speak_for_themselves(tmp_path):
    world = world_with(PlainTrust, tmp_path)
    assert world.orders() == 200
    assert world.runs == NEW
    assert world.gives(world.depot.files[URL]) == 200
    assert world.lab.asked == []


def test_a_digest_that_the_server_told_binds_the_file(tmp_path):
    world = world_with(PlainTrust, tmp_path)
    data = world.depot.files[URL]
    pinned = f"{URL}#sha256={sha256(data).hexdigest()}"
    world.depot.files[pinned] = data
    assert world.orders(pinned) == 200
    before = world.look()
    world.depot.files[pinned] = data[:-1] + b"x"
    assert world.orders(pinned) == 402
    assert world.orders(f"{URL}#sha256=none") == 411
    assert world.look() == before


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (URL, UNVOUCHED),
        ("http://h/", UNVOUCHED),
        (f"http://h/#sha256={'0' * 64}", Plan(sha256="0" * 64)),
        ("http://h/a%2Fb", UNVOUCHED),
        ("http://h/#sha256=none", failure(Cause.BAD_URL)),
        (None, UNVOUCHED),
    ],
)
def test_what_plain_trust_knows(url, told):
    assert PlainTrust().vouch(order(url), DEVICE) == told


# A device that cannot be looked at, and an update agent that is inside another.


class Unreadable(ScriptedUpdateAgent):
    """Nobody can tell what runs here."""

    def device(self) -> Device:
        raise OSError("no environment")


def test_a_device_that_cannot_be_looked_at_fails_for_this_attempt_only():
    unknown = failure(Cause.READ_ERROR)
    agent = Vouched(Unreadable(Environment()), PlainTrust())
    assert voucher(PlainTrust(), agent.device)(order(URL)) == unknown
    held = Held("0" * 64, 3, "0" * 64)
    assert agent.prepare(order(None), Target(held=held)) == Failed(1, unknown)
    assert unknown.temporary


# Trust that cannot work is found when the device starts.


def opened(folder, url: str = BASE, root: bytes | None = None) -> TufTrust:
    lab = Lab()
    log = Listened()
    return TufTrust(folder, url, lab.factory_root if root is None else root, log, None, lab.get)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "metadata",
        "ftp://h/m/",
        "http://",
        "http://h:0/",
        "http://h/?q",
        "http://u@h/",
        "http://h/ä",
    ],
)
def test_an_address_that_is_none_is_said_so(url, tmp_path):
    with pytest.raises(Unusable, match="this address"):
        opened(tmp_path, url)


def test_a_root_that_is_none_is_said_so(tmp_path):
    lab = Lab()
    lab.lists("x", EVIL, None)
    lab.publish()
    forged = lab.factory_root.replace(b'"version":1', b'"version":2')
    assert forged != lab.factory_root
    for root in (b"", b"{}", lab.served["1.targets.json"], forged):
        with pytest.raises(Unusable, match="root metadata"):
            opened(tmp_path, root=root)


def test_a_disk_that_fails_costs_an_attempt(tmp_path):
    trust = opened(tmp_path / "trust")
    (tmp_path / "trust" / "metadata").rmdir()
    (tmp_path / "trust" / "metadata").write_text("in the way")
    told = trust.vouch(order(URL), DEVICE)
    assert (told.cause, told.result, told.temporary) == (Cause.WRITE_ERROR, 400, True)


def test_without_the_extra_it_is_said_what_to_install(tmp_path):
    script = "import sys; sys.modules['tuf'] = None\n"
    script += "from pathlib import Path; from fumo.device.edges.tuf_trust import TufTrust\n"
    script += f"TufTrust(Path({str(tmp_path)!r}), {BASE!r}, b'', print)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "Unusable: signed metadata needs the extra fumo[tuf]" in done.stderr


def test_several_objects_may_ask_at_a_time(tmp_path):
    world = TrustedWorld(tmp_path / "trust")
    world.offers()
    world.lab.publish()
    trust, device = world.tuf(), world.ab_file().device()
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: trust.vouch(order(URL), device), range(12)))
    assert {type(one) for one in told} == {Plan}
    assert len(set(told)) == 1
