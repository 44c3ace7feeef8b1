"""Packages over TLS: whose server is believed, and what is not spoken any more."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fumo.device.edges.http_source import Wish, open_body
from fumo.device.edges.trouble import Trouble
from fumo.update.failures import Cause
from fumo.wire.tls import device_side, package_side, server_side
from tests.device.downloads import NEAR
from tests.wire.certificates import NEEDED, Authority

pytestmark = NEEDED
PACKAGE = b"a package"


class Quiet(BaseHTTPRequestHandler):
    """Gives the package to whoever asks."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(PACKAGE)))
        self.end_headers()
        self.wfile.write(PACKAGE)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


class Depot(HTTPServer):
    """A server that a client without trust does not bring down."""

    def handle_error(self, *_: object) -> None:
        """The client went away: that is what it is tested for."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder, "root")


@pytest.fixture(scope="module")
def port(authority: Authority) -> Iterator[int]:
    """A depot whose certificate is for 127.0.0.1 alone."""
    depot = Depot(("127.0.0.1", 0), Quiet)
    tls = server_side(authority.signs("depot", "IP:127.0.0.1"), None)
    depot.socket = tls.wrap_socket(depot.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=depot.serve_forever, args=(0.05,))
    thread.start()
    yield depot.server_port
    depot.shutdown()
    thread.join()
    depot.server_close()


def fetched(host: str, port: int, tls: ssl.SSLContext | None) -> bytes:
    """The package, from this host."""
    body = open_body(Wish(f"https://{host}:{port}/p"), 10.0, 0, tls, NEAR)
    try:
        return body.read(100)
    finally:
        body.close()


@pytest.mark.clause("A3-01")
def test_a_package_comes_from_a_server_of_the_roots_that_were_given(
    port: int, authority: Authority
):
    assert fetched("127.0.0.1", port, package_side(authority.root)) == PACKAGE


@pytest.mark.clause("A3-01")
@pytest.mark.parametrize("who", ["the system's roots", "roots of others", "another name"])
def test_a8_no_other_server_is_believed(port: int, authority: Authority, folder: Path, who: str):
    other = package_side(Authority(folder, "other").root)
    tls = {"the system's roots": None, "roots of others": other}
    host = "localhost" if who == "another name" else "127.0.0.1"
    with pytest.raises(Trouble) as trouble:
        fetched(host, port, tls.get(who, package_side(authority.root)))
    assert trouble.value.failure.cause is Cause.TLS


def shake(one: ssl.SSLContext, other: ssl.SSLContext) -> str | None:
    """The version that two ends agree on, over memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = one.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    server = other.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.version()


def old(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same end as it was made long ago: TLS 1.1 at most, by ciphers of that time."""
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.clause("A3-01")
@pytest.mark.filterwarnings("ignore:.*TLSv1:DeprecationWarning")
def test_a8_an_end_that_speaks_nothing_newer_than_tls_1_1_is_not_spoken_to(authority: Authority):
    own = authority.signs("old", "IP:127.0.0.1")
    assert shake(device_side(authority.root, None), server_side(own, None)) == "TLSv1.3"
    assert shake(old(device_side(authority.root, None)), old(server_side(own, None))) == "TLSv1.1"
    for client in (device_side(authority.root, None), package_side(authority.root)):
        with pytest.raises(ssl.SSLError, match=r"(?i)protocol|version"):
            shake(client, old(server_side(own, None)))
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol|version"):
        shake(old(device_side(authority.root, None)), server_side(own, None))
