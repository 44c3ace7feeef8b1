"""A DM message as a value: header, commands, Final. Pure.

Every command is a frozen Struct whose fields are the elements of the DM Representation Protocol
(DM RepPro §6). `cmd_id` is 0 until the session gives the command a number: 0 never travels.
Text stays text; `Item.data` is bytes only where the peer sent (or we send) raw octets.
"""

from typing import TypeAlias

from msgspec import Struct

Id: TypeAlias = int | str
"""A peer counts its commands with numbers, or names them with words (some servers with UUIDs). We
only compare them and say them again."""


class Location(Struct, frozen=True, omit_defaults=True):
    """Where a command points: LocURI, and LocName (the user's name in a header's Source)."""

    uri: str = ""
    name: str | None = None


class Meta(Struct, frozen=True, omit_defaults=True):
    """MetInf: what the data is (DM RepPro §6.8; Mark: DM Protocol §8.7)."""

    format: str | None = None
    type: str | None = None
    mark: str | None = None
    size: int | None = None
    next_nonce: str | None = None
    max_msg_size: int | None = None
    max_obj_size: int | None = None


class Item(Struct, frozen=True, omit_defaults=True):
    """One thing a command speaks of. `data` None means no Data element; "" an empty one."""

    target: Location | None = None
    source: Location | None = None
    meta: Meta | None = None
    data: str | bytes | None = None
    more_data: bool = False


class Cred(Struct, frozen=True, omit_defaults=True):
    """Credentials of the sender, in the header only."""

    data: str
    meta: Meta | None = None


class Chal(Struct, frozen=True, omit_defaults=True):
    """A challenge: which credentials the receiver wants, and the next nonce."""

    meta: Meta


class Status(Struct, frozen=True, tag=True, omit_defaults=True):
    """The answer to one command; `cmd_ref` 0 answers the header (DM Protocol §8.3)."""

    msg_ref: int
    cmd_ref: Id
    cmd: str
    code: int
    cmd_id: Id = 0
    target_refs: tuple[str, ...] = ()
    source_refs: tuple[str, ...] = ()
    chal: Chal | None = None
    items: tuple[Item, ...] = ()


class Results(Struct, frozen=True, tag=True, omit_defaults=True):
    """The data a Get asked for."""

    msg_ref: int
    cmd_ref: Id
    items: tuple[Item, ...]
    cmd_id: Id = 0
    meta: Meta | None = None
    target_ref: str | None = None
    source_ref: str | None = None


class Alert(Struct, frozen=True, tag=True, omit_defaults=True):
    """An Alert by its code; a Generic Alert (1226) carries the Exec's Correlator."""

    code: int
    cmd_id: Id = 0
    correlator: str | None = None
    items: tuple[Item, ...] = ()


class Add(Struct, frozen=True, tag=True, omit_defaults=True):
    """Make a node."""

    items: tuple[Item, ...]
    cmd_id: Id = 0
    meta: Meta | None = None


class Replace(Struct, frozen=True, tag=True, omit_defaults=True):
    """Overwrite a node's value or property. It never creates one."""

    items: tuple[Item, ...]
    cmd_id: Id = 0
    meta: Meta | None = None


class Copy(Struct, frozen=True, tag=True, omit_defaults=True):
    """Copy a leaf onto a leaf."""

    items: tuple[Item, ...]
    cmd_id: Id = 0
    meta: Meta | None = None


class Delete(Struct, frozen=True, tag=True, omit_defaults=True):
    """Remove a node and all below it."""

    items: tuple[Item, ...]
    cmd_id: Id = 0
    meta: Meta | None = None


class Get(Struct, frozen=True, tag=True, omit_defaults=True):
    """Read a node, a property (`?prop=`) or a list (`?list=`)."""

    items: tuple[Item, ...]
    cmd_id: Id = 0
    meta: Meta | None = None


class Exec(Struct, frozen=True, tag=True, omit_defaults=True):
    """Start what a node stands for; its result comes back under the Correlator."""

    items: tuple[Item, ...]
    cmd_id: Id = 0
    meta: Meta | None = None
    correlator: str | None = None


class Atomic(Struct, frozen=True, tag=True, omit_defaults=True):
    """All of its commands, or none."""

    commands: tuple["Command", ...]
    cmd_id: Id = 0
    meta: Meta | None = None


class Sequence(Struct, frozen=True, tag=True, omit_defaults=True):
    """Its commands in this order."""

    commands: tuple["Command", ...]
    cmd_id: Id = 0
    meta: Meta | None = None


class Unknown(Struct, frozen=True, tag=True, omit_defaults=True):
    """A command DM does not know: kept by name so that a Status can answer it (400 or 406)."""

    name: str
    cmd_id: Id = 0


Command: TypeAlias = (
    Status
    | Results
    | Alert
    | Add
    | Replace
    | Copy
    | Delete
    | Get
    | Exec
    | Atomic
    | Sequence
    | Unknown
)


def name_of(command: Command) -> str:
    """The command's element name, as a Status for it says in Cmd."""
    return command.name if isinstance(command, Unknown) else type(command).__name__


class Header(Struct, frozen=True, omit_defaults=True):
    """SyncHdr (DM RepPro §6.2): who speaks to whom, in which session, which message."""

    session_id: str
    msg_id: int
    target: Location
    source: Location
    resp_uri: str | None = None
    cred: Cred | None = None
    meta: Meta | None = None
    ver_dtd: str = "1.2"
    ver_proto: str = "DM/1.2"


class Message(Struct, frozen=True, omit_defaults=True):
    """One message: one HTTP body."""

    header: Header
    commands: tuple[Command, ...] = ()
    final: bool = False


class Shown(Struct, frozen=True):
    """The certificate that the transport proved of a peer: its public key's SHA-256, and its name.

    `name` is the one common name of its subject; empty when there is none, or more than one.
    """

    key_sha256: str
    name: str = ""


class Envelope(Struct, frozen=True):
    """A message with the very bytes it travelled in, since size and MAC are about bytes.

    `private` says that nobody could read along: TLS, or the loopback interface. `query` is what
    stood behind the `?` of the address that the message came to. `mac` is what the header
    `x-syncml-hmac` says, where there is one. `certificate` is the peer's, if it showed one.
    """

    message: Message
    body: bytes
    media_type: str
    private: bool = False
    query: str = ""
    mac: str | None = None
    certificate: Shown | None = None


XML = "application/vnd.syncml.dm+xml"
WBXML = "application/vnd.syncml.dm+wbxml"
