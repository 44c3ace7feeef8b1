"""What the server knows, as values: the rows of its store. Pure.

Times ending in `_at_s` are seconds since the epoch. The guard of all rows of a device is
`Device.version`: whoever changes its sessions or operations raises it by compare-and-set.
"""

from enum import StrEnum

from msgspec import Struct

from fumo.codes import Kind
from fumo.dm.session import Nonces, SessionState


class OperationState(StrEnum):
    """What is known of an operation (`docs/reference/operations.md`)."""

    PLANNED = "planned"
    SENT = "sent"
    ACCEPTED = "accepted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class FumoObject(Struct, frozen=True):
    """A FUMO management object found on a device, and which operations it offers."""

    uri: str
    kinds: tuple[Kind, ...] = ()


class Device(Struct, frozen=True):
    """A device, its credentials, and what it told of itself. Secrets never show in a repr."""

    id: str
    user: str
    secret: str
    server_secret: str
    profile: str = "standard"
    version: int = 0
    nonces: Nonces = Nonces()
    info: dict[str, str] = {}
    objects: tuple[FumoObject, ...] = ()
    seen_at_s: float | None = None

    def __repr__(self) -> str:
        return f"Device({self.id!r}, version={self.version})"


class Package(Struct, frozen=True):
    """A file in the depot. `manifest` None for a raw one, sent as it is."""

    id: int
    name: str
    version: str
    sha256: str
    length: int
    model: str | None = None
    from_version: str | None = None


class Campaign(Struct, frozen=True):
    """Operations of one kind and one package for many devices."""

    id: int
    name: str
    package_id: int
    kind: Kind
    created_at_s: float


class Operation(Struct, frozen=True):
    """One intended update of one device: at most one Exec is ever accepted for it.

    `state_before` is the State the device showed before the Exec was sent; `asked` counts the
    deadlines that made us ask again.
    """

    id: int
    device_id: str
    campaign_id: int
    package_id: int
    kind: Kind
    correlator: str
    state: OperationState
    url: str | None
    created_at_s: float
    due_at_s: float
    retry_of: int | None = None
    object_uri: str | None = None
    sent_at_s: float | None = None
    state_before: int | None = None
    state_seen: int | None = None
    asked: int = 0
    reason: str = ""
    result: int | None = None
    closed_at_s: float | None = None


class Session(Struct, frozen=True):
    """One DM session with a device, between two POSTs, and the newest reply as it was sent.

    `step` is the desk's own note of what the session is busy with.
    """

    device_id: str
    state: SessionState
    step: str = ""
    body_sha256: bytes = b""
    reply: bytes = b""
    at_s: float = 0.0
