"""Sockets and uvicorn: what serves the ASGI applications, and stops when told.

The parser must be httptools and the loop uvloop: without either a message costs several times as
much, and nobody would see why.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from fumo.server.edges.peers import PeerProtocol

KEEP_ALIVE_S = 75
BACKLOG = 1024


class Quiet(uvicorn.Server):
    """Leaves signals to whoever runs it. `tls` guards its connections, if it is there."""

    tls: ssl.SSLContext | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield


def tcp(host: str, port: int) -> socket.socket:
    """A bound socket; OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound


def unix(path: Path) -> socket.socket:
    """A bound Unix socket for the owner alone; one left over by a dead server makes room."""
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(path))
        path.chmod(0o600)
        bound.listen(BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound


def server(
    app: Any, tls: ssl.SSLContext | None = None, proxies: Sequence[IPv4Network | IPv6Network] = ()
) -> Quiet:
    """A uvicorn for one application. Of who came, only `proxies` may say another than it sees."""
    config = uvicorn.Config(
        app,
        http=PeerProtocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=[str(net) for net in proxies],
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=3,
    )
    quiet = Quiet(config)
    quiet.tls = tls
    return quiet


async def serve(
    pairs: Sequence[tuple[Quiet, socket.socket]],
    ended: asyncio.Event,
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Serve all until `ended` is set, then stop them; `ending` ends what would go on for ever."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, uvloop.Loop), "the loop is not uvloop"
    for one, _ in pairs:
        one.config.load()
        one.config.ssl = one.tls
        assert one.config.http_protocol_class is PeerProtocol
    tasks = [asyncio.create_task(one.serve(sockets=[bound])) for one, bound in pairs]
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    ending()
    for one, _ in pairs:
        one.should_exit = True
    waiting.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def new_loop() -> asyncio.AbstractEventLoop:
    """The loop that `serve` insists on."""
    return uvloop.new_event_loop()
