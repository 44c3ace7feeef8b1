"""A device for load: the real session of a device over a tree of a dozen nodes, all in memory.

It fetches no package: what it is told to do succeeds, or fails as `result_of` says. Everything it
says is built by `fumo.dm`. It is no example of a device: nothing of it outlives its process.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from fumo.codes import ALERT_TYPES, AlertCode, Kind
from fumo.dm.alerts import generic_alert
from fumo.dm.auth import MD5, Account, Login
from fumo.dm.codec import decode
from fumo.dm.message import (
    WBXML,
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
    Answer,
    Answered,
    Asked,
    Challenged,
    Event,
    Nonces,
    Refused,
    Request,
    SessionState,
    open_device,
)
from fumo.wire.exchange import Reply

ROOT = "./FwUpdate/Main"
OBJECT_TYPE = "urn:oma:mo:oma-fumo:1.0"
STATE = f"{ROOT}/State"
IDLE, WORKING, GOOD, BAD = "10", "30", "90", "20"
INFO = {"DevId": "", "Man": "Fumo", "Mod": "Light", "DmV": "1.2", "Lang": "en"}
MESSAGES_MAX = 60

Post = Callable[["Light", bytes], Reply]


def all_succeed(_: str) -> int:
    """The result of every operation."""
    return 200


def fresh_tree() -> dict[str, str | None]:
    """One FUMO object; None is an interior node."""
    tree: dict[str, str | None] = {"./FwUpdate": None, ROOT: None}
    for kind in Kind:
        tree[f"{ROOT}/{kind}"] = None
        if kind is not Kind.UPDATE:
            tree[f"{ROOT}/{kind}/PkgURL"] = ""
    tree[STATE] = IDLE
    return tree


@dataclass(slots=True)
class Light:
    """One device: who it is, its tree, and the results that nobody has acknowledged."""

    id: str
    user: str
    secret: str
    server_secret: str
    url: str
    media_type: str = WBXML
    private: bool = True
    result_of: Callable[[str], int] = all_succeed
    nonces: Nonces = field(default_factory=Nonces)
    tree: dict[str, str | None] = field(default_factory=fresh_tree)
    owed: dict[str, Alert] = field(default_factory=dict)
    work: Exec | None = None
    reported: int = 0
    sessions: int = 0
    session: SessionState | None = None
    events: list[Event] = field(default_factory=list)

    # --- a session --------------------------------------------------------------------------------

    def talk(self, post: Post) -> int:
        """A whole session: how many messages it took. What `post` raises ends it."""
        body: bytes | None = self._begin()
        count = 0
        while body is not None and count < MESSAGES_MAX:
            count += 1
            self._hear(post(self, body))
            body = self._go_on()
        return count

    def works(self) -> None:
        """What it was told to do comes to its end; its next session tells."""
        if self.work is None or self.work.correlator is None:
            return
        name, target = self.work.correlator, self.work.items[0].target
        assert target is not None
        result, kind = self.result_of(name), Kind(target.uri.rpartition("/")[2])
        mark = "informational" if result < 300 else "critical"
        self.owed[name] = generic_alert(ALERT_TYPES[kind], ROOT, result, mark, name)
        self.tree[STATE] = GOOD if result < 300 else BAD
        self.work = None

    @property
    def address(self) -> str:
        """Where its next message goes: RespURI is followed."""
        return (self.session.resp_uri if self.session else None) or self.url

    @property
    def _account(self) -> Account:
        return Account(Login(self.user, self.secret), Login("fumo", self.server_secret))

    def _begin(self) -> bytes:
        self.sessions += 1
        number = f"{self.sessions:X}"
        self.session = open_device(number, self.id, self.url, self.nonces, MD5, self.media_type)
        body = self._say((), self._first_words())
        assert body is not None
        return body

    def _first_words(self) -> list[Request]:
        told = {**INFO, "DevId": self.id}
        items = tuple(Item(source=Location(f"./DevInfo/{n}"), data=v) for n, v in told.items())
        words = [Request("start", Alert(AlertCode.CLIENT_INITIATED)), Request("i", Replace(items))]
        return words + [Request(f"owed:{name}", alert) for name, alert in self.owed.items()]

    def _say(self, answers: tuple[Answer, ...], requests: list[Request]) -> bytes | None:
        assert self.session is not None
        drawn = f"{self.id} {self.sessions} {self.session.sent}".encode()
        random = sha256(drawn).digest()[:16]
        self.session, said = reply(self.session, self._account, answers, requests, random)
        self.nonces = self.session.kept
        return said.body if said else None

    def _hear(self, answer: Reply) -> None:
        assert self.session is not None
        message = decode(answer.body, answer.media_type)
        envelope = Envelope(message, answer.body, answer.media_type, self.private)
        self.session, events = receive(self.session, self._account, envelope)
        self.events, self.nonces = list(events), self.session.kept
        for event in events:
            if isinstance(event, Answered) and event.purpose.startswith("owed:"):
                self._acknowledged(event.purpose.removeprefix("owed:"), event.code)

    def _acknowledged(self, name: str, code: int) -> None:
        if code == 200 and name in self.owed:
            del self.owed[name]
            self.reported += 1
            self.tree[STATE] = IDLE

    def _go_on(self) -> bytes | None:
        assert self.session is not None
        if self.session.ended:
            return None
        asked = [event for event in self.events if isinstance(event, Asked)]
        answers = tuple(self._answer(event) for event in asked)
        again = any(isinstance(event, Challenged | Refused) for event in self.events)
        return self._say(answers, self._first_words() if again else [])

    # --- its tree ---------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> Answer:
        items: tuple[Item, ...] = getattr(asked.command, "items", ())
        target = items[0].target if items else None
        code, results = self._do(asked.command, target.uri if target else "")
        return Answer(asked.ref, code, results=results)

    def _do(self, command: Command, uri: str) -> tuple[int, tuple[Item, ...]]:
        if isinstance(command, Get):
            return self._get(uri)
        if isinstance(command, Replace) and uri in self.tree:
            self.tree[uri] = str(command.items[0].data)
            return 200, ()
        if isinstance(command, Exec) and uri in self.tree:
            self.work, self.tree[STATE] = command, WORKING
            return 202, ()
        return 404, ()

    def _get(self, uri: str) -> tuple[int, tuple[Item, ...]]:
        path, _, query = uri.partition("?")
        if query == "list=Struct":
            return 200, tuple(self._listed())
        value = self.tree.get(path)
        return (200, (Item(source=Location(uri), data=value),)) if value is not None else (404, ())

    def _listed(self) -> Iterable[Item]:
        yield Item(source=Location("."), meta=Meta(format="node"))
        for uri, value in self.tree.items():
            meta = Meta(format="node", type=OBJECT_TYPE if uri == ROOT else None)
            yield Item(source=Location(uri), meta=meta if value is None else None)
