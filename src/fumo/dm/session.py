"""A DM session as a value, the same for both sides, and what hearing a message brings. Pure.

One HTTP body is one message, and turns are strict. The state is plain data, so a server keeps it
in a row between two POSTs and a lost race is simply decided again. Time, sockets and secrets are
elsewhere: the `Account` is handed in with every call and never stored here.

The two safety rules live in `receive`:

- **lock-step**: only the reply to our newest message of this session is heard. A late duplicate
  of an older reply that still carries an Exec would otherwise run an update after its alert.
- **nothing unauthenticated has effects**: neither a Status nor a command of such a message.
"""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from fumo.dm.auth import MD5
from fumo.dm.chunks import Broken, Due, Unfinished
from fumo.dm.kept import Kept
from fumo.dm.message import XML, Command, Header, Id, Item

MAX_MSG_SIZE = 65_536  # bytes we take in one message; told to the peer in the header
MAX_OBJ_SIZE = 1_048_576  # bytes of one value, in however many messages
PROOFS_MAX = 3  # refused messages of ours in a session: better credentials will not come
TRIES_MAX = 5  # messages of a peer that we refuse in a session: no guessing for ever
MESSAGES_MAX = 200  # messages of one side in a session: no peer keeps us busy for ever


class Side(StrEnum):
    """Who we are."""

    DEVICE = "device"
    SERVER = "server"


class Nonces(Struct, frozen=True):
    """`own`: for our credentials, given by the peer. `peer`: for theirs, given by us."""

    own: bytes | None = None
    peer: bytes | None = None


class Ref(Struct, frozen=True):
    """Names one command of the peer."""

    msg_id: int
    cmd_id: Id
    name: str


class Pending(Struct, frozen=True):
    """One command of ours that has no Status yet. `purpose` is the caller's own word for it.

    `chunk`: it carried a part of a value, and its Status says only that more may come.
    """

    msg_id: int
    cmd_id: Id
    name: str
    purpose: str
    chunk: bool = False


class Waiting(Struct, frozen=True):
    """A command of ours that found no room yet; `packing.Unsent` tells what the rest means."""

    command: Kept
    purpose: str | None = None
    begun: bool = False
    waited: bool = False


class Gathered(Struct, frozen=True):
    """A Status or Results for a command of ours, put away until the peer's package is whole."""

    msg_ref: int
    cmd_ref: Id
    kept: Kept

    @property
    def ref(self) -> tuple[int, Id]:
        """Which command of ours it answers."""
        return self.msg_ref, self.cmd_ref


class Limits(Struct, frozen=True):
    """What we take in one message, and as one value; both are told in each header."""

    msg_size_max: int = MAX_MSG_SIZE
    obj_size_max: int = MAX_OBJ_SIZE


LIMITS = Limits()


class Verdicts(Struct, frozen=True):
    """What our next message owes: the Status of the header, and of a refused message's rest."""

    msg_id: int
    code: int
    challenge: bool = False
    target: str = ""
    source: str = ""
    refused: tuple[Ref, ...] = ()
    dues: tuple[Due, ...] = ()
    broken: Broken | None = None


class SessionState(Struct, frozen=True):
    """Everything a session remembers between two messages.

    `nonces` serve this session's next messages; `kept` is what to save for the next session and
    changes only by the word of an authenticated peer, or by what we sent ourselves. `resp_uri` is
    where the peer wants our next messages, `reply_to` where we want its.
    """

    side: Side
    session_id: str
    own_uri: str
    peer_uri: str
    media_type: str = XML
    resp_uri: str | None = None
    reply_to: str | None = None
    sent: int = 0
    heard: int = 0
    scheme: str = MD5
    nonces: Nonces = Nonces()
    kept: Nonces = Nonces()
    proven: bool = False
    trusted: bool = False
    refusals: int = 0
    suspicions: int = 0
    pending: tuple[Pending, ...] = ()
    owed: Verdicts | None = None
    peer_final: bool = True
    private: bool = False
    peer_max_msg_size: int | None = None
    ended: bool = False
    peer_max_obj_size: int | None = None
    takes: Limits = LIMITS
    peer_scheme: str | None = None
    waiting: tuple[Waiting, ...] = ()
    going_on: bool = False
    unfinished: Unfinished | None = None
    gathered: tuple[Gathered, ...] = ()
    said_mac: str | None = None

    @property
    def may_ask(self) -> bool:
        """May our next message carry new commands? Not while a package goes on, theirs or ours."""
        return self.peer_final and not (self.ended or self.waiting or self.unfinished)


class Authenticated(Struct, frozen=True, tag=True):
    """The peer proved who it is, for the rest of the session."""

    name: str


class Asked(Struct, frozen=True, tag=True):
    """An authenticated peer's command, to be answered with an `Answer` to its `ref`."""

    ref: Ref
    command: Command


class Answered(Struct, frozen=True, tag=True):
    """An authenticated peer's Status for a command of ours, with its Results if it is a Get."""

    purpose: str
    code: int
    items: tuple[Item, ...] = ()
    results: tuple[Item, ...] = ()


class Challenged(Struct, frozen=True, tag=True):
    """The peer refused our credentials: say the same again; the next message has better ones."""

    code: int


class Refused(Struct, frozen=True, tag=True):
    """We refused the peer's credentials: nothing of its message had an effect."""

    reason: str


class Ended(Struct, frozen=True, tag=True):
    """No further message belongs to this session."""

    reason: str


Event: TypeAlias = Authenticated | Asked | Answered | Challenged | Refused | Ended


class Request(Struct, frozen=True):
    """A command to send, and the caller's word by which its `Answered` will name it."""

    purpose: str
    command: Command


class Answer(Struct, frozen=True):
    """Our Status for a command of the peer, and the Results of a Get."""

    ref: Ref
    code: int
    items: tuple[Item, ...] = ()
    results: tuple[Item, ...] = ()
    target_refs: tuple[str, ...] = ()


def open_device(
    session_id: str,
    device_id: str,
    server_uri: str,
    nonces: Nonces,
    scheme: str,
    media_type: str,
    takes: Limits = LIMITS,
) -> SessionState:
    """A device's new session: its first words are package 1 (DM Protocol §8.3)."""
    return SessionState(
        Side.DEVICE,
        session_id,
        device_id,
        server_uri,
        media_type=media_type,
        scheme=scheme,
        nonces=nonces,
        kept=nonces,
        takes=takes,
    )


def open_server(
    header: Header, nonces: Nonces, media_type: str, scheme: str = MD5, takes: Limits = LIMITS
) -> SessionState:
    """A server's new session, from the header of the first message it hears."""
    return SessionState(
        Side.SERVER,
        header.session_id,
        header.target.uri,
        header.source.uri,
        media_type=media_type,
        scheme=scheme,
        nonces=nonces,
        kept=nonces,
        heard=header.msg_id - 1,
        takes=takes,
    )
