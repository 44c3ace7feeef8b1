"""What the server knows, as values: the rows of its store. Pure.

Times ending in `_at_s` are seconds since the epoch. The guard of all rows of a device is
`Device.version`: whoever changes its sessions or operations raises it by compare-and-set.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from fumo.codes import Kind
from fumo.dm.session import Nonces, SessionState
from fumo.server.campaign_rows import DEADLINE_S as DEADLINE_S
from fumo.server.campaign_rows import Campaign as Campaign
from fumo.server.campaign_rows import CampaignState as CampaignState
from fumo.server.campaign_rows import Retries as Retries


class OperationState(StrEnum):
    """What is known of an operation; the moves between them are in `operation.MOVES`."""

    HELD = "held"
    PLANNED = "planned"
    SENT = "sent"
    ACCEPTED = "accepted"
    CANCEL_REQUESTED = "cancel_requested"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class FumoObject(Struct, frozen=True):
    """A FUMO management object found on a device, and which operations it offers."""

    uri: str
    kinds: tuple[Kind, ...] = ()


class Device(Struct, frozen=True):
    """A device, its credentials, and what it told of itself. Secrets never show in a repr.

    It is bound to the certificate of the key `bound_key` (SHA-256), or to those of the common name
    `bound_name`; with `certificate_alone` its certificate is all the proof that it needs.
    """

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
    bound_key: str | None = None
    bound_name: str | None = None
    certificate_alone: bool = False

    def __repr__(self) -> str:
        return f"Device({self.id!r}, version={self.version})"


class Package(Struct, frozen=True, forbid_unknown_fields=True):
    """A file in the depot. `model` None for a raw one, sent as it is."""

    id: int
    name: str
    version: str
    sha256: str
    length: int
    model: str | None = None
    from_version: str | None = None


class Operation(Struct, frozen=True):
    """One intended update of one device: at most one Exec is ever accepted for it.

    `state_before` is the State the device showed before the Exec was sent; `sendings` counts how
    often the same Exec left, `asked` the deadlines that made us ask again. `taken_at_s` is when the
    device was known to have taken the Exec, `cancel_at_s` when an operator wanted it undone. It is
    the device's `attempt`-th in its campaign; `follow_at_s` is when its end makes another, which is
    `next_id`.
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
    state_seen_at_s: float | None = None
    sendings: int = 0
    asked: int = 0
    deadline_s: float = DEADLINE_S
    reason: str = ""
    result: int | None = None
    closed_at_s: float | None = None
    group_number: int = 1
    taken_at_s: float | None = None
    cancel_at_s: float | None = None
    notified_at_s: float | None = None
    user_asked_at_s: float | None = None
    attempt: int = 1
    follow_at_s: float | None = None
    next_id: int | None = None


class Walk(Struct, frozen=True, omit_defaults=True):
    """A search for FUMO objects that goes on: addresses still to be looked at, and what was found.

    `typed` are candidates of which only the Type is wanted; `children` what their listing said.
    """

    todo: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    children: dict[str, tuple[str, ...]] = {}
    found: tuple[FumoObject, ...] = ()
    visited: int = 0


class Work(Struct, frozen=True, omit_defaults=True):
    """What a session is busy with between two messages of it.

    `ordering` is the operation whose Exec is prepared, `state` what Get State said of its object
    and `url_set` that its PkgURL was answered 200. `left` are operations whose Exec left in this
    session, `asked` those whose State was asked in it, `again` one whose Exec leaves once more.
    `adds`: PkgURL is not there, and is added. `relooked`: what was known of the tree was wrong, and
    has been searched anew. `agreed` is the operation that the user said yes to in this session.
    """

    ordering: int | None = None
    state_known: bool = False
    state: int | None = None
    url_set: bool = False
    left: tuple[int, ...] = ()
    asked: tuple[int, ...] = ()
    again: int | None = None
    walk: Walk | None = None
    searches: int = 0
    relooked: bool = False
    adds: bool = False
    agreed: int | None = None


class Session(Struct, frozen=True):
    """One DM session with a device that proved itself, between two POSTs."""

    device_id: str
    state: SessionState
    work: Work = Work()
    at_s: float = 0.0

    @property
    def over(self) -> bool:
        """Ended, or our last message left the device nothing to answer."""
        state = self.state
        return state.ended or (state.may_ask and not state.pending)


class Stored(Struct, frozen=True):
    """A reply as it was sent, for the same message sent again (S5).

    `bound`: the message proved itself by a nonce, so no later session can begin with its bytes.
    """

    msg_id: int
    body_sha256: bytes
    reply: bytes
    media_type: str
    bound: bool = False


class Match(StrEnum):
    """What an alert is to the operation it was matched to (`docs/reference/operations.md`)."""

    FINAL = "final"
    LATE = "late"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    PROGRESS = "progress"
    ORPHAN = "orphan"
    REQUEST = "request"


class AlertRow(Struct, frozen=True):
    """One Item of a Generic Alert as it was received, and what it was matched to."""

    device_id: str
    at_s: float
    session_id: str
    msg_id: int
    type: str
    source: str
    data: str
    mark: str
    correlator: str | None
    operation_id: int | None
    match: Match


class Note(Struct, frozen=True):
    """Something that happened to an operation; `state` set when it moved there."""

    operation_id: int
    at_s: float
    text: str
    state: OperationState | None = None
    incident: bool = False


class IncidentKind(StrEnum):
    """Why people must look (`docs/reference/operations.md`)."""

    CONFLICT = "conflict"
    ORPHAN = "orphan"
    FORGOTTEN = "forgotten"


class Incident(Struct, frozen=True):
    """What people must look at; `operation_id` 0: it is of none. It happened `number` times."""

    device_id: str
    kind: IncidentKind
    operation_id: int
    text: str
    at_s: float
    number: int = 1


class Logged(Struct, frozen=True):
    """One DM message as it travelled, of a session whose device had proved itself."""

    inbound: bool
    session_id: str
    msg_id: int
    at_s: float
    media_type: str
    body: bytes
    operations: tuple[int, ...] = ()


class Supply(Struct, frozen=True):
    """What planned operations are given, by their numbers: an address, or the package's bytes."""

    urls: Mapping[int, str] = {}
    contents: Mapping[int, bytes] = {}


class Case(Struct, frozen=True):
    """All rows that deciding one message needs."""

    device: Device | None = None
    session: Session | None = None
    stored: tuple[Stored, ...] = ()
    operations: tuple[Operation, ...] = ()
    packages: Mapping[int, Package] = {}
    campaigns: Mapping[int, Campaign] = {}


class Writes(Struct, frozen=True):
    """All that one decided message changes, to be saved whole or not at all.

    `guard` is the device's version that was decided on. `new_session` forgets all other sessions
    of the device, and their replies. `told`: what the device is chosen by is new.
    """

    device_id: str
    guard: int
    device: Device | None = None
    session: Session | None = None
    new_session: bool = False
    stored: Stored | None = None
    operations: tuple[Operation, ...] = ()
    alerts: tuple[AlertRow, ...] = ()
    notes: tuple[Note, ...] = ()
    log: tuple[Logged, ...] = ()
    told: bool = False
    incidents: tuple[Incident, ...] = ()
