"""What a hostile or careless server cannot have of a device (A9, A18, A21)."""

import io
import tarfile

import pytest

from fumo.codes import Kind
from fumo.device.settings import Settings
from fumo.dm.message import Exec, Get, Replace
from fumo.testing.server import NAME, OBJECT, USER
from fumo.testing.world import URL, package
from fumo.tree.objects import ACCOUNT
from tests.device.asked import Device, item
from tests.power.around import Around
from tests.power.bench import Start, set_up
from tests.power.stories import Story, both
from tests.power.world import factory_slots

SECRETS = (USER.secret, NAME.secret)


def test_a9_no_secret_has_a_default_that_devices_could_share():
    server = Settings().server
    assert (server.password, server.user_password) == ("", "")


@pytest.mark.clause("C-ACL")
def test_a21_no_list_and_no_get_brings_a_secret():
    device = Device()
    uris = [uri for uri in device.tree if uri.startswith("./")]
    asked = [
        f"{uri}{how}" for uri in (".", *uris) for how in ("", "?list=StructData", "?list=TNDS")
    ]
    told = repr([device.answers(Get((item(uri),))) for uri in asked])
    assert all(secret not in told for secret in SECRETS)
    hidden = [uri for uri in uris if uri.startswith(ACCOUNT) and "Secret" in uri]
    assert hidden
    assert {code for uri in hidden for code in device.codes(Get((item(uri),)))} <= {404, 405, 425}


@pytest.mark.clause("C-ACL")
def test_a21_nothing_but_the_three_operations_can_be_executed():
    device = Device()
    orders = {f"{OBJECT}/{kind}" for kind in Kind}
    others = [uri for uri in device.tree if uri not in orders]
    codes = {code for uri in others for code in device.codes(Exec((item(uri),)))}
    assert codes <= {404, 405, 425}
    assert device.target.last_op_id == 0


def test_a21_what_the_device_is_cannot_be_changed():
    device = Device()
    fixed = [uri for uri in device.tree if uri.startswith(("./DevInfo", "./DevDetail"))]
    codes = {code for uri in fixed for code in device.codes(Replace((item(uri, "x"),)))}
    assert codes <= {405, 425}


def archive() -> bytes:
    """A tar that leads out of its folder, links, and grows when it is unpacked."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name in ("../../slot-a", "/etc/passwd", "package/../../env-0"):
            one = tarfile.TarInfo(name)
            one.size = 1 << 20
            tar.addfile(one, io.BytesIO(bytes(1 << 20)))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
    return out.getvalue()


def test_a18_an_archive_is_bytes_and_nothing_of_it_is_unpacked():
    evil = archive()

    def befalls(around: Around) -> None:
        around.depot.files[URL] = package(evil, "9")

    story = Story((both(version="9"),), befalls=befalls)
    with set_up() as bench:
        bench.live(story, Start(factory_slots(), story.around()))
        world = bench.world
        assert world.slots["Primary"].read("slot-b", 0, 1 << 22) == evil
        names = {*world.slots["Primary"].volatile, *world.files["Primary"].volatile}
        assert names <= {"slot-a", "slot-b", "env-0", "env-1", "package"}
        assert bytes(world.slots["Primary"].volatile["slot-a"]) == b"factory"
