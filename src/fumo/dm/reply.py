"""Saying one message: what is owed, what was answered, what is asked. Pure.

`reply` numbers the message and its commands, adds credentials and the challenge, and tells the
session what is now pending. It gives no message when nothing is left to say: a device's answer
that would hold only the Status of the header is never sent (DM Protocol §8.4).
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm.auth import NONCE_BYTES, Account, challenge, credentials
from fumo.dm.codec import encode
from fumo.dm.message import (
    Alert,
    Command,
    Envelope,
    Header,
    Location,
    Message,
    Meta,
    Results,
    Status,
    name_of,
)
from fumo.dm.session import Answer, Nonces, Pending, Request, SessionState, Side, Verdicts
from fumo.errors import MisuseError

MAX_MSG_SIZE = 65_536  # bytes we take in one message; told to the peer in the header
MAX_OBJ_SIZE = 1_048_576  # bytes of one object in it


def reply(
    session: SessionState,
    account: Account,
    answers: Sequence[Answer] = (),
    requests: Sequence[Request] = (),
    random: bytes = bytes(NONCE_BYTES),
) -> tuple[SessionState, Envelope | None]:
    """Our next message, or None when the session ends without one.

    `random` is 16 fresh octets: the nonce of the challenge, if the message carries one.
    """
    if requests and not session.may_ask:
        raise MisuseError("commands while the peer's package goes on, or after the end")
    if not _worth_sending(session, answers, requests):
        return replace(session, ended=True), None
    said = [*_verdicts(session, account.scheme, random), *_given(answers), *_more(session)]
    commands = tuple(_numbered([*said, *(request.command for request in requests)]))
    message = Message(_header(session, account), commands, final=session.peer_final)
    body = encode(message, session.media_type)
    after = _after(session, requests, commands[len(said) :], random)
    return after, Envelope(message, body, session.media_type, session.private)


def _worth_sending(
    session: SessionState, answers: Sequence[Answer], requests: Sequence[Request]
) -> bool:
    """A server answers every message; a device only when there is more to say than 'heard'."""
    if session.side is Side.SERVER:
        return True
    refused = session.owed is not None and bool(session.owed.refused)
    open_end = not session.peer_final
    return not session.ended and bool(answers or requests or refused or open_end)


def _verdicts(session: SessionState, scheme: str, random: bytes) -> Iterator[Status]:
    """The Status of the header first, then those of a refused message (DM Protocol §8.3)."""
    owed = session.owed
    if owed is None:
        return
    chal = challenge(scheme, random) if _challenges(session, owed) else None
    refs = ((owed.target,), (owed.source,))
    yield Status(owed.msg_id, 0, "SyncHdr", owed.code, 0, *refs, chal=chal)
    for ref in owed.refused:
        yield Status(ref.msg_id, ref.cmd_id, ref.name, owed.code)


def _challenges(session: SessionState, owed: Verdicts) -> bool:
    return owed.challenge and not session.ended


def _given(answers: Sequence[Answer]) -> Iterator[Command]:
    """Each Status, then the Results of the same command (DM Protocol §8.3)."""
    for answer in answers:
        ref = answer.ref
        yield Status(
            ref.msg_id,
            ref.cmd_id,
            ref.name,
            answer.code,
            target_refs=answer.target_refs,
            items=answer.items,
        )
        if answer.results:
            yield Results(ref.msg_id, ref.cmd_id, answer.results)


def _more(session: SessionState) -> Iterator[Command]:
    """Ask for the rest of a package that is not final (DM Protocol §8.1.1)."""
    if not session.peer_final and not session.ended:
        yield Alert(AlertCode.NEXT_MESSAGE)


def _numbered(commands: Sequence[Command]) -> Iterator[Command]:
    for number, command in enumerate(commands, 1):
        yield replace(command, cmd_id=number)


def _header(session: SessionState, account: Account) -> Header:
    cred = None
    if not session.proven:
        cred = credentials(account.own, session.scheme, session.nonces.own)
    return Header(
        session.session_id,
        session.sent + 1,
        Location(session.peer_uri),
        Location(session.own_uri, account.own.name),
        resp_uri=session.reply_to,
        cred=cred,
        meta=Meta(max_msg_size=MAX_MSG_SIZE, max_obj_size=MAX_OBJ_SIZE),
    )


def _after(
    session: SessionState,
    requests: Sequence[Request],
    numbered: Sequence[Command],
    random: bytes,
) -> SessionState:
    sent = session.sent + 1
    pending = tuple(
        Pending(sent, command.cmd_id, name_of(command), request.purpose)
        for request, command in zip(requests, numbered, strict=True)
    )
    given = _with_given_nonce(session, random)
    return replace(given, sent=sent, pending=session.pending + pending, owed=None)


def _with_given_nonce(session: SessionState, random: bytes) -> SessionState:
    """The nonce of our challenge: for the very next message, or with 212 the next session."""
    if session.owed is None or not _challenges(session, session.owed):
        return session
    kept = Nonces(session.kept.own, random) if session.trusted else session.kept
    return replace(session, nonces=Nonces(session.nonces.own, random), kept=kept)
