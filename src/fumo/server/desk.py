"""A message becomes a decision: the reply's bytes and all that is to be saved with it. No effects.

Order within a message: credentials, then alerts, then answers to our commands, then what to ask
next. Promises: a message that proves nothing changes nothing but its own session's row; an unknown
device is answered like a known one that failed to prove itself, and leaves no row at all.
"""

from collections.abc import Mapping
from hashlib import sha256
from hmac import digest as hmac

from msgspec import Struct
from msgspec.structs import replace

from fumo.dm.auth import MD5, NONCE_BYTES, Account, Login
from fumo.dm.message import Envelope
from fumo.dm.receive import receive
from fumo.dm.reply import reply
from fumo.dm.session import (
    TRIES_MAX,
    Answered,
    Asked,
    Challenged,
    Event,
    Nonces,
    SessionState,
    open_server,
)
from fumo.errors import PeerError
from fumo.server import verdicts
from fumo.server.answering import answers, hear_alerts, hear_info
from fumo.server.commands import EXEC, URL, number_of
from fumo.server.ledger import Ledger
from fumo.server.ordering import next_requests, ready
from fumo.server.rows import Case, Device, Logged, OperationState, Session, Stored, Work, Writes
from fumo.wire.exchange import Reply, plain

SESSION_AGE_S = 300.0
"""A session in which nothing was said for so long is over."""


class Desk(Struct, frozen=True):
    """What all decisions share: the server's name, and a key that only it knows."""

    server_id: str
    key: bytes


class Moment(Struct, frozen=True):
    """When a message is decided, and the fresh octets for its challenge."""

    at_s: float
    random: bytes


class Decision(Struct, frozen=True):
    """The reply, and what must be durable before it leaves; None: nothing."""

    reply: Reply
    writes: Writes | None = None


def decide(
    desk: Desk, case: Case, envelope: Envelope, urls: Mapping[int, str], moment: Moment
) -> Decision:
    """Judge one message with the rows it needs."""
    session = _going_on(case, envelope, moment)
    begins = envelope.message.header.msg_id == 1
    if case.device is None or (session is None and not begins):
        return _to_a_stranger(desk, envelope)
    device = case.device
    before = session.state if session else _opened(device, envelope)
    try:
        state, events = receive(before, _account(desk, device), envelope)
    except PeerError as fault:
        return Decision(plain(400, str(fault)))
    if not state.trusted:
        state = _unmoved(before, state)
        return _unproven(desk, case, device, session, state, envelope, moment)
    return _proven(desk, case, device, session, (state, events), envelope, urls, moment)


def repeated(case: Case, envelope: Envelope, at_s: float) -> Reply | None:
    """The stored reply, if this very message was answered in the session that goes on (F22)."""
    number, body = envelope.message.header.msg_id, sha256(envelope.body).digest()
    stored = next((s for s in case.stored if s.msg_id == number), None)
    if stored is None or stored.body_sha256 != body or case.session is None:
        return None
    if at_s - case.session.at_s > SESSION_AGE_S:
        return None
    if number == 1 and case.session.over and not stored.bound:
        return None  # the same first words may begin a new session: nothing in them is fresh
    return Reply(200, stored.reply, stored.media_type)


def _going_on(case: Case, envelope: Envelope, moment: Moment) -> Session | None:
    """The session this message belongs to; MsgID 1 with new words begins another (F22)."""
    session = case.session
    if session is None or envelope.message.header.msg_id == 1:
        return None
    return session if moment.at_s - session.at_s <= SESSION_AGE_S else None


def _opened(device: Device, envelope: Envelope) -> SessionState:
    return open_server(envelope.message.header, device.nonces, envelope.media_type)


def _account(desk: Desk, device: Device) -> Account:
    own = Login(desk.server_id, device.server_secret)
    return Account(own=own, peer=Login(device.user, device.secret), scheme=MD5)


# --- nothing is proven ----------------------------------------------------------------------------


def _to_a_stranger(desk: Desk, envelope: Envelope) -> Decision:
    """As a known device is refused, but out of nothing: no row, and the same answer each time."""
    header = envelope.message.header
    before = header.msg_id - 1
    state = open_server(header, Nonces(), envelope.media_type)
    state = replace(state, sent=before, suspicions=before, ended=before >= TRIES_MAX)
    drawn = hmac(desk.key, envelope.body, "sha256")
    own, peer = Login(desk.server_id, ""), Login(drawn.hex(), drawn.hex())
    nobody = Account(own=own, peer=peer, scheme=MD5)
    try:
        heard, _ = receive(state, nobody, envelope)
    except PeerError as fault:
        return Decision(plain(400, str(fault)))
    _, body = _say_nothing_of_ours(_unmoved(state, heard), nobody, drawn[:NONCE_BYTES])
    return Decision(Reply(200, body, envelope.media_type))


def _unmoved(before: SessionState, after: SessionState) -> SessionState:
    """A stranger's word about our credentials, which it never saw, counts for nothing."""
    ended = after.suspicions >= TRIES_MAX
    return replace(after, scheme=before.scheme, refusals=before.refusals, ended=ended)


