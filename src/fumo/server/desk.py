"""A message becomes a decision: the reply's bytes and all that is to be saved with it. No effects.

Credentials come first; what a believed message says and is answered is in `turn`.
Promises: a message that proves nothing changes nothing, not one row; an unknown device is
answered like a known one that failed to prove itself.
"""

from hashlib import sha256
from hmac import digest as hmac

from msgspec import Struct
from msgspec.structs import replace

from fumo.dm.auth import MD5, Account, Login
from fumo.dm.message import Envelope
from fumo.dm.session import SessionState
from fumo.errors import PeerError
from fumo.server.carrying import carrier_of
from fumo.server.ledger import Ledger
from fumo.server.proof import SESSION_AGE_S, Judged, judge, own_address, refusal
from fumo.server.rows import Case, Device, Logged, Session, Stored, Supply, Work, Writes
from fumo.server.turn import hear, say
from fumo.wire.exchange import Reply, plain


class Desk(Struct, frozen=True):
    """What all decisions share: the server's name, and a key that only it knows."""

    server_id: str
    key: bytes


class Moment(Struct, frozen=True):
    """When a message is decided, and fresh octets: the next nonce, and a new session's token."""

    at_s: float
    random: bytes


class Decision(Struct, frozen=True):
    """The reply, and what must be durable before it leaves; None: nothing."""

    reply: Reply
    writes: Writes | None = None


def decide(desk: Desk, case: Case, envelope: Envelope, supply: Supply, moment: Moment) -> Decision:
    """Judge one message with the rows it needs."""
    name = envelope.message.header.source.uri
    account = _account(desk, case.device) if case.device else _nobody(desk, name)
    try:
        judged = judge(desk.key, account, case, envelope, moment.at_s)
        if case.device is None or not judged.state.trusted:
            return Decision(refusal(desk.key, account, judged.state, moment.at_s))
        work = judged.session.work if judged.session else Work()
        known = {operation.id: operation for operation in case.operations}
        ledger = Ledger(moment.at_s, case.device, work, known, supply, case.campaigns)
        ledger.packages, ledger.carrier = case.packages, carrier_of(judged.state)
        return _proven(desk, judged, envelope, ledger, moment)
    except PeerError as fault:  # out of step, or it takes no message that could say anything
        return Decision(plain(400, str(fault)))


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
    state = case.session.state
    proof = state.said_mac if number == state.heard else None  # an older one is not heard anyway
    return Reply(200, stored.reply, stored.media_type, proof)


def _account(desk: Desk, device: Device) -> Account:
    own = Login(desk.server_id, device.server_secret)
    return Account(own=own, peer=Login(device.user, device.secret), scheme=MD5)


def _nobody(desk: Desk, name: str) -> Account:
    """An unknown device has a secret too, which nobody knows: it is refused as a known one is."""
    drawn = hmac(desk.key, f"nobody{name}".encode(), "sha256").hex()
    return Account(own=Login(desk.server_id, ""), peer=Login(drawn, drawn), scheme=MD5)


def _proven(
    desk: Desk, judged: Judged, envelope: Envelope, ledger: Ledger, moment: Moment
) -> Decision:
    """The device has proven itself: what it says counts, and it is asked what comes next."""
    session, state = judged.session, judged.state
    if session is None:
        address = own_address(desk.key, state.own_uri, moment.random)
        state = replace(state, reply_to=address)
    hear(ledger, judged)
    account = _account(desk, ledger.device)
    state, said = say(ledger, replace(judged, state=state), account, moment.random)
    answer = Reply(200, said.body, said.media_type, said.mac)
    return Decision(answer, _writes(session, ledger, state, envelope, answer, moment))


def _writes(
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
        device=device,
        session=Session(device.id, state, ledger.work, moment.at_s),
        new_session=session is None,
        stored=_stored(envelope, answer),
        operations=tuple(ledger.changed.values()),
        alerts=tuple(ledger.alerts),
        notes=tuple(ledger.notes),
        log=_log(envelope, answer, state, moment, about),
        told=ledger.told or ledger.device.seen_at_s is None,
        incidents=tuple(ledger.incidents.values()),
    )


def _bound(envelope: Envelope) -> bool:
    if envelope.mac is not None:
        return True
    cred = envelope.message.header.cred
    return bool(cred and cred.meta and cred.meta.type == MD5)


def _stored(envelope: Envelope, answer: Reply) -> Stored:
    number, body = envelope.message.header.msg_id, sha256(envelope.body).digest()
    return Stored(number, body, answer.body, answer.media_type, _bound(envelope))


def _log(
    envelope: Envelope,
    answer: Reply,
    state: SessionState,
    moment: Moment,
    about: tuple[int, ...],
) -> tuple[Logged, Logged]:
    heard = envelope.message.header.msg_id
    where = (state.session_id, heard, moment.at_s, envelope.media_type, envelope.body)
    replied = (state.session_id, state.sent, moment.at_s, answer.media_type, answer.body)
    return Logged(True, *where, about), Logged(False, *replied, about)
