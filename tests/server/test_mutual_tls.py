"""Devices with certificates, by real handshakes: at our own listener, and behind a real nginx."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner

from fumo.cli.admin import Admin
from fumo.cli.group import fumo
from fumo.dm.message import Status
from fumo.errors import PeerError
from fumo.wire.certificate import of_pem
from fumo.wire.client import Link
from fumo.wire.exchange import Reply
from fumo.wire.tls import Certificate, device_side
from tests.postgres import Cluster
from tests.server.device import Device
from tests.server.process import FREE, Process
from tests.wire.certificates import NEEDED, Authority

pytestmark = NEEDED
HERE = "IP:127.0.0.1"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SECRETS = {"user": "u1", "password": "p1", "server_password": "s1"}
CONFIG = """
daemon off; master_process off; pid {root}/pid; error_log {root}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {root}; proxy_temp_path {root}; fastcgi_temp_path {root};
  uwsgi_temp_path {root}; scgi_temp_path {root};
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {chain}; ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_client_certificate {roots}; ssl_verify_client optional;
    location / {{
      proxy_pass http://{behind};
      proxy_set_header Host $host:{port};
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-SSL-Client-Verify $ssl_client_verify;
      proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;
    }}
  }}
}}
"""


class Way:
    """How devices come to a server: its address, and whom they believe."""

    def __init__(self, process: Process, url: str, authority: Authority) -> None:
        self.process, self.url, self.authority = process, url, authority
        self.admin = Admin(process.data)

    def talk(self, device: Device, own: Certificate | None) -> int:
        """A whole session with this certificate; how many messages it took."""
        link = Link(tls=device_side(self.authority.root, own), timeout_s=20.0)
        try:
            return device.talk(lambda one, body: self.post(link, one, body))
        finally:
            link.close()

    def post(self, link: Link, device: Device, body: bytes) -> Reply:
        query = device.address.partition("?")[2]
        heard = link.post(f"{self.url}?{query}" if query else self.url, body, device.media_type)
        return Reply(200, heard.body, heard.media_type)

    def knows(self, device_id: str) -> Device:
        self.admin.post("/devices", {"id": device_id, **SECRETS})
        return Device(device_id)

    def turned_away(self, why: str) -> float:
        """What the server counted."""
        host, port = self.process.address
        with socket.create_connection((host, port), timeout=20) as plain:
            if self.process.dm_url.startswith("https:"):
                line: socket.socket = device_side(self.authority.root, None).wrap_socket(
                    plain, server_hostname=host
                )
            else:
                line = plain
            line.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            told = b"".join(iter(lambda: line.recv(65536), b"")).decode()
            line.close()
        found = re.search(rf'^fumo_turned_away_total{{certificate="{why}"}} (\S+)$', told, re.M)
        return float(found.group(1)) if found else 0.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutual")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder, "root")


@pytest.fixture(scope="module")
def own(authority: Authority) -> Certificate:
    return authority.signs("server", HERE)


@pytest.fixture(scope="module")
def listener(
    folder: Path, authority: Authority, own: Certificate, postgres: Cluster
) -> Iterator[Way]:
    """Our own listener, over PostgreSQL: who shows a certificate shows one of the root's."""
    tls = ("--tls-cert", str(own.chain), "--tls-key", str(own.key))
    devices = ("--device-ca", str(authority.root), "--device-ca-optional")
    more = ("--metrics", "--database", postgres.fresh())
    process = Process(folder / "p", FREE, FREE, *tls, *devices, *more)
    yield Way(process, process.dm_url, authority)
    process.stop()


@pytest.fixture(scope="module")
def behind(folder: Path, authority: Authority, own: Certificate) -> Iterator[Way]:
    """A server, over SQLite, behind an nginx that ends TLS; only its own net is believed."""
    if NGINX is None:
        pytest.skip("needs nginx (Debian: nginx-light)")
    process = Process(folder / "b", FREE, FREE, "--proxy-net", "127.0.0.1/32", "--metrics")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    root = folder / "n"
    root.mkdir()
    config = root / "nginx.conf"
    config.write_text(
        CONFIG.format(
            root=root,
            port=port,
            chain=own.chain,
            key=own.key,
            roots=authority.root,
            behind=process.listen,
        )
    )
    nginx = subprocess.Popen([NGINX, "-c", str(config), "-p", str(root)], stderr=subprocess.PIPE)
    try:
        wait_for(port, nginx)
        yield Way(process, f"https://127.0.0.1:{port}/dm", authority)
    finally:
        nginx.terminate()
        nginx.communicate(timeout=20)
        process.stop()


