"""What the server needs of the world, in its own words.

Edges fit these by shape. A `Store` call is one transaction: all of it is durable when it returns,
or none of it happened; it raises `StoreError` (or lets the database's own error through) only
when nothing can be known, and then no reply may leave.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from fumo.package.delta import Made
from fumo.server.attributes import Marks
from fumo.server.cancelling import Decide
from fumo.server.fetching import Fetching
from fumo.server.lasting import SignedRole
from fumo.server.rollout import Change, Standing
from fumo.server.rows import Campaign, Case, Device, Operation, Package, Writes
from fumo.server.targets import Targets
from fumo.server.waking import Parcel, Sent, Wake
from fumo.wire.exchange import Reply


class Ask(Struct, frozen=True):
    """Which rows a message needs: its device, its session, and the operations it names."""

    device_id: str
    session_id: str
    correlators: tuple[str, ...] = ()


class Store(Protocol):
    """The server's durable memory (S1 to S5)."""

    def ping(self) -> None:
        """Returns when the database answers."""

    def load(self, asks: Sequence[Ask]) -> list[Case]:
        """The rows for each, as one moment shows them."""

    def save(self, writes: Sequence[Writes]) -> list[bool]:
        """Compare-and-set, then write, all in one commit: who won. A loser changes nothing."""

    def add_device(self, device: Device) -> bool:
        """False when there is one of this id."""

    def device(self, device_id: str) -> Device | None:
        """One device."""

    def change_device(self, device_id: str, decide: Callable[[Device], Device]) -> Device | None:
        """Decide on a device that nobody else changes meanwhile, and end its sessions."""

    def bound_to(self, key_sha256: str) -> str | None:
        """The device that is bound to the certificate of this key."""

    def missing(self, device_ids: Sequence[str]) -> str | None:
        """The first of these that is not there."""

    def mark(self, targets: Targets, marks: Marks) -> int:
        """Set attributes and tags of all chosen devices: how many they are."""

    def next_notice(self, device_id: str, at_s: float) -> int:
        """The session id of this device's next notification, counted before it is given."""

    def address_of(self, device_id: str) -> str | None:
        """By which way a device is woken, as its attribute says."""

    def wake(self, wake: Wake) -> Wake:
        """Owed from now on; a device that is being woken already is asked for the same session."""

    def add_package(self, package: Package) -> Package:
        """The package with its id; the same name and version again must be the same file."""

    def find_package(self, name: str, version: str | None) -> Package | None:
        """By name and version, the newest added one when no version is given."""

    def package(self, package_id: int) -> Package | None:
        """One package."""

    def number_of(self, targets: Targets, package: Package) -> int:
        """How many devices a campaign with this package would take."""

    def add_campaign(self, campaign: Campaign, targets: Targets) -> Campaign:
        """S1: the campaign with its id, and a held operation for each device."""

    def place(self, at_s: float) -> int:
        """Let dynamic campaigns take up devices that changed: 0 when nothing came of it."""

    def campaign(self, campaign_id: int) -> Campaign | None:
        """One campaign."""

    def change(
        self, campaign_id: int, at_s: float, decide: Callable[[Standing], Change | None]
    ) -> Campaign | None:
        """Decide on a campaign that nobody else changes meanwhile; None: there is none."""

    def change_operation(self, operation_id: int, decide: Decide) -> Operation | None:
        """Decide on an operation that nobody else changes meanwhile; None: there is none."""

    def watched(self, at_s: float) -> list[int]:
        """Campaigns that run, or whose beginning or end has come."""

    def follow(
        self, campaign_id: int, at_s: float, make: Callable[[Campaign, Operation], Operation]
    ) -> list[Operation]:
        """S1: a new operation after each that is due, while the campaign runs."""

    def order_anew(
        self,
        campaign_id: int,
        ends: Sequence[str],
        at_s: float,
        order: Callable[[Campaign, set[str]], Campaign],
    ) -> int | None:
        """What ended so is to be followed now, whatever its policy; None: no such campaign.

        `order` decides on the campaign and the states that were found.
        """

    def operations_of(self, campaign_id: int) -> list[Operation]:
        """All operations of a campaign."""

    def due(self, at_s: float, limit: int) -> list[tuple[Device, Operation]]:
        """Operations that no session moved: planned past their deadline, others past one more."""


