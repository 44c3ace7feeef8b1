"""A firmware operation and the FUMO object it belongs to, as values. Pure.

    Operation = Accepted | Attempting | Applying | Sealed | Settled

Each state carries what its durable records say and nothing more. `Sealed` has no attempt in it:
from the seal on there is nothing left that could be tried again (FUMO 6.2). The one thing a
sealed operation still owes is its alert; the one thing a settled one may owe is cleaning up.

Invariant: a target holds at most one operation that is not sealed.
"""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from fumo.codes import Kind
from fumo.update.tally import Tally


class Phase(StrEnum):
    """What an attempt tries: each phase has a budget of its own."""

    DOWNLOAD = "download"
    APPLY = "apply"


class Order(Struct, frozen=True):
    """One accepted Exec (record D1). `url` for what downloads; an Update uses what is held."""

    op_id: int
    server: str
    object_uri: str
    kind: Kind
    correlator: str | None
    session_id: str
    msg_id: int
    cmd_id: int | str
    url: str | None = None


class Failure(Struct, frozen=True):
    """Why an attempt ended, the result code it would report, and whether trying again may help."""

    cause: str
    result: int
    temporary: bool


class Attempt(Struct, frozen=True):
    """One try within an operation (record D2). It is saved before the try begins."""

    phase: Phase
    n: int
    boot_id: int
    failure: Failure | None = None


class Checkpoint(Struct, frozen=True):
    """How much of a download is safe on disk (record D3); the data was synced before this."""

    length: int
    etag: str | None
    total: int | None = None


class Held(Struct, frozen=True):
    """A complete, verified package on the device (record D3h).

    `source` is the op_id of the download, or None when it came as PkgData. `manifest` is the
    one in the package, as it came: `fumo.package` reads it, no operation looks inside. It is None
    for a raw package of a foreign server. `length` and `sha256` are those of the whole file; where
    nobody vouched for a package before it was fetched, `sha256` is the one that its manifest has of
    the image.
    `after_op_id` is set by `step` for PkgData: the newest operation when it came, whose clean-up
    must not delete it.
    """

    package_id: str
    length: int
    sha256: str
    source: int | None = None
    manifest: bytes | None = None
    after_op_id: int = 0


class Intent(Struct, frozen=True):
    """What is about to be written, and where (record D4): saved before the first byte."""

    token: str
    slot: str
    from_version: str
    to_version: str
    sha256: str
    length: int
    boot_id: int
    security_counter: int = 0


class Evidence(StrEnum):
    """What an update agent can see of a token, whatever anybody remembers."""

    NONE = "none"  # nothing whole is in the slot
    WRITTEN = "written"  # the slot holds the image, the environment does not point at it
    FLIPPED = "flipped"  # the environment will try the slot at the next boot
    TRIAL = "trial"  # the slot runs, on trial
    GOOD = "good"  # the slot runs and is committed
    FELL_BACK = "fellback"  # the slot was tried and given up
    UNKNOWN = "unknown"  # nobody can tell


class Alert(Struct, frozen=True):
    """The sealed result as it will be told, any number of times, always the same (FUMO 6.2)."""

    type: str
    source: str
    result: int
    mark: str
    correlator: str | None


class Accepted(Struct, frozen=True, tag=True):
    """Ordered, or waiting after a temporary failure. `not_before_s` is monotonic, not saved."""

    order: Order
    attempts: tuple[Attempt, ...] = ()
    boots: int = 0
    not_before_s: float = 0.0


class Attempting(Struct, frozen=True, tag=True):
    """A download attempt is counted and may run; or its package is held already."""

    order: Order
    attempts: tuple[Attempt, ...]
    boots: int = 0


class Applying(Struct, frozen=True, tag=True):
    """The intent stands. `evidence` None: nobody has looked since the boot, so nothing is known.

    `cut`: a boot came in the middle of the newest attempt, so another write is another attempt.
    """

    order: Order
    attempts: tuple[Attempt, ...]
    intent: Intent
    boots: int = 0
    cut: bool = False
    evidence: Evidence | None = None
    healthy: bool | None = None
    not_before_s: float = 0.0


class Sealed(Struct, frozen=True, tag=True):
    """The result stands (record D7) and its alert is owed until acknowledged.

    `reached` is the part the result speaks of: State tells 20 from 70 and 80 by it.
    """

    order: Order
    alert: Alert
    refusals: int = 0
    reached: Phase = Phase.DOWNLOAD


class Settled(Struct, frozen=True, tag=True):
    """The alert was acknowledged, or refused for good (record D8)."""

    order: Order
    alert: Alert
    clean_up_owed: bool = False
    reached: Phase = Phase.DOWNLOAD


Operation: TypeAlias = Accepted | Attempting | Applying | Sealed | Settled
Open: TypeAlias = Accepted | Attempting | Applying


class Target(Struct, frozen=True):
    """One FUMO object: what it holds, and its operations, oldest first.

    `last_op_id` never goes back, so that a finished operation's number is never used again. The
    objects of one device share their numbers: each operation has one that no other object has.
    `emptied_after` is the newest operation when a package that came after it was taken away again;
    0: none was. `boot_id` is the boot that runs, told by Woke and not saved. `tallies` are the open
    operation's, one for each stage at whose gates it waited.
    """

    held: Held | None = None
    checkpoint: Checkpoint | None = None
    operations: tuple[Operation, ...] = ()
    last_op_id: int = 0
    emptied_after: int = 0
    boot_id: int = 0
    tallies: tuple[Tally, ...] = ()


class Policy(Struct, frozen=True):
    """How stubborn the device is. Bounds end every loop that a crash could otherwise make.

    Back-off is full jitter: a random part of min(cap, base · 2^(n-1)). `boots_max` bounds the
    boots in one phase whatever the attempts say; `refusals_max` the re-sends of a refused alert.
    """

    download_attempts_max: int = 8
    apply_attempts_max: int = 3
    backoff_base_s: float = 2.0
    backoff_cap_s: float = 3600.0
    boots_max: int = 28
    refusals_max: int = 5
    tombstones_max: int = 16
