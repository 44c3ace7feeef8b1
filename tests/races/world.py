"""Two servers on one database, where an order can be put between a decision and its commit."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from fumo.server.edges.admin_store import AdminStore, Clash
from fumo.server.edges.follow_store import Anew
from fumo.server.edges.opening import open_database
from fumo.server.office import Office
from fumo.server.rollout import Denied
from fumo.server.rows import Package, Writes
from fumo.server.steering import By
from fumo.wire.exchange import Reply
from tests.server.world import World
from tests.siege.witness import Witness

KEY_BYTES = 16


SOMEBODY = By("somebody else", "because")


class Interrupted(AdminStore):
    """A store whose user is overtaken: once, after it has decided and before it writes."""

    between: Callable[[], None] | None = None

    def save(self, writes: Sequence[Writes]) -> list[bool]:
        self._meanwhile()
        return super().save(writes)

    def order_anew(
        self, campaign_id: int, ends: Sequence[str], at_s: float, order: Anew
    ) -> int | None:
        self._meanwhile()
        return super().order_anew(campaign_id, ends, at_s, order)

    def _meanwhile(self) -> None:
        job, self.between = self.between, None
        if job is not None:
            job()


class Server(World):
    """One server; its dice never draw what another's drew."""

    def __init__(self, where: Path | str, number: int) -> None:
        self.number = number
        super().__init__(where)
        self.dice.drawn = number << 64

    def open(self) -> None:
        super().open()
        self.store.close()
        self.store = Interrupted(open_database(self.where))
        self.pump = replace(self.pump, store=self.store)

    @property
    def office(self) -> Office:
        return Office(self.store, self.dice.octets)

    def meanwhile(self, job: Callable[[], None] | None) -> None:
        """What happens between the next decision and its commit."""
        assert isinstance(self.store, Interrupted)
        self.store.between = job


class Two:
    """Two servers with one clock; the second one also does what operators say."""

    def __init__(self, where: Path | str) -> None:
        self.where = where
        self.first, self.second = Server(where, 1), Server(where, 2)
        self.second.store.add_package(Package(0, "fw", "2", "ab" * 32, 100))

    def close(self) -> None:
        self.first.close()
        self.second.close()

    def passes(self, seconds: float) -> None:
        """Time, and what it does."""
        for server in (self.first, self.second):
            server.at_s += seconds
        self.second.sweeps()

    def post(self, device: Witness, body: bytes) -> Reply:
        return self.first.post(device, body)

    def steer(self, campaign_id: int, word: str) -> None:
        with suppress(Denied):
            self.second.office.steer(campaign_id, word, self.second.at_s, SOMEBODY)

    def cancel(self, operation_id: int) -> None:
        with suppress(Denied):
            self.second.office.cancel(operation_id, "operator", self.second.at_s)

    def retry(self, server: Server, campaign_id: int) -> None:
        with suppress(Denied, Clash):
            server.office.retry(campaign_id, server.at_s)
