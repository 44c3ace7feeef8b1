"""Two sides of a DM session and the wire between them: the world of the session's stories.

`Peer` is one side with its secrets; `say` gives the bytes it puts on the wire, `hear` what those
bytes bring. Nothing here knows the rules: they are all in `fumo.dm`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fumo.codes import AlertCode
from fumo.dm.auth import MAC, MD5, Account, Login
from fumo.dm.codec import decode
from fumo.dm.message import XML, Alert, Envelope, Item, Location, Replace
from fumo.dm.receive import receive
from fumo.dm.reply import reply
from fumo.dm.session import (
    LIMITS,
    Answer,
    Asked,
    Event,
    Limits,
    Nonces,
    Request,
    SessionState,
    open_device,
    open_server,
)

USER = Login("device-user", "device-secret")
SERVER = Login("fumo", "server-secret")
NEVER = Nonces()  # no nonce was ever given
DEVICE_ID, SERVER_URI = "IMEI:49015420323751", "http://127.0.0.1/dm"
DEV_INFO = ("DevId", "Man", "Mod", "DmV", "Lang")


def package_1() -> list[Request]:
    """The first words of a device."""
    items = tuple(Item(source=Location(f"./DevInfo/{name}"), data="x") for name in DEV_INFO)
    return [
        Request("session", Alert(AlertCode.CLIENT_INITIATED)),
        Request("info", Replace(items)),
    ]


@dataclass
class Peer:
    """One side: its account, its session if one goes on, and the octets it draws next."""

    account: Account
    session: SessionState | None = None
    nonces: Nonces = NEVER
    drawn: int = 0
    private: bool = True
    takes: Limits = LIMITS
    mac: str | None = None
    events: list[Event] = field(default_factory=list)

    def say(self, answers: Sequence[Answer] = (), requests: Sequence[Request] = ()) -> bytes | None:
        """Our next message as bytes, or None; its header `x-syncml-hmac` is left in `mac`."""
        assert self.session is not None
        self.drawn += 1
        random = self.drawn.to_bytes(16, "big")
        self.session, envelope = reply(self.session, self.account, answers, requests, random)
        self.nonces = self.session.kept
        self.mac = envelope.mac if envelope else None
        return envelope.body if envelope else None

    def hear(
        self, body: bytes | None, media_type: str = XML, mac: str | None = None
    ) -> list[Event]:
        """What these bytes bring; the server opens its session by them."""
        assert body is not None
        message = decode(body, media_type)
        if self.session is None:
            scheme = MD5 if mac is None else MAC
            self.session = open_server(message.header, self.nonces, media_type, scheme, self.takes)
        envelope = Envelope(message, body, media_type, self.private, mac=mac)
        self.session, self.events = receive(self.session, self.account, envelope)
        self.nonces = self.session.kept
        return self.events

    def agree(self) -> list[Answer]:
        """Status 200 for all that was asked."""
        return [Answer(event.ref, 200) for event in self.events if isinstance(event, Asked)]


def device(
    nonces: Nonces = NEVER, scheme: str = MD5, media_type: str = XML, takes: Limits = LIMITS
) -> Peer:
    """A device at the start of a session."""
    account = Account(own=USER, peer=SERVER, scheme=scheme)
    session = open_device("1", DEVICE_ID, SERVER_URI, nonces, scheme, media_type, takes)
    return Peer(account, session, nonces)


def server(nonces: Nonces = NEVER, takes: Limits = LIMITS) -> Peer:
    """A server that waits for a first message."""
    return Peer(Account(own=SERVER, peer=USER), None, nonces, takes=takes)


def met(media_type: str = XML) -> tuple[Peer, Peer]:
    """Both sides, each trusting the other, after the server's first words with no command."""
    one, other = device(media_type=media_type), server()
    for _ in range(3):
        other.hear(one.say(requests=package_1()), media_type)
        one.hear(other.say(other.agree()), media_type)
        if one.session and one.session.trusted and one.session.proven:
            return one, other
    raise AssertionError("they never met")
