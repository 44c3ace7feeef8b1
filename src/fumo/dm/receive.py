"""Hearing one message: judged, put in step, and turned into events. Pure.

`receive` decides three things in this order: does the message belong here (lock-step), is it from
who it says (auth), and only then what it says. A peer that breaks the session is a `PeerError`;
a peer whose credentials fail is answered with 401 or 407 and a challenge, and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.codes import Status as Code
from fumo.dm.auth import BASIC, MD5, SCHEMES, Account, Verdict, verdict, wanted
from fumo.dm.message import (
    Alert,
    Command,
    Envelope,
    Header,
    Item,
    Message,
    Results,
    Status,
    name_of,
)
from fumo.dm.session import (
    MESSAGES_MAX,
    PROOFS_MAX,
    TRIES_MAX,
    Answered,
    Asked,
    Authenticated,
    Challenged,
    Ended,
    Event,
    Nonces,
    Pending,
    Ref,
    Refused,
    SessionState,
    Side,
    Verdicts,
)
from fumo.errors import PeerError

REFUSALS = (Code.INVALID_CREDENTIALS, Code.CREDENTIALS_MISSING)


def receive(
    session: SessionState, account: Account, envelope: Envelope
) -> tuple[SessionState, list[Event]]:
    """The session after hearing `envelope`, and what it brought. PeerError: not our turn."""
    message = envelope.message
    _in_step(session, message)
    session = _noted(session, envelope)
    if session.trusted:
        return _hear(_owing(session, message, Code.OK, challenge=False), message, [])
    worth = verdict(message.header.cred, account.peer, session.nonces.peer, envelope.private)
    if worth is not Verdict.GOOD:
        return _refuse(session, message, worth)
    # The nonce that served is kept: a next one travels only if we have another message to send.
    kept = Nonces(session.kept.own, session.nonces.peer)
    session = replace(session, trusted=True, kept=kept)
    session = _owing(session, message, Code.AUTHENTICATED, challenge=account.scheme == MD5)
    return _hear(session, message, [Authenticated(account.peer.name)])


def _in_step(session: SessionState, message: Message) -> None:
    """Lock-step: this session, a newer message, and the answer to our newest one."""
    header = message.header
    if session.ended:
        raise PeerError(f"session {session.session_id} has ended")
    if header.session_id != session.session_id:
        raise PeerError(f"session {header.session_id!r}, where {session.session_id!r} goes on")
    if session.side is Side.DEVICE and header.target.uri not in ("", session.own_uri):
        raise PeerError(f"a message to {header.target.uri[:60]!r}, not to {session.own_uri!r}")
    if header.ver_proto != "DM/1.2":
        raise PeerError(f"protocol {header.ver_proto!r}, where DM/1.2 is spoken")
    if header.msg_id <= session.heard or session.sent >= MESSAGES_MAX:
        raise PeerError(f"message {header.msg_id} after message {session.heard}")
    if session.sent and _answers(message) != session.sent:
        raise PeerError(f"an answer to message {_answers(message)}, not to {session.sent}")


def _answers(message: Message) -> int | None:
    """Which message of ours this one answers: the MsgRef of its Status for the header."""
    refs = (c.msg_ref for c in message.commands if isinstance(c, Status) and _of_header(c))
    return next(refs, None)


def _of_header(status: Status) -> bool:
    return status.cmd_ref == 0 and status.cmd in ("SyncHdr", "")


def _noted(session: SessionState, envelope: Envelope) -> SessionState:
    """Bookkeeping that any message of the peer brings, whoever wrote it."""
    header = envelope.message.header
    meta = header.meta
    return replace(
        session,
        heard=header.msg_id,
        resp_uri=header.resp_uri or session.resp_uri,
        peer_final=envelope.message.final,
        private=envelope.private,
        peer_max_msg_size=(meta and meta.max_msg_size) or session.peer_max_msg_size,
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
    session = replace(session, owed=owed, suspicions=session.suspicions + 1)
    session, events = _challenged(session, message, trusted=False)
    if session.suspicions >= TRIES_MAX:
        return _end(session, [Refused(worth), *events], f"{worth}, {TRIES_MAX} times")
    return session, [Refused(worth), *events]


def _hear(
    session: SessionState, message: Message, events: list[Event]
) -> tuple[SessionState, list[Event]]:
    """What an authenticated message says: first its Statuses, then its commands."""
    session, more = _challenged(session, message, trusted=True)
    events += more
    if not any(isinstance(event, Challenged) for event in more):
        session, answered = _answered(session, message)
        events += answered
    events += [Asked(ref, command) for ref, command in _asked(message)]
    if any(isinstance(c, Alert) and c.code == AlertCode.SESSION_ABORT for c in message.commands):
        return _end(session, events, "the peer aborted the session")
    return session, events


def _challenged(
    session: SessionState, message: Message, *, trusted: bool
) -> tuple[SessionState, list[Event]]:
    """The header's Status: were we believed? Its nonce is kept only by a trusted word."""
    status = next((c for c in message.commands if isinstance(c, Status) and _of_header(c)), None)
    if status is None:
        return session, []
    session = _with_nonce(session, status, trusted=trusted)
    if status.code not in REFUSALS:
        done = trusted and status.code == Code.AUTHENTICATED
        return replace(session, proven=session.proven or done), []
    # DM Protocol §8.7: a 401 stamped on every command of a refused message answers none of them
    session = replace(session, pending=(), proven=False, refusals=session.refusals + 1)
    why = _hopeless(session)
    return _end(session, [], why) if why else (session, [Challenged(status.code)])


def _hopeless(session: SessionState) -> str | None:
    """Why no further try can help, if so."""
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


@dataclass
class _Told:
    """What one message tells of one pending command."""

    status: Status | None = None
    results: list[Item] = field(default_factory=list)


def _answered(session: SessionState, message: Message) -> tuple[SessionState, list[Event]]:
    """Match Statuses and Results to what is pending; one for nothing of ours is ignored."""
    told: dict[tuple[int, int], _Told] = {}
    for command in message.commands:
        if isinstance(command, Status) and not _of_header(command):
            told.setdefault((command.msg_ref, command.cmd_ref), _Told()).status = command
        elif isinstance(command, Results):
            entry = told.setdefault((command.msg_ref, command.cmd_ref), _Told())
            entry.results += _sourced(command)
    matched = [(p, told.get((p.msg_id, p.cmd_id))) for p in session.pending]
    events = [_answer(p, t.status, t.results) for p, t in matched if t and t.status]
    left = tuple(p for p, t in matched if not (t and t.status))
    return replace(session, pending=left), list(events)


def _answer(pending: Pending, status: Status, results: list[Item]) -> Answered:
    return Answered(pending.purpose, status.code, status.items, tuple(results))


def _sourced(results: Results) -> Iterator[Item]:
    """Items with the Meta that the whole Results may carry for them."""
    for item in results.items:
        yield replace(item, meta=item.meta or results.meta)


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
