"""Whatever a trusted peer says, a session hears it, answers, and can be stored in between."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fumo.dm.auth import Account
from fumo.dm.codec import decode, encode
from fumo.dm.message import (
    WBXML,
    XML,
    Add,
    Alert,
    Command,
    Envelope,
    Get,
    Header,
    Item,
    Location,
    Message,
    Meta,
    Replace,
    Results,
    Status,
    name_of,
)
from fumo.dm.receive import receive
from fumo.dm.reply import reply
from fumo.dm.session import (
    Answer,
    Asked,
    Limits,
    Nonces,
    Request,
    SessionState,
    open_device,
    open_server,
)
from fumo.errors import PeerError
from tests.dm.line import SERVER, USER
from tests.dm.strategies import commands, text_items, tuples

URIS = st.sampled_from(("./a", "./b", ""))
BITS = st.text("xy\u00e4", max_size=5)
pieces = st.builds(
    Item,
    target=st.builds(Location, URIS),
    source=st.none(),
    meta=st.none() | st.builds(Meta, size=st.integers(0, 12)),
    data=BITS,
    more_data=st.booleans(),
)
chunks = st.builds(
    lambda kind, items: kind(items),
    st.sampled_from((Add, Replace)),
    st.lists(pieces, min_size=1, max_size=2).map(tuple),
)
results = st.builds(Results, st.integers(1, 4), st.integers(1, 4), tuples(pieces))
answers = st.builds(
    Status, st.integers(1, 4), st.integers(1, 4), st.just("Get"), st.sampled_from((200, 213, 413))
)
alerts = st.builds(Alert, st.sampled_from((1222, 1223, 1225, 1226)), items=tuples(pieces))
anything = chunks | chunks | results | answers | alerts | commands(tuples(text_items))
turns = st.lists(
    st.tuples(st.lists(anything, max_size=4), st.booleans(), st.integers(0, 5000)), max_size=6
)
ACCOUNTS = Account(own=USER, peer=SERVER), Account(own=SERVER, peer=USER)
stored = msgspec.json.Decoder(SessionState).decode


def opened(side: str, media_type: str) -> SessionState:
    """A session whose peer is believed, before its first message."""
    if side == "device":
        state = open_device("1", "d", "s", Nonces(), "syncml:auth-md5", media_type)
    else:
        state = open_server(Header("1", 1, Location("s"), Location("d")), Nonces(), media_type)
    return replace(state, trusted=True, proven=True, takes=Limits(obj_size_max=10))


def numbered(said: list[Command], state: SessionState) -> tuple[Command, ...]:
    """In step: the Status of our newest message first."""
    first = Status(state.sent, 0, "SyncHdr", 200)
    told = [first, *said] if state.sent else said
    return tuple(replace(command, cmd_id=n) for n, command in enumerate(told, 1))


@settings(max_examples=150, deadline=None)
@given(turns, st.sampled_from(("device", "server")), st.sampled_from((XML, WBXML)))
def test_any_peer_is_heard_and_answered(
    said: list[tuple[list[Command], bool, int]], side: str, media_type: str
):
    state, account = opened(side, media_type), ACCOUNTS[side == "server"]
    for number, (commands_, final, size_max) in enumerate(said, 1):
        header = Header("1", number, Location(), Location(), meta=Meta(max_msg_size=size_max))
        message = Message(header, numbered(commands_, state), final)
        body = encode(message, XML)
        try:
            state, events = receive(state, account, Envelope(decode(body, XML), body, XML))
            given_ = [
                Answer(e.ref, 200, results=(Item(source=Location("./r"), data="r" * 3000),))
                for e in events
                if isinstance(e, Asked)
            ]
            ask = [Request("q", Get((Item(Location("./a")),))), Request("w", big())]
            state, answer = reply(state, account, given_, ask if state.may_ask else ())
        except PeerError:
            return
        assert stored(msgspec.json.encode(state)) == state
        if answer is None:
            return
        insist(state, answer, size_max)


def big() -> Replace:
    return Replace((Item(Location("./w"), data="v" * 4000),))


def insist(state: SessionState, answer: Envelope, size_max: int) -> None:
    """What holds for each message of ours."""
    if size_max:
        assert len(answer.body) <= size_max
    names = [name_of(command) for command in answer.message.commands]
    assert names[0] == "Status"
    more = [i for c in answer.message.commands for i in getattr(c, "items", ()) if i.more_data]
    assert not (more and answer.message.final)
    held = state.unfinished
    assert held is None or sum(len(piece) for piece in held.pieces) <= 10
