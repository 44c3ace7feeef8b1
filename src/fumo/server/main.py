"""The server, put together: store, pump, DM endpoint, admin interface and pages.

`Server` is built of a data folder and the Packages port; `run` serves until a signal or `stop`.
The DM endpoint and the pages share one listener, the admin interface has a Unix socket.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from fumo.dm.message import Envelope
from fumo.server.desk import Desk
from fumo.server.edges import supervisor
from fumo.server.edges.access.keeper import Keeper
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.backup import back_up
from fumo.server.edges.contents.collecting import Collector
from fumo.server.edges.database import StoreError
from fumo.server.edges.deltas.background import Deltas
from fumo.server.edges.depot_log import take_in
from fumo.server.edges.ending import Ending
from fumo.server.edges.events.deliveries import Deliveries
from fumo.server.edges.events.guard import Net
from fumo.server.edges.events.keeping import Keeping
from fumo.server.edges.events.relay import Relay
from fumo.server.edges.folder import Folder
from fumo.server.edges.keys import share_keys
from fumo.server.edges.lasting import Lasting
from fumo.server.edges.listener import new_loop, serve, server, tcp, unix
from fumo.server.edges.logs import begin_log
from fumo.server.edges.metrics import Metrics
from fumo.server.edges.migrate import HEAD, upgrade
from fumo.server.edges.news import News
from fumo.server.edges.opening import open_database
from fumo.server.edges.pages.app import pages_app
from fumo.server.edges.peers import by_proxies
from fumo.server.edges.pump_thread import PumpThread
from fumo.server.edges.rest.app import BASE, rest_app
from fumo.server.edges.rest.desk import Desk as AdminDesk
from fumo.server.edges.rest.door import OWNER
from fumo.server.edges.restored import restored
from fumo.server.edges.senders.settings import Senders
from fumo.server.edges.senders.settings import make as make_senders
from fumo.server.edges.tickets import Tickets
from fumo.server.edges.views import Views
from fumo.server.edges.visits import Visits
from fumo.server.edges.vitals import vitals_app
from fumo.server.edges.waking.taking import Terms
from fumo.server.edges.waking.waker import Waker
from fumo.server.office import Office
from fumo.server.ports import Contents, DeltaMaker, Packages, SignedPackages
from fumo.server.pump import Pump
from fumo.server.retention import Retention
from fumo.wire.asgi import App, Receive, Scope, Send, endpoint
from fumo.wire.exchange import Reply
from fumo.wire.tls import Certificate, server_side

__all__ = [
    "HEAD", "Config", "Folder", "Ready", "Senders", "Server", "back_up", "begin_log", "restored",
    "share_keys", "upgrade",
]  # fmt: skip

DM_PATH = "/dm"
LOG_EVERY_S = 0.5
log = logging.getLogger("fumo.server")
SOCKET_PATH_MAX = 100
"""Bytes of a Unix socket's path: the system takes no more than 107."""


class SystemDice:
    """Unguessable octets."""

    def octets(self, count: int) -> bytes:
        """From the system."""
        return secrets.token_bytes(count)


class Config(Struct, frozen=True):
    """Where to listen, and the server's name in its own credentials.

    `metrics`: whoever comes may read `/metrics`.
    `database` is the address of PostgreSQL; None: a file in the data folder.
    `certificate` makes it TLS; with `device_roots` who has no certificate of theirs is let in
    nowhere on that listener, unless `certificate_optional`: then only devices that are bound to one
    need it. `webhook_nets` are inside, and webhooks may lead there all the same. `grace_s` it is
    not ready before it ends. `proxy_nets`: what somebody there says of who came, and how
    (X-Forwarded-For and -Proto, X-SSL-Client-Cert), is believed. `public_url` is where people
    come, if that is not where it listens. `senders` are the ways to devices that sleep.
    """

    host: str
    port: int
    server_id: str = "fumo"
    certificate: Certificate | None = None
    device_roots: Path | None = None
    database: str | None = None
    metrics: bool = False
    webhook_nets: tuple[Net, ...] = ()
    retention: Retention = Retention()
    grace_s: float = 0.0
    proxy_nets: tuple[Net, ...] = ()
    public_url: str | None = None
    senders: Senders = Senders()
    certificate_optional: bool = False


class Ready(Struct, frozen=True):
    """What a server tells that listens: where devices come, people (once), and operators."""

    dm_url: str
    page_url: str
    admin_socket: Path


