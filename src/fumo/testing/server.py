"""A DM server that says what a story wants, over the real `fumo.dm`: the device's `Link`.

`says` holds packages of commands, one a message; it sends the next one when the device is
authenticated and has answered the last. Everything it hears from an authenticated device is kept
to be looked at. A repeated message gets its stored reply.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count

from msgspec.structs import replace

from fumo.codes import AlertCode, Kind
from fumo.dm.alerts import Told, told
from fumo.dm.auth import MAC, MD5, Account, Login
from fumo.dm.codec import decode, encode
from fumo.dm.message import (
    Alert,
    Command,
    Envelope,
    Exec,
    Get,
    Item,
    Location,
    Meta,
    Replace,
)
from fumo.dm.receive import receive
from fumo.dm.reply import reply
from fumo.dm.session import (
    LIMITS,
    Answer,
    Answered,
    Asked,
    Nonces,
    Request,
    SessionState,
    open_server,
)

USER, NAME = Login("device-user", "device-secret"), Login("fumo", "server-secret")
OBJECT = "./FwUpdate/Primary"


class ScriptedServer:
    """Implements `Link`, being the server behind it, too."""

    def __init__(self, user: Login = USER, name: Login = NAME) -> None:
        """`user` is the device's login, `name` the server's own."""
        self.account = Account(own=name, peer=user)
        self.says: deque[Sequence[Command]] = deque()
        self.alert_codes: deque[int] = deque()
        """The Status of each Generic Alert in turn; 200 when none is chosen."""
        self.heard: list[Told] = []
        self.answers: list[Answered] = []
        self.received: list[Envelope] = []
        """Every message that came, authenticated or not, repeats left out."""
        self.resp_uri: str | None = None
        self.proves_itself = True
        self.takes = LIMITS
        """How much the server takes in a message, and as one value."""
        self.saved = Nonces()
        self._session: SessionState | None = None
        self._stored: dict[bytes, Envelope] = {}
        self._octets = count(1)

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        """One message and its reply."""
        if (stored := self._stored.get(body)) is not None:
            return stored
        heard = Envelope(decode(body, media_type), body, media_type, private=True, mac=mac)
        self.received.append(heard)
        answer = self._answer(heard)
        self._stored[body] = answer
        return answer

    def orders(
        self,
        kind: Kind,
        url: str | None = None,
        correlator: str | None = "c-1",
        of: str = OBJECT,
    ) -> None:
        """PkgURL first, and only in a later message the Exec. `of` is the object's address."""
        if url is not None:
            self.says.append([replace_leaf(f"{of}/{kind}/PkgURL", url)])
        self.says.append([exec_node(f"{of}/{kind}", correlator)])

    def asks_state(self, of: str = OBJECT) -> None:
        """A Get of the State node."""
        self.says.append([get(f"{of}/State")])

    @property
    def codes(self) -> list[int]:
        """The device's Statuses, in order, for all that was said."""
        return [answer.code for answer in self.answers]

    @property
    def states(self) -> list[int]:
        """Every State that a Get has brought."""
        items = (item for answer in self.answers for item in answer.results)
        return [int(str(i.data)) for i in items if i.source and i.source.uri == f"{OBJECT}/State"]

    def _answer(self, heard: Envelope) -> Envelope:
        session = self._session_for(heard)
        session, events = receive(session, self.account, heard)
        answers = [a for e in events if isinstance(e, Asked) for a in self._judge(e)]
        self.answers += [event for event in events if isinstance(event, Answered)]
        requests = self._next(session)
        random = next(self._octets).to_bytes(16, "big")
        session, envelope = reply(session, self.account, answers, requests, random)
        assert envelope is not None
        self._session, self.saved = session, session.kept
        return self._dressed(envelope)

    def _session_for(self, heard: Envelope) -> SessionState:
        header = heard.message.header
        known = self._session
        if known is None or header.msg_id == 1 or known.session_id != header.session_id:
            scheme = MD5 if heard.mac is None else MAC
            return open_server(header, self.saved, heard.media_type, scheme, self.takes)
        return known

    def _judge(self, asked: Asked) -> Iterator[Answer]:
        if isinstance(asked.command, Alert) and asked.command.code == AlertCode.GENERIC:
            self.heard += told(asked.command)
            yield Answer(asked.ref, self.alert_codes.popleft() if self.alert_codes else 200)
        else:
            yield Answer(asked.ref, 200)

    def _next(self, session: SessionState) -> list[Request]:
        """The next package, once nothing of ours is unanswered."""
        if not (self.says and session.trusted and session.may_ask and not session.pending):
            return []
        return [Request("story", command) for command in self.says.popleft()]

    def _dressed(self, envelope: Envelope) -> Envelope:
        """What `reply` does not do: a RespURI, or no credentials at all."""
        if self.proves_itself and self.resp_uri is None:
            return envelope
        header = envelope.message.header
        cred = header.cred if self.proves_itself else None
        header = replace(header, cred=cred, resp_uri=self.resp_uri)
        message = replace(envelope.message, header=header)
        return replace(envelope, message=message, body=encode(message, envelope.media_type))


def replace_leaf(uri: str, data: str | bytes, format_: str | None = None) -> Replace:
    """A Replace of one leaf."""
    meta = Meta(format=format_) if format_ else None
    return Replace((Item(target=Location(uri), meta=meta, data=data),))


def exec_node(uri: str, correlator: str | None = None) -> Exec:
    """An Exec of one node."""
    return Exec((Item(target=Location(uri)),), correlator=correlator)


def get(*uris: str) -> Get:
    """A Get of some nodes."""
    return Get(tuple(Item(target=Location(uri)) for uri in uris))