class Packages(Protocol):
    """Where devices find packages."""

    def url(self, operation_id: int, package: Package, how: Fetching, /) -> str:
        """The address that this operation alone is given, and that nobody can guess."""

    def data(self, package: Package) -> bytes | None:
        """All its bytes, for one that DM itself carries; None: they are gone, or are not these."""


class Readable(Protocol):
    """What bytes come out of, piece by piece."""

    def read(self, size: int, /) -> bytes:
        """The next piece; empty at the end."""


class Kept(Protocol):
    """A content that is whole and durable."""

    @property
    def sha256(self) -> str:
        """What it is named by."""

    @property
    def length(self) -> int:
        """In bytes."""


class Named(Kept, Protocol):
    """A content in a listing."""

    @property
    def at_s(self) -> float:
        """When it was added last."""


class Contents(Protocol):
    """Where the bytes of packages are kept; called from any thread."""

    def add(self, content: Readable) -> Kept:
        """Durable when it returns; nothing is kept when reading fails."""

    def find(self, sha256: str) -> object | None:
        """What is there of this name, or None."""

    def put_part(self, upload: str, number: int, content: bytes) -> None:
        """Keep a piece of an upload, durable when it returns."""

    def read_part(self, upload: str, number: int) -> bytes:
        """One piece; FileNotFoundError when it is gone."""

    def drop(self, upload: str) -> None:
        """Forget the pieces of an upload."""

    def uploads(self) -> Iterator[str]:
        """Every upload of which there are pieces."""

    def names(self) -> Iterator[Named]:
        """Every content."""

    def named(self) -> Iterator[str]:
        """The SHA-256 of contents that plain files name, such as signed metadata."""

    def remove(self, sha256: str, before_s: float) -> bool:
        """Take it away if it was added before this moment; was it?"""


class Sender(Protocol):
    """A way to a device that sleeps; called from several threads at once."""

    def send(self, parcel: Parcel) -> Sent:
        """What came of it, within a bounded time. Never raises."""

    def close(self) -> None:
        """Let go of what is held."""


class Porter(Protocol):
    """Told of who came without the certificate that a device is bound to; never raises or waits."""

    def turned_away(self, device_id: str, why: str) -> None:
        """Somebody bore this device's name with no certificate ('none'), or with 'other'."""


class DeltaMaker(Protocol):
    """Makes deltas between two contents, one at a time, in limits of its own."""

    @property
    def formats(self) -> tuple[str, ...]:
        """Those that can be made here, the one to try first before the others."""

    @property
    def seconds(self) -> int:
        """One takes no longer."""

    def make(self, base: str, target: str, format_: str, /) -> Made:
        """Between two contents by their SHA-256; kept when it returns. NotMade: it says why."""

    def stop(self) -> None:
        """End for good, from any thread; what is being made is not."""


class SignedPackages(Protocol):
    """What devices are given to believe packages by."""

    def roles(self) -> Sequence[SignedRole]:
        """Each that is published; none: nothing is. Raises when that cannot be known, and why."""


class Meter(Protocol):
    """Counts what is done; never raises, never waits."""

    def turned(self, replies: Sequence[Reply], seconds: float) -> None:
        """A batch was answered, which took so long."""

    def answered(self, statuses: Iterable[int]) -> None:
        """Messages were answered without being decided."""


class Clock(Protocol):
    """The time of day."""

    def now_s(self) -> float:
        """Seconds since the epoch."""


class Dice(Protocol):
    """Randomness."""

    def octets(self, count: int) -> bytes:
        """Unguessable bytes."""
