"""A siege from its first campaign to the judge: threads of devices and of operators, and deaths."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from fumo.errors import PeerError
from fumo.server.edges.opening import open_database
from tests.siege.castle import Castle
from tests.siege.evidence import gathered
from tests.siege.judge import ENDED, Evidence
from tests.siege.network import Network
from tests.siege.operators import Operators
from tests.siege.witness import Witness

LOADS = 3
CAMPAIGN_EVERY_S = 1.0
AWAKE_MAX = 24
"""Of all devices, the newest ones that come while there is fighting."""
SETTLE_S = 240.0
"""More than twice the deadline of an operation."""


@dataclass
class Siege:
    """One castle, its devices and its operators."""

    castle: Castle
    seed: int
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._failed: list[BaseException] = []
        self._peace = False
        self.operators = Operators(self._folders, random.Random(self.seed))

    def _folders(self) -> list[Path]:
        return [server.data for server in self.castle.servers]

    def _urls(self) -> list[str]:
        return [server.dm_url for server in self.castle.servers]

    # --- the whole of it --------------------------------------------------------------------------

    def fought(self, kills: int, database_every: int = 5) -> Evidence:
        """Under load until there were so many deaths, and more than twice as many operations
        ordered: a busy machine orders slowly. Then in peace, until all has ended.
        """
        with self._threads():
            self.castle.besieged(kills, database_every, lambda: self._ordered() > 2 * kills)
            self._peace = True
            self.castle.relieved()
            self._settled()
        self.castle.close()  # whoever counts wants nothing to move meanwhile
        self._well()
        at_work = self.operators
        return gathered(self.castle.where, at_work.campaigns, at_work.devices, self.faults)

    def _ordered(self) -> int:
        """Operations that were ordered so far, retries aside."""
        self._well()
        return sum(map(len, list(self.operators.campaigns.values())))

    def _well(self) -> None:
        if self._failed:
            raise self._failed[0]

    @contextmanager
    def _threads(self) -> Iterator[None]:
        jobs = [self._operator, *(lambda n=n: self._load(n) for n in range(LOADS))]
        running = [threading.Thread(target=self._runs, args=(job,)) for job in jobs]
        for thread in running:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in running:
                thread.join(SETTLE_S)

    def _runs(self, job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as fault:
            self._failed.append(fault)

    # --- operators --------------------------------------------------------------------------------

    def _operator(self) -> None:
        """Campaigns while there is fighting; then the words that everything waits for."""
        at_work, next_s = self.operators, 0.0
        while not self._over.wait(0.1):
            if self._peace:
                at_work.settles()
            elif time.monotonic() >= next_s:
                at_work.begins()
                next_s = time.monotonic() + CAMPAIGN_EVERY_S
            else:
                at_work.steers()
                if at_work.dice.random() < 0.3:
                    at_work.dice.choice((at_work.retries, at_work.cancels))()

    def _settled(self) -> None:
        """Until no operation is on its way."""
        end_s = time.monotonic() + SETTLE_S
        sql = "SELECT DISTINCT state FROM operation"
        with closing(open_database(self.castle.where)) as db:
            while time.monotonic() < end_s and {state for (state,) in db.rows(sql)} - ENDED:
                self._well()
                time.sleep(0.3)

    # --- devices ----------------------------------------------------------------------------------

    def _load(self, number: int) -> None:
        """Sessions of one device after the other, each for as long as it holds."""
        dice = random.Random(f"{self.seed} {number}")
        network = Network(self._urls, dice)
        with closing(network):
            while not self._over.is_set():
                awake = self.operators.devices[0 if self._peace else -AWAKE_MAX :]
                if not awake:
                    time.sleep(0.05)
                    continue
                device = dice.choice(awake)
                if device.lock.acquire(blocking=False):
                    with closing(_Held(device)):
                        self._session(device, network)
        self.faults += network.faults

    def _session(self, device: Witness, network: Network) -> None:
        with suppress(OSError, PeerError):  # given up: the next one says what is owed
            device.talk(network.post)
        device.works()


class _Held:
    def __init__(self, device: Witness) -> None:
        self.close = device.lock.release
