"""A device for the server's stories: the real session of a device over a scripted tree.

Everything it says is built by `fumo.dm`; its tree is a dictionary. It can lose replies, repeat
messages and answer as oddly as clients of the field do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from fumo.codes import ALERT_TYPES, AlertCode, Kind
from fumo.dm.alerts import generic_alert
from fumo.dm.auth import MD5, Account, Login
from fumo.dm.codec import decode
from fumo.dm.message import (
    XML,
    Alert,
    Command,
    Envelope,
    Exec,
    Get,
    Item,
    Location,
    Message,
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
    Nonces,
    Refused,
    Request,
    SessionState,
    open_device,
)
from fumo.wire.exchange import Reply

FUMO = "urn:oma:mo:oma-fumo:1.0"
DEV_INFO = ("DevId", "Man", "Mod", "DmV", "Lang")
URL = "http://127.0.0.1:8000/dm"


def fumo_tree(root: str = "./FwUpdate/x", type_: str = FUMO) -> dict[str, str | None]:
    """One FUMO object; None is an interior node."""
    tree: dict[str, str | None] = {}
    parts = root.split("/")
    for depth in range(2, len(parts)):
        tree["/".join(parts[:depth])] = None
    tree[root] = None
    for kind in Kind:
        tree[f"{root}/{kind}"] = None
        if kind is not Kind.UPDATE:
            tree[f"{root}/{kind}/PkgURL"] = ""
    tree[f"{root}/State"] = "10"
    tree["type:" + root] = type_
    return tree


@dataclass
class Device:
    """One device: its secrets, its tree, its outbox of results, and what was asked of it."""

    id: str = "IMEI:1"
    user: str = "u1"
    secret: str = "p1"
    server_secret: str = "s1"
    media_type: str = XML
    private: bool = True
    nonces: Nonces = field(default_factory=Nonces)
    tree: dict[str, str | None] = field(default_factory=fumo_tree)
    sessions: int = 0
    outbox: list[Alert] = field(default_factory=list)
    execs: list[Exec] = field(default_factory=list)
    heard: list[Message] = field(default_factory=list)
    acked: list[int] = field(default_factory=list)
    lists: bool = True
    statuses: dict[str, int] = field(default_factory=dict)
    session: SessionState | None = None
    events: list[object] = field(default_factory=list)
    says_info: bool = True

    # --- one message at a time --------------------------------------------------------------------

    def begin(self, session_id: str | None = None) -> bytes:
        """Package 1 of a new session: alert, DevInfo, and every result not acknowledged yet."""
        self.sessions += 1
        name = session_id or f"{self.sessions:X}"
        self.session = open_device(name, self.id, URL, self.nonces, MD5, self.media_type)
        return self.say((), self.first_words())

    def first_words(self) -> list[Request]:
        items = tuple(Item(source=Location(f"./DevInfo/{n}"), data=f"{n}-x") for n in DEV_INFO)
        words = [Request("start", Alert(AlertCode.CLIENT_INITIATED))]
        if self.says_info:
            words.append(Request("info", Replace(items)))
        return words + [Request(f"alert:{i}", a) for i, a in enumerate(self.outbox)]

    def say(self, answers: tuple[Answer, ...] = (), requests: list[Request] | None = None) -> bytes:
        body = self.may_say(answers, requests)
        assert body is not None
        return body

    def may_say(
        self, answers: tuple[Answer, ...] = (), requests: list[Request] | None = None
    ) -> bytes | None:
        assert self.session is not None
        random = (self.sessions * 1000 + self.session.sent).to_bytes(16, "big")
        self.session, said = reply(self.session, self.account, answers, requests or [], random)
        self.nonces = self.session.kept
        return said.body if said else None

    def hear(self, answer: Reply) -> None:
        """Take in the server's message."""
        assert answer.status == 200, answer.body
        assert self.session is not None
        message = decode(answer.body, answer.media_type)
        self.heard.append(message)
        envelope = Envelope(message, answer.body, answer.media_type, self.private)
        self.session, events = receive(self.session, self.account, envelope)
        self.events = list(events)
        self.nonces = self.session.kept
        for event in events:
            if isinstance(event, Answered) and event.purpose.startswith("alert:"):
                self.acked.append(event.code)

    def go_on(self) -> bytes | None:
        """The next message, or None when the session is over."""
        assert self.session is not None
        asked = [event for event in self.events if isinstance(event, Asked)]
        answers = tuple(self.answer(event) for event in asked)
        again = any(isinstance(event, Challenged | Refused) for event in self.events)
        return self.may_say(answers, self.first_words() if again else None)

    def talk(self, server: Callable[["Device", bytes], Reply], name: str | None = None) -> int:
        """A whole session; how many messages it took."""
        body: bytes | None = self.begin(name)
        count = 0
        while body is not None:
            count += 1
            assert count < 40, "a session without end"
            self.hear(server(self, body))
            body = self.go_on()
        self.outbox = [a for a in self.outbox if not self.acked]
        return count

    @property
    def address(self) -> str:
        """Where its next message goes: RespURI is followed."""
        return (self.session and self.session.resp_uri) or URL

    @property
    def account(self) -> Account:
        return Account(Login(self.user, self.secret), Login("fumo", self.server_secret))

    # --- its tree ---------------------------------------------------------------------------------

    def answer(self, event: Asked) -> Answer:
        command = event.command
        items: tuple[Item, ...] = getattr(command, "items", ())
        uri = items[0].target.uri if items and items[0].target else ""
        forced = self.statuses.get(f"{type(command).__name__} {uri}")
        if forced is not None:
            return Answer(event.ref, forced)
        code, results = self.do(command, uri)
        return Answer(event.ref, code, results=results)

    def do(self, command: Command, uri: str) -> tuple[int, tuple[Item, ...]]:
        if isinstance(command, Get):
            return self.get(uri)
        if isinstance(command, Replace):
            if uri not in self.tree:
                return 404, ()
            self.tree[uri] = str(command.items[0].data)
            return 200, ()
        if isinstance(command, Exec):
            self.execs.append(command)
            self.state = "30"
            return 202, ()
        return 406, ()

    def get(self, uri: str) -> tuple[int, tuple[Item, ...]]:
        path, _, query = uri.partition("?")
        if query == "list=Struct":
            return (200, tuple(self.listed())) if self.lists else (406, ())
        if path != "." and path not in self.tree:
            return 404, ()
        if query == "prop=Type":
            return 200, (Item(source=Location(uri), data=self.tree.get("type:" + path) or ""),)
        value = None if path == "." else self.tree[path]
        if value is None:
            names = "/".join(self.children(path))
            return 200, (Item(source=Location(uri), meta=Meta(format="node"), data=names),)
        return 200, (Item(source=Location(uri), data=value),)

    def listed(self) -> list[Item]:
        items = [Item(source=Location("."), meta=Meta(format="node"))]
        for uri, value in self.tree.items():
            if not uri.startswith("type:"):
                meta = Meta(format="node", type=self.tree.get("type:" + uri))
                items.append(Item(source=Location(uri), meta=meta if value is None else None))
        return items

    def children(self, path: str) -> list[str]:
        inside = [u for u in self.tree if not u.startswith("type:")]
        return [u.rpartition("/")[2] for u in inside if u.rpartition("/")[0] == path]

    @property
    def root(self) -> str:
        return next(u for u in self.tree if u.startswith("type:")).removeprefix("type:")

    @property
    def state(self) -> str:
        return str(self.tree[f"{self.root}/State"])

    @state.setter
    def state(self, value: str) -> None:
        self.tree[f"{self.root}/State"] = value

    def finishes(self, result: int, state: str, correlator: str | None = "same") -> Alert:
        """The last Exec ends: its alert goes into the outbox."""
        command = self.execs[-1]
        target = command.items[0].target
        assert target is not None
        root, _, kind = target.uri.rpartition("/")
        told = command.correlator if correlator == "same" else correlator
        mark = "informational" if result < 300 else "critical"
        alert = generic_alert(ALERT_TYPES[Kind(kind)], root, result, mark, told)
        self.state = state
        self.outbox.append(alert)
        return alert

    def forgets(self) -> None:
        """Its memory of nonces and outbox is gone."""
        self.nonces, self.outbox = Nonces(), []


def with_source(alert: Alert, source: str | None) -> Alert:
    """The same alert from elsewhere."""
    where = Location(source) if source is not None else None
    return replace(alert, items=tuple(replace(item, source=where) for item in alert.items))
