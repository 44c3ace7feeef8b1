"""Hearing one message: judged, put in step, and turned into events. Pure.

`receive` decides three things in this order: does the message belong here (lock-step), is it from
who it says (auth), and only then what it says. A peer that breaks the session is a `PeerError`;
a peer whose credentials fail is answered with 401 or 407 and a challenge, and nothing else.
"""

from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.codes import Status as Code
from fumo.dm.answered import hear_answers, of_header
from fumo.dm.auth import BASIC, MAC, SCHEMES, Account, Verdict, wanted
from fumo.dm.chunks import join
from fumo.dm.message import (
    Alert,
    Command,
    Envelope,
    Header,
    Message,
    Results,
    Status,
    name_of,
)
from fumo.dm.notification import RESYNC_NONCE
from fumo.dm.proving import demanded, each_message, judge, offered
from fumo.dm.session import (
    MESSAGES_MAX,
    PROOFS_MAX,
    TRIES_MAX,
    Asked,
    Authenticated,
    Challenged,
    Ended,
    Event,
    Nonces,
    Ref,
    Refused,
    SessionState,
    Side,
    Verdicts,
)
from fumo.errors import PeerError

VER_PROTO, VER_DTD = "DM/1.2", "1.2"
REFUSALS = (Code.INVALID_CREDENTIALS, Code.CREDENTIALS_MISSING)


def receive(
    session: SessionState, account: Account, envelope: Envelope
) -> tuple[SessionState, list[Event]]:
    """The session after hearing `envelope`, and what it brought. PeerError: not our turn."""
    message = envelope.message
    _in_step(session, message)
    session = _noted(session, envelope)
    if session.side is Side.SERVER and (refusal := _unspoken(message.header)):
        return _cannot_speak(session, message, refusal)
    each = each_message(session, account)
    if session.trusted and not each:
        return _hear(_owing(session, message, Code.OK, challenge=False), message, [])
    worth = judge(session, account, envelope)
    session = _fixed(session, account, envelope, worth)
    if worth is not Verdict.GOOD:
        return _refuse(session, message, worth)
    return _welcome(session, account, message)


def _welcome(
    session: SessionState, account: Account, message: Message
) -> tuple[SessionState, list[Event]]:
    """200 where each message proves itself, else 212 for the session (DM Security §5.3)."""
    each, known = each_message(session, account), session.trusted
    # The nonce that served is kept: a next one travels only if we have another message to send.
    # The nonce that everybody knows is never kept: it serves a resync, and once (DM Notification).
    served = None if session.nonces.peer == RESYNC_NONCE else session.nonces.peer
    kept = Nonces(session.kept.own, served)
    session = replace(session, trusted=True, kept=kept)
    if session.peer_scheme == BASIC and session.nonces.own is None:
        # Without a nonce there is no digest; who showed basic where nobody reads along takes it.
        session = replace(session, scheme=BASIC)
    scheme = MAC if session.peer_scheme == MAC else account.scheme
    code = Code.OK if each else Code.AUTHENTICATED
    session = _owing(session, message, code, challenge=scheme != BASIC)
    return _hear(session, message, [] if known else [Authenticated(account.peer.name)])


def _fixed(
    session: SessionState, account: Account, envelope: Envelope, worth: Verdict
) -> SessionState:
    """The kind of the peer's credentials: the first good one, or what we challenge for."""
    if session.peer_scheme is not None:
        return session
    good = worth is Verdict.GOOD
    scheme = offered(envelope) if good else demanded(session, account, envelope)
    return replace(session, peer_scheme=scheme)


def _unspoken(header: Header) -> Code | None:
    """The Status for versions that we do not speak (DM Protocol §8.2)."""
    if header.ver_proto != VER_PROTO:
        return Code.UNSUPPORTED_PROTOCOL
    return None if header.ver_dtd == VER_DTD else Code.UNSUPPORTED_DTD


def _cannot_speak(
    session: SessionState, message: Message, code: Code
) -> tuple[SessionState, list[Event]]:
    """One Status, and no more of this session: nothing of the message was understood."""
    session = replace(session, trusted=False, suspicions=TRIES_MAX, peer_final=True)
    session = _owing(session, message, code, challenge=False)
    return _end(session, [], f"the peer speaks {message.header.ver_proto[:40]!r}")


def _in_step(session: SessionState, message: Message) -> None:
    """Lock-step: this session, a newer message, and the answer to our newest one."""
    header = message.header
    if session.ended:
        raise PeerError(f"session {session.session_id} has ended")
    if header.session_id != session.session_id:
        raise PeerError(f"session {header.session_id!r}, where {session.session_id!r} goes on")
    if session.side is Side.DEVICE and header.target.uri not in ("", session.own_uri):
        raise PeerError(f"a message to {header.target.uri[:60]!r}, not to {session.own_uri!r}")
    if session.side is Side.DEVICE and header.ver_proto != VER_PROTO:
        raise PeerError(f"protocol {header.ver_proto!r}, where DM/1.2 is spoken")
    if header.msg_id <= session.heard or session.sent >= MESSAGES_MAX:
        raise PeerError(f"message {header.msg_id} after message {session.heard}")
    if session.sent and _answers(message) != session.sent:
        raise PeerError(f"an answer to message {_answers(message)}, not to {session.sent}")


def _answers(message: Message) -> int | None:
    """Which message of ours this one answers: the MsgRef of its Status for the header."""
    refs = (c.msg_ref for c in message.commands if isinstance(c, Status) and of_header(c))
    return next(refs, None)


