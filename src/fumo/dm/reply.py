"""Saying one message: what is owed, what was answered, what is asked. Pure.

`reply` numbers the message and its commands, adds credentials and the challenge, and tells the
session what is now pending. It gives no message when nothing is left to say: a device's answer
that would hold only the Status of the header is never sent (DM Protocol §8.4).
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm import mac
from fumo.dm.auth import MAC, NONCE_BYTES, Account, challenge, credentials
from fumo.dm.bounds import BODY_BYTES_MAX
from fumo.dm.codec import encode
from fumo.dm.message import (
    Alert,
    Command,
    Envelope,
    Header,
    Location,
    Message,
    Meta,
    Status,
    name_of,
)
from fumo.dm.packing import Packed, Unsent, pack
from fumo.dm.saying import asks_next, queue, wait
from fumo.dm.session import (
    MAX_MSG_SIZE,
    MAX_OBJ_SIZE,
    Answer,
    Nonces,
    Pending,
    Request,
    SessionState,
    Side,
    Verdicts,
)
from fumo.errors import MisuseError

__all__ = ["MAX_MSG_SIZE", "MAX_OBJ_SIZE", "abort", "reply"]


def reply(
    session: SessionState,
    account: Account,
    answers: Sequence[Answer] = (),
    requests: Sequence[Request] = (),
    random: bytes = bytes(NONCE_BYTES),
) -> tuple[SessionState, Envelope | None]:
    """Our next message, or None when the session ends without one.

    `random` is 16 fresh octets: the nonce of the challenge, if the message carries one.
    PeerError: the peer takes no message that is large enough to say anything.
    """
    if requests and not session.may_ask:
        raise MisuseError("commands while a package goes on, or after the end")
    if not _worth_sending(session, answers, requests):
        return replace(session, ended=True), None
    said, held = queue(session, answers, requests)
    packed = _packed(session, _frame(session, account, random), said)
    left = () if session.ended or _is_refusal(session) else (*wait(packed.left), *held)
    session = replace(session, waiting=left)
    message = _message(session, account, random, packed)
    return _after(session, account, message, packed, random)


def abort(
    session: SessionState,
    account: Account,
    answers: Sequence[Answer] = (),
    random: bytes = bytes(NONCE_BYTES),
) -> tuple[SessionState, Envelope | None]:
    """Our last message, whatever goes on: what was done, 1223 and Final (DM Protocol §8.1.2)."""
    broken = replace(session, waiting=(), going_on=False, unfinished=None, peer_final=True)
    stop = [Request("", Alert(AlertCode.SESSION_ABORT))]
    after, envelope = reply(broken, account, answers, () if session.ended else stop, random)
    return replace(after, ended=True, waiting=()), envelope


def _worth_sending(
    session: SessionState, answers: Sequence[Answer], requests: Sequence[Request]
) -> bool:
    """A server answers every message; a device only when there is more to say than 'heard'."""
    if session.side is Side.SERVER:
        return True
    owed = session.owed or Verdicts(0, 0)
    ours = bool(answers or requests or session.waiting or asks_next(session))
    return not session.ended and (ours or bool(owed.refused or owed.dues or owed.broken))


def _is_refusal(session: SessionState) -> bool:
    """Nothing waits after a refusal: what has no room in its message is not said."""
    return session.owed is not None and bool(session.owed.refused)


# --- the message ----------------------------------------------------------------------------------


def _packed(session: SessionState, frame: Message, said: Sequence[Unsent]) -> Packed:
    """What fits; only a device that says how much it takes gets values in chunks."""
    size_max = min(session.peer_max_msg_size or BODY_BYTES_MAX, BODY_BYTES_MAX)
    may_cut = session.side is Side.DEVICE or session.peer_max_obj_size is not None
    return pack(frame, said, size_max, session.media_type, may_cut=may_cut)


def _frame(session: SessionState, account: Account, random: bytes) -> Message:
    """All of a message but what may wait."""
    commands = (*_of_header(session, account, random), *_more(session))
    return Message(_header(session, account), tuple(_numbered(commands)), final=True)


def _message(session: SessionState, account: Account, random: bytes, packed: Packed) -> Message:
    header_status = _of_header(session, account, random)
    sent = (one.command for one in packed.sent)
    commands = tuple(_numbered([*header_status, *sent, *_more(session)]))
    final = not (asks_next(session) or _goes_on(session, packed))
    return Message(_header(session, account), commands, final)


def _goes_on(session: SessionState, packed: Packed) -> bool:
    """Is something of our package left? A server's waiting commands are its next package, unless
    this one would tell the device that there is nothing more to do (DM Protocol §8.4).
    """
    left = session.waiting
    if session.side is Side.DEVICE or not left:
        return bool(left)
    asked = any(one.purpose is not None for one in packed.sent)
    return left[0].begun or not asked or any(one.purpose is None for one in left)


def _of_header(session: SessionState, account: Account, random: bytes) -> Sequence[Status]:
    """The Status of the header comes first (DM Protocol §8.3)."""
    owed = session.owed
    if owed is None:
        return ()
    chal = challenge(_demanded(session, account), random) if _challenges(session, owed) else None
    refs = ((owed.target,), (owed.source,))
    return (Status(owed.msg_id, 0, "SyncHdr", owed.code, 0, *refs, chal=chal),)


def _demanded(session: SessionState, account: Account) -> str:
    return MAC if session.peer_scheme == MAC else account.scheme


def _challenges(session: SessionState, owed: Verdicts) -> bool:
    return owed.challenge and not session.ended


def _more(session: SessionState) -> Sequence[Command]:
    """Ask for the rest of a package that is not final (DM Protocol §8.1.1)."""
    return (Alert(AlertCode.NEXT_MESSAGE),) if asks_next(session) else ()


def _numbered(commands: Sequence[Command]) -> Iterator[Command]:
    for number, command in enumerate(commands, 1):
        yield replace(command, cmd_id=number)


def _header(session: SessionState, account: Account) -> Header:
    cred = None
    if not session.proven and session.scheme != MAC:
        cred = credentials(account.own, session.scheme, session.nonces.own)
    takes = session.takes
    return Header(
        session.session_id,
        session.sent + 1,
        Location(session.peer_uri),
        Location(session.own_uri, account.own.name),
        resp_uri=session.reply_to,
        cred=cred,
        meta=Meta(max_msg_size=takes.msg_size_max, max_obj_size=takes.obj_size_max),
    )


# --- the session after it -------------------------------------------------------------------------


def _after(
    session: SessionState, account: Account, message: Message, packed: Packed, random: bytes
) -> tuple[SessionState, Envelope]:
    body = encode(message, session.media_type)
    proof = _mac(session, account, body)
    after = replace(
        _with_given_nonce(session, random),
        sent=session.sent + 1,
        pending=session.pending + _pending(session, message, packed),
        owed=None,
        going_on=not asks_next(session) and _goes_on(session, packed),
        said_mac=proof,
    )
    return after, Envelope(message, body, session.media_type, session.private, mac=proof)


def _pending(session: SessionState, message: Message, packed: Packed) -> tuple[Pending, ...]:
    first = 0 if session.owed is None else 1
    return tuple(
        Pending(session.sent + 1, command.cmd_id, name_of(command), one.purpose, one.chunk)
        for one, command in zip(packed.sent, message.commands[first:], strict=False)
        if one.purpose is not None
    )


def _mac(session: SessionState, account: Account, body: bytes) -> str | None:
    """Before there is a nonce an empty one serves: it shows which challenge we wait for."""
    if session.scheme != MAC:
        return None
    return mac.header(account.own, session.nonces.own or b"", body)


def _with_given_nonce(session: SessionState, random: bytes) -> SessionState:
    """The nonce of our challenge: for the very next message, or with 212 the next session."""
    if session.owed is None or not _challenges(session, session.owed):
        return session
    kept = Nonces(session.kept.own, random) if session.trusted else session.kept
    return replace(session, nonces=Nonces(session.nonces.own, random), kept=kept)
