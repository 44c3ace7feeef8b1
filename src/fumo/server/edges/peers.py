"""Who stands at the other end of a connection: the certificate of a handshake, or a proxy's word.

A proxy that ends TLS says what it saw in two headers. They are believed of connections from nets
that the operator named, and from those nothing else is: whoever comes from there shows what the
proxy says, not the proxy's own certificate. From anywhere else the headers are noise.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, TypeAlias

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fumo.dm.message import Shown
from fumo.wire.asgi import CERTIFICATE, App, Receive, Scope, Send
from fumo.wire.certificate import of_der, of_pem

Net: TypeAlias = IPv4Network | IPv6Network
HOP = "fumo.hop"
"""A key of the scope: the address that the connection comes from, whatever any header says."""
CERT, VERIFIED = b"x-ssl-client-cert", b"x-ssl-client-verify"
"""nginx: `$ssl_client_escaped_cert` and `$ssl_client_verify`."""
SUCCESS = b"SUCCESS"


class PeerProtocol(HttpToolsProtocol):
    """uvicorn's own, which also tells who the peer is."""

    certificate: Shown | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The handshake is over, if there was one."""
        super().connection_made(transport)
        self.certificate = _shown(transport.get_extra_info("ssl_object"))

    def on_message_begin(self) -> None:
        """A request's scope."""
        super().on_message_begin()
        told: Any = self.scope
        told[CERTIFICATE] = self.certificate
        told[HOP] = self.client[0] if self.client else ""


def by_proxies(app: App, nets: Sequence[Net]) -> App:
    """The application, for which proxies of these nets may speak."""

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_within(scope.get(HOP, ""), nets):
            scope = {**scope, CERTIFICATE: said(scope["headers"])}
        await app(scope, receive, send)

    return told if nets else app


def said(headers: Iterable[tuple[bytes, bytes]]) -> Shown | None:
    """What a proxy says: nothing, unless it says each thing once and vouches for it."""
    pairs = [(name, value) for name, value in headers if name in (CERT, VERIFIED)]
    found = dict(pairs)
    if len(pairs) != 2 or found.get(VERIFIED) != SUCCESS or not found.get(CERT):
        return None
    return _of_header(found[CERT])


def is_within(host: str, nets: Sequence[Net]) -> bool:
    """Is this address in one of the nets?"""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in net for net in nets)


@lru_cache(maxsize=4096)
def _of_header(value: bytes) -> Shown | None:
    try:
        return of_pem(value.decode("ascii", "replace"))
    except ValueError:
        return None


def _shown(tls: Any) -> Shown | None:
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    try:
        return of_der(der) if der else None
    except ValueError:
        return None