def _noted(session: SessionState, envelope: Envelope) -> SessionState:
    """Bookkeeping that any message of the peer brings, whoever wrote it."""
    header = envelope.message.header
    meta = header.meta
    return replace(
        session,
        heard=header.msg_id,
        resp_uri=header.resp_uri or session.resp_uri,
        peer_final=envelope.message.final or (session.going_on and session.peer_final),
        private=envelope.private,
        peer_max_msg_size=(meta and meta.max_msg_size) or session.peer_max_msg_size,
        peer_max_obj_size=(meta and meta.max_obj_size) or session.peer_max_obj_size,
    )


def _owing(session: SessionState, message: Message, code: Code, *, challenge: bool) -> SessionState:
    """212 holds for the session; its challenge carries the nonce for the next one."""
    header = message.header
    owed = Verdicts(header.msg_id, code, challenge, *_addresses(header))
    return replace(session, owed=owed)


def _addresses(header: Header) -> tuple[str, str]:
    return header.target.uri, header.source.uri


def _refuse(
    session: SessionState, message: Message, worth: Verdict
) -> tuple[SessionState, list[Event]]:
    """Stamp 401 or 407 on everything; of the message only a challenge's nonce is used."""
    missing = worth is Verdict.MISSING
    code = Code.CREDENTIALS_MISSING if missing else Code.INVALID_CREDENTIALS
    stamped = tuple(ref for ref, _ in _asked(message))
    owed = Verdicts(message.header.msg_id, code, True, *_addresses(message.header), stamped)
    # DM Security §5.4: who proved itself with each message, or in one way, has to go on so
    broken = session.trusted or worth is Verdict.OTHER
    suspicions = TRIES_MAX if broken else session.suspicions + 1
    session = replace(session, owed=owed, trusted=False, unfinished=None, suspicions=suspicions)
    session, events = _challenged(session, message, trusted=False)
    if session.suspicions >= TRIES_MAX:
        why = "in a session that was proven" if broken else f"{TRIES_MAX} times"
        return _end(session, [Refused(worth), *events], f"{worth}, {why}")
    return session, [Refused(worth), *events]


def _hear(
    session: SessionState, message: Message, events: list[Event]
) -> tuple[SessionState, list[Event]]:
    """What an authenticated message says: first its Statuses, then its whole commands."""
    session, message = _joined(session, message)
    session, more = _challenged(session, message, trusted=True)
    events += more
    if not any(isinstance(event, Challenged) for event in more):
        session, answered = hear_answers(session, message)
        events += answered
    events += [Asked(ref, command) for ref, command in _asked(message)]
    if any(isinstance(c, Alert) and c.code == AlertCode.SESSION_ABORT for c in message.commands):
        return _end(session, events, "the peer aborted the session")
    return session, events


def _joined(session: SessionState, message: Message) -> tuple[SessionState, Message]:
    """The message with whole values only; the session owes the Statuses of the chunks."""
    joined = join(session.unfinished, message, session.takes.obj_size_max)
    assert session.owed is not None
    owed = replace(session.owed, dues=tuple(joined.dues), broken=joined.broken)
    session = replace(session, owed=owed, unfinished=joined.unfinished)
    return session, replace(message, commands=tuple(joined.commands))


def _challenged(
    session: SessionState, message: Message, *, trusted: bool
) -> tuple[SessionState, list[Event]]:
    """The header's Status: were we believed? Its nonce is kept only by a trusted word."""
    status = next((c for c in message.commands if isinstance(c, Status) and of_header(c)), None)
    if status is None:
        return session, []
    before = session.scheme
    session = _with_nonce(session, status, trusted=trusted)
    if status.code not in REFUSALS:
        done = trusted and status.code == Code.AUTHENTICATED
        return replace(session, proven=session.proven or done), []
    # DM Protocol §8.7: a 401 stamped on every command of a refused message answers none of them
    session = replace(session, pending=(), proven=False, refusals=session.refusals + 1)
    session = replace(session, waiting=(), going_on=False, gathered=())
    why = _hopeless(session, before)
    return _end(session, [], why) if why else (session, [Challenged(status.code)])


def _hopeless(session: SessionState, before: str) -> str | None:
    """Why no further try can help, if so."""
    if before == MAC and session.scheme != MAC:
        return "the peer wants less than the MAC that this session began with"
    if session.refusals >= PROOFS_MAX:
        return f"the peer refused our credentials {PROOFS_MAX} times"
    if session.scheme not in SCHEMES:
        return f"the peer wants credentials of the unknown kind {session.scheme!r}"
    if session.scheme == BASIC and not session.private:
        return "the peer wants basic credentials on a connection others can read"
    return None


def _with_nonce(session: SessionState, status: Status, *, trusted: bool) -> SessionState:
    if status.chal is None:
        return session
    scheme, nonce = wanted(status.chal)
    if status.code in REFUSALS:
        session = replace(session, scheme=scheme)
    nonces = Nonces(nonce, session.nonces.peer)
    kept = Nonces(nonce, session.kept.peer) if trusted and nonce is not None else session.kept
    return replace(session, nonces=nonces, kept=kept)


def _asked(message: Message) -> list[tuple[Ref, Command]]:
    """The commands that want an answer: all but Status and Results."""
    return [
        (Ref(message.header.msg_id, command.cmd_id, name_of(command)), command)
        for command in message.commands
        if not isinstance(command, Status | Results)
    ]


def _end(
    session: SessionState, events: list[Event], reason: str
) -> tuple[SessionState, list[Event]]:
    return replace(session, ended=True), [*events, Ended(reason)]
