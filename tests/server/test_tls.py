"""A server behind TLS, as a process: who believes whom, and who gets in."""

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from fumo.cli.admin import Admin
from fumo.cli.group import fumo
from fumo.device.main import run, tls_of
from fumo.device.settings import (
    DeviceSection,
    ObjectSection,
    ServerSection,
    Settings,
    TlsSection,
)
from fumo.dm.message import Status
from fumo.wire.client import Link
from fumo.wire.tls import Certificate, device_side, server_side
from tests.server.device import Device
from tests.server.process import FREE, Process
from tests.wire.certificates import NEEDED, Authority

pytestmark = NEEDED
HERE = "IP:127.0.0.1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder, "root")


@pytest.fixture(scope="module")
def own(authority: Authority) -> Certificate:
    return authority.signs("server", HERE)


def started(data: Path, own: Certificate, *more: str) -> Process:
    words = ("--tls-cert", str(own.chain), "--tls-key", str(own.key))
    return Process(data, FREE, FREE, *words, *more)


@pytest.fixture(scope="module")
def server(folder: Path, own: Certificate) -> Iterator[Process]:
    process = started(folder / "open", own)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def strict(folder: Path, own: Certificate, authority: Authority) -> Iterator[Process]:
    process = started(folder / "strict", own, "--device-ca", str(authority.root))
    yield process
    process.stop()


def answer(url: str, tls: ssl.SSLContext) -> int:
    """The Status of a stranger's first message."""
    device = Device()
    link = Link(tls=tls, timeout_s=10.0)
    try:
        reply = link.post(url, device.begin(), device.media_type)
    finally:
        link.close()
    assert reply.private
    return next(c.code for c in reply.message.commands if isinstance(c, Status))


@pytest.mark.clause("A3-01")
def test_a_device_that_believes_the_root_speaks_to_the_server(
    server: Process, authority: Authority
):
    assert server.dm_url.startswith("https://")
    assert answer(server.dm_url, device_side(authority.root, None)) == 407


@pytest.mark.clause("A3-01")
def test_a_server_of_another_root_or_another_name_is_not_spoken_to(
    server: Process, authority: Authority, folder: Path
):
    stranger = Authority(folder, "stranger")
    with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
        answer(server.dm_url, device_side(stranger.root, None))
    with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
        answer(server.dm_url, device_side(None, None))
    elsewhere = f"https://localhost:{urlsplit(server.dm_url).port}/dm"
    with pytest.raises(ssl.SSLCertVerificationError, match="localhost"):
        answer(elsewhere, device_side(authority.root, None))


@pytest.mark.clause("A3-01")
def test_a8_nothing_older_than_tls_1_2_is_spoken(authority: Authority, own: Certificate):
    both = device_side(authority.root, None), server_side(own, None)
    assert {context.minimum_version for context in both} == {ssl.TLSVersion.TLSv1_2}
    assert both[0].check_hostname
    assert both[0].verify_mode is ssl.CERT_REQUIRED


@pytest.mark.clause("A3-02", "S-AUT-02")
def test_where_devices_need_a_certificate_nobody_comes_in_without(
    strict: Process, authority: Authority, folder: Path
):
    device = authority.signs("device")
    foreign = Authority(folder, "foreign").signs("device")
    assert answer(strict.dm_url, device_side(authority.root, device)) == 407
    for own in (None, foreign):
        with pytest.raises(OSError, match=r"(?i)certificate|unknown ca|alert|reset|closed"):
            answer(strict.dm_url, device_side(authority.root, own))


@pytest.mark.clause("A3-02")
def test_the_options_of_a_device_become_its_side(authority: Authority, folder: Path):
    assert tls_of(Settings()) is None
    device = authority.signs("device")
    files = {"roots": str(authority.root), "certificate": str(device.chain), "key": str(device.key)}
    made = tls_of(Settings(tls=TlsSection(**files)))
    assert made is not None
    assert len(made.get_ca_certs()) == 1
    with pytest.raises(OSError, match="No such file"):
        tls_of(Settings(tls=TlsSection(roots=str(folder / "none"))))


def test_the_command_line_proves_the_server_and_itself(
    server: Process, strict: Process, authority: Authority
):
    ann = authority.signs("ann")
    own = ("--cert", str(ann.chain), "--key", str(ann.key))
    for process, more, code in ((server, (), 0), (strict, (), 3), (strict, own, 0)):
        owner = Admin(process.data)
        if not owner.rows("/users", 9):
            owner.post("/users", {"name": "ann", "role": "viewer"})
        token = owner.post_once("/tokens", {"user": "ann"})["token"]
        url = process.dm_url.removesuffix("/dm")
        words = ["devices", "list", "--server", url, "--token", token, *more]
        assert CliRunner().invoke(fumo, [*words, "--ca", str(authority.root)]).exit_code == code
        assert CliRunner().invoke(fumo, words).exit_code == 3, "of roots that it does not know"
    bad = ["--ca", str(authority.root), "--cert", str(authority.root)]
    done = CliRunner().invoke(fumo, [*words, *bad])
    assert (done.exit_code, "make no certificate" in done.stderr) == (1, True)


@pytest.mark.clause("A3-01", "A3-02")
def test_a_device_with_its_certificate_has_a_whole_session_by_its_own_program(
    strict: Process, authority: Authority, tmp_path: Path
):
    wanted = {"id": "IMEI:7", "user": "u", "password": "p", "server_password": "s"}
    Admin(strict.data).post("/devices", wanted)
    own = authority.signs("seventh")
    settings = Settings(
        device=DeviceSection(id="IMEI:7", state=str(tmp_path / "state")),
        server=ServerSection(url=strict.dm_url, user="u", user_password="p", password="s"),
        tls=TlsSection(str(authority.root), str(own.chain), str(own.key)),
        object=(ObjectSection(slots=str(tmp_path / "slots")),),
    )
    assert run(settings, once=True) == 0
    [known] = [d for d in Admin(strict.data).rows("/devices", 99) if d["id"] == "IMEI:7"]
    assert known["info"]["Man"] == "Fumo"


def test_cookies_of_the_pages_travel_by_tls_only(server: Process, authority: Authority):
    link = urlsplit(Admin(server.data).post_once("/links")["url"])
    assert link.scheme == "https"
    trusting = ssl.create_default_context(cafile=str(authority.root))
    line = http.client.HTTPSConnection(*server.address, context=trusting, timeout=20)
    line.request("GET", link.path)
    answer = line.getresponse()
    given = (answer.getheader("Set-Cookie") or "").lower()
    line.close()
    assert answer.status == 200
    assert given.startswith("fumo=")
    assert "secure" in given
