"""A whole session over a tree that is a dictionary: a server that asks, a device that answers.

`Talk.run` carries message after message until the device has nothing more to say, and keeps every
body with the size that its hearer had stated. Nothing here knows of sizes or chunks.
"""

from dataclasses import dataclass, field

from fumo.dm.auth import MD5
from fumo.dm.codec import decode
from fumo.dm.message import XML, Alert, Get, Item, Location, Message, Replace
from fumo.dm.session import LIMITS, Answer, Answered, Asked, Challenged, Limits, Nonces, Request
from tests.dm.line import Peer, device, package_1, server

MESSAGES_MAX = 190
KNOWN = Nonces(own=b"n1", peer=b"s1"), Nonces(own=b"s1", peer=b"n1")


def get(*uris: str) -> Get:
    return Get(tuple(Item(target=Location(uri)) for uri in uris))


def put(uri: str, data: str | bytes) -> Replace:
    return Replace((Item(target=Location(uri), data=data),))


@dataclass
class Talk:
    """One session from its first message to its last."""

    tree: dict[str, str | bytes] = field(default_factory=dict)
    media_type: str = XML
    device_takes: Limits = LIMITS
    server_takes: Limits = LIMITS
    scheme: str = MD5
    meets: bool = True
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    one: Peer = field(init=False)
    other: Peer = field(init=False)

    def __post_init__(self) -> None:
        ours, theirs = KNOWN if self.meets else (Nonces(), Nonces())
        self.one = device(ours, self.scheme, self.media_type, self.device_takes)
        self.other = server(theirs, self.server_takes)

    def run(self, *packages: list[Request], alerts: tuple[Alert, ...] = ()) -> "Talk":
        """The server asks one package after the other."""
        left = list(packages)
        first = [*package_1(), *(Request("tell", alert) for alert in alerts)]
        body = self.one.say(requests=first)
        while body is not None:
            self._carry(self.other, "device", body)
            assert self.other.session is not None
            idle = self.other.session.trusted and self.other.session.may_ask
            body = self.other.say(self.other.agree(), left.pop(0) if left and idle else ())
            assert body is not None
            self._carry(self.one, "server", body)
            again = any(isinstance(event, Challenged) for event in self.one.events)
            body = self.one.say(self._answers(), first if again else ())
            assert len(self.sent) < MESSAGES_MAX, "a session without end"
        assert not left
        return self

    def _carry(self, hearer: Peer, whose: str, body: bytes) -> None:
        self.sent.append((whose, body))
        speaker = self.one if hearer is self.other else self.other
        hearer.hear(body, self.media_type, speaker.mac)
        if hearer is self.other:
            self.answered += [event for event in hearer.events if isinstance(event, Answered)]

    def _answers(self) -> list[Answer]:
        return [self._answer(event) for event in self.one.events if isinstance(event, Asked)]

    def _answer(self, asked: Asked) -> Answer:
        command = asked.command
        if isinstance(command, Get):
            uris = [item.target.uri for item in command.items if item.target]
            results = (Item(source=Location(uri), data=self.tree[uri]) for uri in uris)
            return Answer(asked.ref, 200, results=tuple(results))
        if isinstance(command, Replace):
            for item in command.items:
                assert item.target is not None
                assert item.data is not None
                self.tree[item.target.uri] = item.data
                self.written.append(item.target.uri)
        return Answer(asked.ref, 200)

    # --- what can be seen -------------------------------------------------------------------------

    def values(self, purpose: str) -> dict[str, str | bytes | None]:
        """What the one answer with this purpose brought."""
        [answer] = [a for a in self.answered if a.purpose == purpose]
        assert answer.code == 200
        return {item.source.uri: item.data for item in answer.results if item.source}

    def messages(self, whose: str) -> list[Message]:
        return [decode(body, self.media_type) for name, body in self.sent if name == whose]

    def largest(self, whose: str, after: int = 0) -> int:
        return max(len(body) for name, body in self.sent[after:] if name == whose)