def _say_nothing_of_ours(
    state: SessionState, account: Account, random: bytes
) -> tuple[SessionState, bytes]:
    """A refusal without our credentials: who only asks shall not collect proofs of ours."""
    bare = replace(state, scheme=MD5, nonces=Nonces(None, state.nonces.peer))
    after, said = reply(bare, account, random=random)
    assert said is not None
    nonces = Nonces(state.nonces.own, after.nonces.peer)
    return replace(after, scheme=state.scheme, nonces=nonces), said.body


def _unproven(
    desk: Desk,
    case: Case,
    device: Device,
    session: Session | None,
    state: SessionState,
    envelope: Envelope,
    moment: Moment,
) -> Decision:
    """401 or 407 for all of it. Only the session's own row remembers."""
    state, body = _say_nothing_of_ours(state, _account(desk, device), moment.random)
    said = Reply(200, body, envelope.media_type)
    row = _row(device, session, state, Work(), moment)
    writes = Writes(
        device_id=device.id,
        guard=None,
        session_guard=case.session.version if case.session else 0,
        session=row,
        new_session=session is None,
        stored=_stored(envelope, said, bound=False),
        log=_log(envelope, said, state, moment, trusted=False),
    )
    return Decision(said, writes)


# --- the device has proven itself -----------------------------------------------------------------


def _proven(
    desk: Desk,
    case: Case,
    device: Device,
    session: Session | None,
    heard: tuple[SessionState, list[Event]],
    envelope: Envelope,
    urls: Mapping[int, str],
    moment: Moment,
) -> Decision:
    state, events = heard
    before = session.state.pending if session else ()
    known = {operation.id: operation for operation in case.operations}
    work = session.work if session else Work()
    ledger = Ledger(moment.at_s, device, work, known, urls)
    ledger.touched |= _spoken_of([p.purpose for p in before], work)
    asked = [event for event in events if isinstance(event, Asked)]
    hear_alerts(ledger, state.session_id, asked)
    hear_info(ledger, asked)
    if any(isinstance(event, Challenged) for event in events):
        verdicts.refused(ledger, [p.purpose for p in before])
    verdicts.hear(ledger, [event for event in events if isinstance(event, Answered)])
    coming = ready(ledger)
    requests = next_requests(ledger) if state.may_ask else []
    orders = coming is not None and ledger.operations[coming.id].state in _ORDERED
    said_by_us = answers(asked, orders=orders)
    account = _account(desk, device)
    state, said = reply(state, account, said_by_us, requests, moment.random)
    assert said is not None
    answer = Reply(200, said.body, envelope.media_type)
    return Decision(answer, _writes(case, session, ledger, state, envelope, answer, moment))


_ORDERED = frozenset({OperationState.PLANNED, OperationState.SENT})


def _spoken_of(purposes: list[str], work: Work) -> set[int]:
    """The operations that the message answers something about."""
    numbers = {number_of(p, p.partition(":")[0] + ":") for p in purposes if _numbered(p)}
    return numbers | ({work.ordering} if work.ordering and URL in purposes else set())


def _numbered(purpose: str) -> bool:
    return purpose.startswith((EXEC, "ask:"))


def _writes(
    case: Case,
    session: Session | None,
    ledger: Ledger,
    state: SessionState,
    envelope: Envelope,
    answer: Reply,
    moment: Moment,
) -> Writes:
    device = replace(ledger.device, nonces=state.kept, seen_at_s=moment.at_s)
    about = tuple(sorted(ledger.touched & ledger.operations.keys()))
    return Writes(
        device_id=device.id,
        guard=device.version,
        session_guard=case.session.version if case.session else 0,
        device=device,
        session=_row(device, session, state, ledger.work, moment),
        new_session=session is None,
        drop_others=session is None or not session.state.trusted,
        stored=_stored(envelope, answer, bound=_bound(envelope)),
        operations=tuple(ledger.changed.values()),
        alerts=tuple(ledger.alerts),
        notes=tuple(ledger.notes),
        log=_log(envelope, answer, state, moment, trusted=True, about=about),
    )


def _row(
    device: Device, session: Session | None, state: SessionState, work: Work, moment: Moment
) -> Session:
    version = session.version if session else 0
    return Session(device.id, state, work, version, moment.at_s)


def _bound(envelope: Envelope) -> bool:
    cred = envelope.message.header.cred
    return bool(cred and cred.meta and cred.meta.type == MD5)


def _stored(envelope: Envelope, answer: Reply, *, bound: bool) -> Stored:
    number, body = envelope.message.header.msg_id, sha256(envelope.body).digest()
    return Stored(number, body, answer.body, answer.media_type, bound)


def _log(
    envelope: Envelope,
    answer: Reply,
    state: SessionState,
    moment: Moment,
    *,
    trusted: bool,
    about: tuple[int, ...] = (),
) -> tuple[Logged, Logged]:
    heard = envelope.message.header.msg_id
    where = (state.session_id, heard, moment.at_s, envelope.media_type, envelope.body)
    replied = (state.session_id, state.sent, moment.at_s, answer.media_type, answer.body)
    return Logged(True, *where, trusted, about), Logged(False, *replied, trusted, about)
