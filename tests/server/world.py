"""The server's world in memory: real desk, pump and database; a clock and dice that obey.

`restart` drops everything but the database and builds the server anew from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fumo.codes import Kind
from fumo.dm.codec import decode
from fumo.dm.message import Envelope
from fumo.server.desk import Desk
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.opening import open_database
from fumo.server.fetching import Fetching
from fumo.server.office import Office
from fumo.server.pump import Pump, turn
from fumo.server.rows import Campaign, Device, Operation, OperationState, Package
from fumo.server.sweep import advance, sweep
from fumo.server.targets import Targets
from fumo.wire.exchange import Reply
from tests.server.device import Device as Peer

FIRMWARE = Package(0, "fw", "2", "ab" * 32, 100)
DAY_S = 24 * 3600.0


@dataclass
class Dice:
    """Octets that never repeat, and that a story can foretell."""

    drawn: int = 0

    def octets(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")


class Packages:
    """Addresses that name their operation."""

    def url(self, operation_id: int, package: Package, how: Fetching) -> str:
        end = "/descriptor" if how.described else ""
        return f"http://depot/{operation_id}/{package.sha256}{end}"

    def data(self, package: Package) -> bytes | None:
        return bytes(range(256)) * (package.length // 256) if package.length else None


def heard(peer: Peer, body: bytes) -> Envelope:
    """A body as it comes in, at the address where its peer believes to be heard."""
    query = peer.address.partition("?")[2]
    return Envelope(decode(body, peer.media_type), body, peer.media_type, peer.private, query)


@dataclass
class World:
    """A server and its clock."""

    where: Path | str
    at_s: float = 1_000_000.0
    dice: Dice = field(default_factory=Dice)
    store: AdminStore = field(init=False)
    pump: Pump = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.store = AdminStore(open_database(self.where))
        self.pump = Pump(Desk("fumo", b"k" * 32), self.store, Packages(), self.dice)

    def restart(self) -> None:
        """Nothing but the database is left."""
        self.store.close()
        self.open()

    def close(self) -> None:
        self.store.close()

    # --- messages ---------------------------------------------------------------------------------

    def post(self, peer: Peer, body: bytes) -> Reply:
        [answer] = self.posts([(peer, body)])
        return answer

    def posts(self, pairs: Sequence[tuple[Peer, bytes]]) -> list[Reply]:
        return turn(self.pump, [heard(peer, body) for peer, body in pairs], self.at_s)

    # --- an operator ------------------------------------------------------------------------------

    def knows(self, peer: Peer, profile: str = "standard") -> Peer:
        device = Device(peer.id, peer.user, peer.secret, peer.server_secret, profile)
        assert self.store.add_device(device)
        return peer

    def orders(
        self,
        *peers: Peer,
        kind: Kind = Kind.DOWNLOAD_AND_UPDATE,
        deadline_s: float = DAY_S,
        package: Package = FIRMWARE,
        **terms: Any,
    ) -> Campaign:
        package = self.store.add_package(package)
        campaign = Campaign(0, "c", package.id, kind, self.at_s, deadline_s, **terms)
        campaign = self.store.add_campaign(campaign, Targets(tuple(p.id for p in peers)))
        advance(self.store, campaign.id, self.at_s)
        return campaign

    def retries(self, campaign: Campaign) -> list[Operation]:
        """What an operator's retry makes."""
        before = {o.id for o in self.operations()}
        Office(self.store, self.dice.octets).retry(campaign.id, self.at_s)
        return [o for o in self.operations() if o.id not in before]

    def sweeps(self) -> int:
        return sweep(self.store, self.at_s, self.dice.octets)

    # --- what can be seen -------------------------------------------------------------------------

    def operations(self) -> list[Operation]:
        sql = "SELECT DISTINCT campaign_id FROM operation ORDER BY 1"
        ids = [number for (number,) in self.store.db.rows(sql)]
        return [o for number in ids for o in self.store.operations_of(number)]

    def operation(self) -> Operation:
        [one] = self.operations()
        return one

    @property
    def states(self) -> list[OperationState]:
        return [o.state for o in sorted(self.operations(), key=lambda o: o.id)]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.store.db.rows(sql)]

    def runs(self, sql: str) -> None:
        """Somebody at the database's prompt."""
        self.store.db.run(sql)

    @property
    def results(self) -> list[tuple[object, ...]]:
        return self.rows("SELECT operation_id, code FROM result ORDER BY 1")

    @property
    def matches(self) -> list[object]:
        return [match for (match,) in self.rows("SELECT match FROM alert ORDER BY id")]

    @property
    def tally(self) -> dict[object, object]:
        return {s: n for s, n in self.rows("SELECT state, sum(number) FROM tally GROUP BY 1") if n}
