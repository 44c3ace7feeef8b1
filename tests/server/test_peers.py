"""What a proxy says of a certificate: once, with its verdict, from its own net, or not at all."""

import asyncio
import ssl
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

import pytest

from fumo.dm.message import Shown
from fumo.server.edges.peers import CERT, HOP, VERIFIED, by_proxies, is_within, said
from fumo.wire.asgi import CERTIFICATE, Receive, Scope, Send
from fumo.wire.certificate import of_pem
from fumo.wire.tls import server_side
from tests.wire.certificates import NEEDED, Authority

pytestmark = NEEDED
NETS = (ip_network("10.0.0.0/24"), ip_network("fd00::/64"))
GOOD = (VERIFIED, b"SUCCESS")


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    return Authority(tmp_path_factory.mktemp("p"), "root").signs("IMEI:7").chain.read_text()


@pytest.fixture
def cert(pem: str) -> tuple[bytes, bytes]:
    return CERT, quote(pem).encode()


def test_a_verified_certificate_is_taken(pem: str, cert: tuple[bytes, bytes]):
    assert said([(b"host", b"x"), GOOD, cert]) == of_pem(pem)


def test_a8_anything_else_is_none(cert: tuple[bytes, bytes]):
    for verdict in (
        b"FAILED:self signed certificate",
        b"NONE",
        b"",
        b"success",
        b"SUCCESS,SUCCESS",
    ):
        assert said([(VERIFIED, verdict), cert]) is None
    assert said([cert]) is None
    assert said([GOOD]) is None
    assert said([GOOD, (CERT, b"")]) is None
    assert said([GOOD, (CERT, b"%00")]) is None
    for more in (GOOD, cert, (VERIFIED, b"NONE"), (CERT, b"x")):
        assert said([GOOD, cert, more]) is None, "who wrote the second one?"
        assert said([more, GOOD, cert]) is None


@pytest.mark.parametrize(
    ("host", "inside"),
    [("10.0.0.9", True), ("10.0.1.9", False), ("::ffff:10.0.0.9", True), ("fd00::1%eth0", True),
     ("fd01::1", False), ("", False), ("10.0.0.9.example", False)],
)  # fmt: skip
def test_a_net_is_that_of_the_connection(host: str, inside: bool):
    assert is_within(host, NETS) is inside


@pytest.mark.parametrize(
    ("hop", "client", "believed"),
    [("10.0.0.9", "198.51.100.7", True), ("198.51.100.7", "10.0.0.9", False),
     ("198.51.100.7", "198.51.100.7", False)],
)  # fmt: skip
def test_a8_headers_count_by_who_connected_and_not_by_who_is_said_to_come(
    cert: tuple[bytes, bytes], pem: str, hop: str, client: str, believed: bool
):
    own, seen = Shown("ee" * 32), list[object]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope[CERTIFICATE])

    scope = {"type": "http", "headers": [GOOD, cert], HOP: hop, "client": (client, 1),
             CERTIFICATE: own}  # fmt: skip
    nothing: object = None
    asyncio.run(by_proxies(app, NETS)(scope, nothing, nothing))  # type: ignore[arg-type]
    assert seen == [of_pem(pem) if believed else own]
    scope["headers"] = []
    asyncio.run(by_proxies(app, NETS)(scope, nothing, nothing))  # type: ignore[arg-type]
    assert seen[1] == (None if believed else own), "a proxy's own certificate is no device's"


@pytest.mark.clause("A3-01")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_a8_an_older_handshake_ends_in_a_refusal(tmp_path: Path, newest: ssl.TLSVersion):
    """In memory, both sides real: the client would speak 1.0 or 1.1, and nothing newer."""
    authority = Authority(tmp_path, "root")
    ours = server_side(authority.signs("server", "DNS:here"), None)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(authority.root)
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version, client.maximum_version = ssl.TLSVersion.TLSv1, newest
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        client.wrap_bio(down, up, server_hostname="here").do_handshake()
    assert up.pending
    with pytest.raises(ssl.SSLError, match=r"(?i)unsupported.protocol"):
        ours.wrap_bio(up, down, server_side=True).do_handshake()
