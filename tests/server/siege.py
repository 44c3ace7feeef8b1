"""Several real servers on one PostgreSQL, devices that speak to any of them, and a hand that kills.

Every message goes to a server drawn at random; replies get lost, messages come twice. Servers and
the database are killed (SIGKILL, or PostgreSQL's immediate stop) and started again meanwhile.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from fumo.codes import Kind
from fumo.errors import PeerError
from fumo.server.campaign import plan
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.database import StoreError
from fumo.server.edges.opening import open_database
from fumo.server.rows import Campaign, Package
from fumo.server.rows import Device as Row
from fumo.wire.client import Link
from fumo.wire.exchange import Reply
from tests.postgres import Cluster
from tests.server.device import Device
from tests.server.process import Process
from tests.server.world import Dice

LOST, TWICE = 0.3, 0.5
PATIENCE_S = 60.0


@dataclass
class Siege:
    """The servers, and all devices that were ever ordered anything."""

    cluster: Cluster
    url: str
    folders: list[Path]
    seed: int
    servers: list[Process] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    kills: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._ids, self._dice = count(1), Dice()
        self._operators = threading.Lock()
        for folder in self.folders:
            self.servers.append(self._started(folder))

    def _started(self, folder: Path, listen: str = "127.0.0.1:0") -> Process:
        return Process(folder, listen, "127.0.0.1:0", "--database", self.url)

    # --- the hand that kills ----------------------------------------------------------------------

    def kill_a_server(self, dice: random.Random) -> None:
        """SIGKILL, and a new one at the same address."""
        number = dice.randrange(len(self.servers))
        old = self.servers[number]
        old.kill()
        self.servers[number] = self._started(old.data, old.listen)
        self.kills += 1

    def kill_the_database(self) -> None:
        """All connections end, committing or not."""
        self.cluster.stop()
        self.cluster.start()
        self.kills += 1

    # --- devices ----------------------------------------------------------------------------------

    def ordered(self) -> Device:
        """A new device with one operation; an operator tries until it is stored."""
        with self._operators:
            device = Device(f"IMEI:{next(self._ids)}")
            patiently(lambda: self._order(device))
            self.devices.append(device)
            return device

    def _order(self, device: Device) -> None:
        with closing(AdminStore(open_database(self.url))) as store:
            store.add_device(Row(device.id, device.user, device.secret, device.server_secret))
            package = store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
            kind = Kind.DOWNLOAD_AND_UPDATE
            campaign = Campaign(0, device.id, package.id, kind, time.time(), 3600.0)
            sql = "SELECT count(*) FROM operation WHERE device_id = ?1"
            if store.db.rows(sql, device.id) == [(0,)]:  # an order may have been stored unheard
                planned = plan(campaign, [device.id], time.time(), self._dice.octets)
                store.add_campaign(campaign, planned)

    def works(self, device: Device, dice: random.Random) -> None:
        """Sessions until its result is acknowledged."""
        end_s = time.monotonic() + PATIENCE_S
        with closing(Line(self, dice)) as line:
            while not device.acked:
                assert time.monotonic() < end_s, f"{device.id} cannot deliver its result"
                try:
                    device.talk(line.post)
                except (OSError, AssertionError, PeerError):
                    time.sleep(0.05)  # the session is given up; the next says what is owed
                if device.execs and device.state == "30":
                    device.finishes(200, "90")

    def load(self, seed: int) -> None:
        """One device after the other, until it is over."""
        dice = random.Random(seed)
        while not self.over.is_set():
            self.works(self.ordered(), dice)

    @contextmanager
    def under_load(self, threads: int) -> Iterator[None]:
        """Meanwhile devices come."""
        failed: list[BaseException] = []

        def run(seed: int) -> None:
            try:
                self.load(seed)
            except BaseException as fault:
                failed.append(fault)

        running = [threading.Thread(target=run, args=(self.seed + n,)) for n in range(threads)]
        for thread in running:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in running:
                thread.join(PATIENCE_S * 2)
        assert not failed, failed[0]

    def stop(self) -> None:
        for server in self.servers:
            server.stop()


class Line:
    """A device's way to the servers: any of them, with lost replies and doubled messages."""

    def __init__(self, siege: Siege, dice: random.Random) -> None:
        self._siege, self._dice, self._link = siege, dice, Link()

    def close(self) -> None:
        self._link.close()

    def post(self, device: Device, body: bytes) -> Reply:
        reply = self._patient(device, body)
        if self._dice.random() < TWICE:
            reply = self._patient(device, body)
        while self._dice.random() < LOST:
            reply = self._patient(device, body)
        return reply

    def _patient(self, device: Device, body: bytes) -> Reply:
        """The very same bytes again while nobody answers."""
        for _ in range(40):
            server = self._dice.choice(self._siege.servers)
            query = urlsplit(device.address).query
            try:
                heard = self._link.post(f"{server.dm_url}?{query}", body, device.media_type)
                return Reply(200, heard.body, heard.media_type)
            except (OSError, PeerError):
                time.sleep(0.1)
        raise OSError("no server answers")


def patiently(job: Callable[[], None]) -> None:
    """Again while the database is away."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return job()
        except (StoreError, OSError):
            assert time.monotonic() < end_s
            time.sleep(0.1)