def wait_for(port: int, nginx: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        assert nginx.poll() is None, nginx.communicate()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx does not listen")


@pytest.fixture(params=["listener", "behind"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.getfixturevalue(request.param)
    return found


def run(way: Way, *words: str) -> str:
    done = CliRunner().invoke(fumo, [*words, "--data", str(way.process.data)])
    assert done.exit_code == 0, done.output
    return done.output


def trusted(device: Device) -> bool:
    assert device.session
    return device.session.trusted and device.session.proven


def refused(way: Way, device: Device, own: Certificate | None) -> bool:
    """With all its secrets, and nothing that it says counts."""
    device.sessions += 100
    for _ in range(3):
        link = Link(tls=device_side(way.authority.root, own), timeout_s=20.0)
        answer = way.post(link, device, device.begin())
        link.close()
        device.hear(answer)
        codes = {c.code for c in device.heard[-1].commands if isinstance(c, Status)}
        if not codes <= {401, 407}:
            return False
    return True


@pytest.mark.clause("A3-02", "S-AUT-02")
def test_a8_only_the_bound_certificate_lets_a_device_speak(way: Way):
    right, wrong = way.authority.signs("IMEI:7"), way.authority.signs("IMEI:8")
    device = way.knows("IMEI:7")
    way.talk(device, None)
    assert trusted(device), "nothing is bound yet"
    said = run(way, "devices", "bind", "IMEI:7", "--certificate", str(right.chain))
    assert of_pem(right.chain.read_text()).key_sha256 in said
    before = way.turned_away("none"), way.turned_away("other")
    thief = Device("IMEI:7", nonces=device.nonces)
    assert refused(way, thief, None)
    assert refused(way, thief, wrong)
    assert (way.turned_away("none"), way.turned_away("other")) == (before[0] + 3, before[1] + 3)
    way.talk(device, right)
    assert trusted(device), "nobody who tried in its name has cost it anything"
    assert "bound to certificates of the key" in run(way, "devices", "show", "IMEI:7")


def test_a_certificate_that_is_renewed_for_the_same_key_is_the_same(way: Way):
    device = way.knows("IMEI:9")
    first = way.authority.signs("IMEI:9")
    run(way, "devices", "bind", "IMEI:9", "--certificate", str(first.chain))
    again = way.authority.signs_again("IMEI:9")
    assert again.chain.read_text() != first.chain.read_text()
    way.talk(device, again)
    assert trusted(device)


def test_a_name_and_certificate_alone_are_enough_where_they_may_be(way: Way):
    way.knows("IMEI:5")
    run(way, "devices", "bind", "IMEI:5", "--name", "IMEI:5", "--alone")
    device = Device("IMEI:5", secret="never known")
    assert way.talk(device, way.authority.signs("IMEI:5")) >= 1
    assert device.session
    assert device.session.trusted
    assert [d["info"].get("Man") for d in way.admin.rows("/devices", 9) if d["id"] == "IMEI:5"] == [
        "Man-x"
    ]
    assert refused(way, Device("IMEI:5"), way.authority.signs("IMEI:6"))


def test_a8_a_certificate_of_another_root_is_none(way: Way, folder: Path):
    """At our listener it gets nobody in; nginx passes on that it is not good, and that counts."""
    device = way.knows("IMEI:3")
    run(way, "devices", "bind", "IMEI:3", "--name", "IMEI:3")
    foreign = Authority(folder, f"foreign-{id(way)}").signs("IMEI:3")
    link = Link(tls=device_side(way.authority.root, foreign), timeout_s=20.0)
    with pytest.raises((OSError, PeerError), match=r"(?i)alert|400|reset|closed|unknown ca"):
        way.post(link, device, device.begin())
    link.close()


def lies(url: str, body: bytes, media_type: str, pem: str) -> bytes:
    """A message with the headers of a proxy, past it."""
    link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = {"Content-Type": media_type, "X-SSL-Client-Verify": "SUCCESS",
               "X-SSL-Client-Cert": quote(pem)}  # fmt: skip
    link.request("POST", "/dm", body, headers)
    answer = link.getresponse().read()
    link.close()
    return answer


def test_a8_the_headers_of_a_proxy_count_from_its_net_only(folder: Path, authority: Authority):
    pem = authority.signs("IMEI:4").chain.read_text()
    for name, net, believed in (("x", "127.0.0.1/32", True), ("y", "192.0.2.0/24", False)):
        process = Process(folder / name, FREE, FREE, "--proxy-net", net)
        try:
            way = Way(process, process.dm_url, authority)
            way.knows("IMEI:4")
            run(way, "devices", "bind", "IMEI:4", "--name", "IMEI:4", "--alone")
            device = Device("IMEI:4")
            answer = lies(process.dm_url, device.begin(), device.media_type, pem)
            assert (b"<Data>407<" not in answer) is believed
        finally:
            process.stop()


def test_a8_what_a_device_writes_of_its_certificate_does_not_pass_the_proxy(behind: Way):
    device = behind.knows("IMEI:2")
    run(behind, "devices", "bind", "IMEI:2", "--name", "IMEI:2")
    pem = behind.authority.signs("IMEI:2").chain.read_text()
    link = http.client.HTTPSConnection(
        urlsplit(behind.url).netloc, context=device_side(behind.authority.root, None), timeout=20
    )
    headers = {"Content-Type": device.media_type, "X-SSL-Client-Verify": "SUCCESS",
               "X-SSL-Client-Cert": quote(pem)}  # fmt: skip
    link.request("POST", "/dm", device.begin(), headers)
    assert b"<Data>407<" in link.getresponse().read()
    link.close()