class Server:
    """One server over one folder. `run` it, from the main thread or another."""

    def __init__(
        self, folder: Folder, config: Config, packages: Packages, contents: Contents,
        maker: DeltaMaker | None = None, signed: SignedPackages | None = None,
    ) -> None:  # fmt: skip
        """Binds both addresses: OSError when one is taken. No `maker`, no deltas."""
        if len(os.fsencode(folder.socket)) > SOCKET_PATH_MAX:
            raise OSError(f"{folder.socket} is too long for a socket: use a shorter --data")
        self._folder, self._config = folder, config
        own = config.certificate
        optional = config.certificate_optional
        self._tls = server_side(own, config.device_roots, optional=optional) if own else None
        self._tcp = tcp(config.host, config.port)
        self._unix = unix(folder.socket)
        where = config.database or folder.database
        self.store = AdminStore(open_database(where))
        self.views = Views(open_database(where, reads_only=True))
        dice, key = SystemDice(), folder.key("server")
        desk = Desk(config.server_id, key)
        self.news = News()
        self.lasting = Lasting(signed)
        self.metrics = Metrics(self.views, self.lasting.left)
        pump = Pump(desk, self.store, packages, dice, self.metrics.porter)
        self._deliveries = Deliveries(config.webhook_nets)
        duties = (self._deliveries, Keeping(config.retention), self.lasting)
        self.collector = Collector(open_database(where), contents)
        self.relay = Relay(open_database(where), self.news.ring, duties)
        terms = Terms(config.server_id, config.senders.patience)
        senders = make_senders(config.senders, config.webhook_nets)
        self.waker = Waker(open_database(where), terms, senders)
        self.deltas = Deltas(open_database(where), maker, self.relay.ring) if maker else None
        self.thread = PumpThread(pump, told=self._committed, meter=self.metrics)
        self.office = Office(self.store, dice.octets, config.server_id)
        self.tickets = Tickets(self.views.db, self.store.db)
        admin = AdminDesk(
            self.thread,
            self.office,
            self.views,
            self.new_link,
            contents,
            self.collector,
            self.waker.push,
            self.lasting.told,
        )
        self.keeper = Keeper(self.views.db, self.store.db, admin.order)
        self._rest: Any = rest_app(admin, self.store, self.news, self.keeper)
        visits = Visits(self.views.db, self.store.db)
        safe = self.public.startswith("https:")
        self._pages: Any = pages_app(admin, self.news, self.tickets, visits, self._rest, tls=safe)
        self._ending = Ending(config.grace_s)

    @property
    def address(self) -> str:
        """`http://host:port` as it was bound, `https` with a certificate."""
        host, port = self._tcp.getsockname()[:2]
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    @property
    def public(self) -> str:
        """The address that people are told."""
        return (self._config.public_url or self.address).rstrip("/")

    def new_link(self) -> str:
        """An address that lets one browser in, once; on the writer's thread."""
        return f"{self.public}/login/{self.tickets.new()}"

    def _committed(self) -> None:
        self.relay.ring()
        self.waker.ring()

    def stop(self) -> None:
        """End `run`, from any thread."""
        self._ending.at_once()

    def run(
        self, ready: Callable[[Ready], None] = lambda _: None,
        end_depot: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Serve until `stop`, SIGTERM or SIGINT; then everything is closed.

        `end_depot` is called before the depot's log is taken in for the last time.
        """
        self.thread.start()
        self.relay.start()
        self.collector.start()
        self.waker.start()
        if self.deltas is not None:
            self.deltas.start()
        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                log.info("serving at %s", self.address)
                runner.run(self._serve(ready, end_depot))
        finally:
            self.thread.stop()
            self.waker.stop()
            self._deliveries.stop()
            if self.deltas is not None:
                self.deltas.stop()
            self.relay.stop()
            self.lasting.stop()
            self.collector.stop()
            for each in (self._tcp, self._unix, self.views, self.store, self._folder):
                each.close()
            log.info("ended")

    async def _serve(
        self, ready: Callable[[Ready], None], end_depot: Callable[[], None]
    ) -> None:  # fmt: skip
        loop = asyncio.get_running_loop()
        self.news.attach(loop)
        self._ending.attach(loop)
        follower = asyncio.create_task(self._follow_depot())
        link = await asyncio.wrap_future(self.thread.call(self.new_link))
        ready(Ready(self.address + DM_PATH, link, self._folder.socket))
        supervisor.tell(supervisor.READY)
        pairs: list[tuple[Any, socket.socket]] = [
            (server(self._front(), self._tls, self._config.proxy_nets), self._tcp),
            (server(self._admin()), self._unix),
        ]
        await serve(pairs, self._ending.ended, self.news.end)
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)
        await asyncio.to_thread(end_depot)
        while await self._take_in():
            pass

    def _front(self) -> App:
        """DM messages to the pump, programs to the API, everything else to the pages."""
        vitals = vitals_app(self.thread, self.store, self.metrics, self._ending)
        dm = by_proxies(endpoint(self._answer), self._config.proxy_nets)
        apps = {DM_PATH: dm, "/healthz": vitals, "/readyz": vitals}
        if self._config.metrics:
            apps["/metrics"] = vitals

        async def front(scope: Scope, receive: Receive, send: Send) -> None:
            other = self._rest if _is_rest(scope) else self._pages
            await apps.get(scope.get("path", "").rstrip("/"), other)(scope, receive, send)

        return front

    async def _answer(self, envelope: Envelope) -> Reply:
        return await asyncio.wrap_future(self.thread.message(envelope))

    def _admin(self) -> App:
        """Who reaches the socket is the owner."""

        async def admin(scope: Scope, receive: Receive, send: Send) -> None:
            await self._rest({**scope, OWNER: True}, receive, send)

        return admin

    async def _follow_depot(self) -> None:
        path, size = self._folder.depot_log, -1
        while True:
            await asyncio.sleep(LOG_EVERY_S)
            now = path.stat().st_size if path.exists() else 0
            if now != size:
                size = now if await self._take_in() == 0 else -1

    async def _take_in(self) -> int | None:
        """So many new lines of the depot's log are stored now; None: not now, the lines wait."""
        path, depot = self._folder.depot_log, self._folder.identity
        job = self.thread.call(lambda: take_in(self.store.db, path, depot))
        try:
            return await asyncio.wrap_future(job)
        except StoreError as fault:
            log.warning("the depot's log is not taken in: %s", fault)
            return None


def _is_rest(scope: Scope) -> bool:
    path: str = scope.get("path", "")
    return path == BASE or path.startswith(BASE + "/")
