"""Whatever the sizes, a session brings every value whole, in messages that the peer can take."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fumo.dm import MAC, MD5, WBXML, XML, Account, Limits, decode
from fumo.dm.message import Add, Alert, Command, Envelope, Get, Item, Location, Meta, Replace
from fumo.dm.receive import receive
from fumo.dm.reply import reply
from fumo.dm.session import (
    Answer,
    Answered,
    Asked,
    Authenticated,
    Challenged,
    Nonces,
    Request,
    SessionState,
    open_device,
    open_server,
)
from tests.dm.line import DEVICE_ID, SERVER, SERVER_URI, USER, package_1

MESSAGES_MAX = 190
sizes = st.sampled_from([0, 1, 100, 900, 3000, 12_000])
takes = st.builds(Limits, st.integers(1500, 6000), st.integers(12_000, 100_000))
kinds = st.sampled_from(["get", "replace", "add"])


def value(size: int, number: int) -> str:
    return "".join(chr(97 + (number + n) % 26) for n in range(size))


def command(kind: str, number: int, size: int) -> Command:
    where = Location(f"./Value/{number}")
    if kind == "get":
        return Get((Item(target=where),))
    item = Item(target=where, meta=Meta(format="chr"), data=value(size, number))
    return Replace((item,)) if kind == "replace" else Add((item,))


class Both:
    """A device and a server in one session, and all that went over the wire."""

    def __init__(
        self,
        asked: list[tuple[str, int]],
        of_device: Limits,
        of_server: Limits,
        form: str,
        scheme: str,
    ) -> None:
        self.sizes = [size for _, size in asked]
        self.requests = [
            Request(str(n), command(kind, n, size)) for n, (kind, size) in enumerate(asked)
        ]
        self.mine = Account(own=USER, peer=SERVER, scheme=scheme)
        self.theirs = Account(own=SERVER, peer=USER, scheme=scheme)
        self.device = open_device("1", DEVICE_ID, SERVER_URI, Nonces(), scheme, form, of_device)
        self.server: SessionState | None = None
        self.of_server, self.scheme, self.drawn = of_server, scheme, 0
        self.written: dict[str, str | bytes | None] = {}
        self.told: dict[str, Answered] = {}
        self.largest = {"device": 0, "server": 0}

    def random(self) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(16, "big")

    def arrived(self, said: Envelope, who: str) -> Envelope:
        self.largest[who] = max(self.largest[who], len(said.body))
        message = decode(said.body, said.media_type)
        return Envelope(message, said.body, said.media_type, mac=said.mac)

    def turn(self, heard: Envelope) -> Envelope:
        """The server's."""
        session = self.server or open_server(
            heard.message.header, Nonces(), heard.media_type, self.scheme, self.of_server
        )
        session, events = receive(session, self.theirs, heard)
        self.told |= {e.purpose: e for e in events if isinstance(e, Answered)}
        answers = [Answer(e.ref, 200) for e in events if isinstance(e, Asked)]
        again = any(isinstance(e, Authenticated | Challenged) for e in events)
        requests = self.requests if again and session.trusted and session.may_ask else []
        self.server, said = reply(session, self.theirs, answers, requests, self.random())
        assert said is not None
        return said

    def answer(self, asked: Asked) -> Answer:
        """The device's."""
        match asked.command:
            case Get(items=(Item(target=Location(uri)),)):
                number = int(uri.rpartition("/")[2])
                found = Item(source=Location(uri), data=value(self.sizes[number], number))
                return Answer(asked.ref, 200, results=(found,))
            case Replace(items=(item,)) | Add(items=(item,)):
                assert item.target is not None
                self.written[item.target.uri] = item.data
                return Answer(asked.ref, 200)
            case Alert():
                return Answer(asked.ref, 200)
        raise AssertionError(asked)

    def run(self) -> int:
        """The whole session; how many messages it took."""
        answers, requests = [], package_1()
        for count in range(MESSAGES_MAX):
            self.device, said = reply(self.device, self.mine, answers, requests, self.random())
            if said is None:
                return count
            back = self.arrived(self.turn(self.arrived(said, "device")), "server")
            self.device, events = receive(self.device, self.mine, back)
            answers = [self.answer(e) for e in events if isinstance(e, Asked)]
            requests = package_1() if any(isinstance(e, Challenged) for e in events) else []
        raise AssertionError("a session without end")


@pytest.mark.clause("C-LOB", "S-LOB", "C-SES-06", "P2-09", "P5-01", "P5-14")
@settings(max_examples=60)
@given(
    st.lists(st.tuples(kinds, sizes), min_size=1, max_size=5),
    takes,
    takes,
    st.sampled_from([XML, WBXML]),
    st.sampled_from([MD5, MAC]),
)
def test_every_value_arrives_whole_in_messages_that_fit(
    asked: list[tuple[str, int]], of_device: Limits, of_server: Limits, form: str, scheme: str
):
    both = Both(asked, of_device, of_server, form, scheme)
    both.run()
    assert both.largest["server"] <= of_device.msg_size_max
    assert both.largest["device"] <= of_server.msg_size_max
    for number, (kind, size) in enumerate(asked):
        told = both.told[str(number)]
        assert told.code == 200
        if kind == "get":
            assert [item.data for item in told.results] == [value(size, number)]
        else:
            assert both.written[f"./Value/{number}"] == value(size, number)
