"""What the shipped front keeps out, passes on, and says of who came."""

import re
import shutil
import socket
import ssl
import subprocess
from urllib.parse import quote

import pytest

from fumo.cli.admin import Admin
from fumo.dm.message import Status
from fumo.wire.exchange import Reply
from fumo.wire.tls import Certificate
from tests.deploy.front import NEEDED
from tests.deploy.site import Site, asked
from tests.server.device import Device

pytestmark = NEEDED
SECRETS = {"user": "u1", "password": "p1", "server_password": "s1"}


# --- TLS ------------------------------------------------------------------------------------------


def no_newer_than(site: Site, newest: ssl.TLSVersion) -> ssl.SSLContext:
    """A client that has TLS of this version at most, and any older one."""
    context = ssl.create_default_context(cafile=str(site.authority.root))
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = newest
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def handshake(
    site: Site, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> tuple[str | None, bool | None, ssl.SSLSession | None]:
    """What one connection was."""
    with (
        socket.create_connection(("127.0.0.1", site.front.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost", session=session) as safe,
    ):
        safe.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while safe.recv(4096):
            pass
        return safe.version(), safe.session_reused, safe.session


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_is_1_2_or_newer(site: Site):
    for version, name in ((ssl.TLSVersion.TLSv1_3, "TLSv1.3"), (ssl.TLSVersion.TLSv1_2, "TLSv1.2")):
        assert handshake(site, no_newer_than(site, version))[0] == name
    with pytest.raises(OSError, match=r"(?i)protocol|version|alert"):
        handshake(site, no_newer_than(site, ssl.TLSVersion.TLSv1_1))


def test_who_comes_again_by_a_ticket_is_spared_a_handshake(site: Site):
    context = no_newer_than(site, ssl.TLSVersion.TLSv1_2)
    _, again, session = handshake(site, context)
    assert not again
    assert session is not None
    assert session.has_ticket
    assert handshake(site, context, session)[1]


def test_keys_are_agreed_on_over_p256(site: Site):
    openssl = shutil.which("openssl")
    assert openssl
    line = (
        openssl,
        "s_client",
        "-connect",
        f"127.0.0.1:{site.front.port}",
        "-groups",
        "P-256:X25519",
    )
    done = subprocess.run(line, input=b"", capture_output=True, timeout=30)
    assert re.search(rb"Server Temp Key: ECDH, prime256v1", done.stdout)


# --- who came -------------------------------------------------------------------------------------


def test_a20_who_came_is_what_the_front_saw(site: Site):
    site.command("quotas", "set", "devices", "77")
    token = (site.folder / "token").read_text()
    link = site.front.ask()
    forged = {"X-Forwarded-For": "198.51.100.7", "Authorization": f"Bearer {token}"}
    body = b'{"most": 78}'
    more = {"Content-Type": "application/json"}
    link.request("PUT", "/api/v1/quotas/devices", body, {**forged, **more})
    assert link.getresponse().status == 200
    link.close()
    newest = Admin(site.servers[0].data).rows("/audit", 2)
    assert {row["place"] for row in newest} == {"127.0.0.1"}


class Way:
    """A device's messages by the front, with headers that it makes up."""

    def __init__(self, site: Site, own: Certificate | None, forged: dict[str, str]) -> None:
        self.site, self.own, self.forged = site, own, forged

    def post(self, device: Device, body: bytes) -> Reply:
        query = device.address.partition("?")[2]
        link = self.site.front.ask(self.own)
        headers = {"Content-Type": device.media_type, **self.forged}
        link.request("POST", f"/dm?{query}" if query else "/dm", body, headers)
        answer = link.getresponse()
        assert answer.status == 200
        reply = Reply(200, answer.read(), answer.headers["content-type"])
        link.close()
        return reply


def refused(way: Way, device: Device) -> bool:
    """With all its secrets, and nothing that it says counts."""
    device.sessions += 100
    for _ in range(3):
        device.hear(way.post(device, device.begin()))
        codes = {c.code for c in device.heard[-1].commands if isinstance(c, Status)}
        if not codes <= {401, 407}:
            return False
    return True


def test_a20_a_bound_device_is_who_shows_its_certificate_and_not_who_says_so(site: Site):
    admin = Admin(site.servers[0].data)
    own = site.authority.signs("device-1")
    admin.post("/devices", {"id": "device-1", **SECRETS})
    site.command("devices", "bind", "device-1", "--certificate", str(own.chain))
    forged = {"X-SSL-Client-Verify": "SUCCESS", "X-SSL-Client-Cert": quote(own.chain.read_text())}
    assert refused(Way(site, None, forged), Device("device-1"))
    assert refused(Way(site, None, {}), Device("device-1"))
    device = Device("device-1")
    device.talk(Way(site, own, {}).post)
    assert device.session is not None
    assert device.session.trusted
    assert device.session.proven


# --- what passes ----------------------------------------------------------------------------------


def test_what_is_for_inside_is_not_there(site: Site):
    for path in ("/metrics", "/internal/aa/bb"):
        assert asked(site, path)[0] == 404


def test_a_message_that_is_too_large_stops_at_the_front(site: Site):
    link = site.front.ask()
    link.request("POST", "/dm", b"x" * 200_000, {"Content-Type": "application/vnd.syncml.dm+xml"})
    assert link.getresponse().status == 413
    link.close()


def test_events_come_as_they_happen(site: Site):
    site.command("quotas", "list")
    token = (site.folder / "token").read_text()
    link = site.front.ask()
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    link.request("GET", "/api/v1/events", headers=headers)
    stream = link.getresponse()
    assert stream.headers["content-type"].startswith("text/event-stream")
    Admin(site.servers[1].data).post("/devices", {"id": "told", **SECRETS})
    while b"told" not in (line := stream.readline()):
        assert line, "the stream ended"
    link.close()


def test_a_package_that_came_to_one_server_is_at_the_other(site: Site):
    file = site.folder / "large.bin"
    file.write_bytes(b"firmware" * 1_000_000)
    site.command("package", "add", str(file), "--name", "large", "--version", "1", "--raw")
    [package] = Admin(site.servers[1].data).rows("/packages", 10)
    assert package["length"] == 8_000_000
