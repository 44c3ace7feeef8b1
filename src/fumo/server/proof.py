"""Who is believed: the address of a session, credentials, and challenges out of nothing. Pure.

A device that proved itself is given an address for the rest of its session (RespURI, DM RepPro
§6.2.10) with a token that nobody can guess; a message that comes without it proves itself anew, or
is answered as a stranger's. A challenge is kept nowhere: its nonce follows from our key, the names
of device and session, the time, and the nonce that the device's credentials were to use. That one
changes whenever a device has proved itself, so each challenge serves once.
Promise: what is not believed changes nothing, and a known device's refusal looks like anybody's.
"""

import re
from contextlib import suppress
from hmac import compare_digest
from hmac import digest as hmac

from msgspec import Struct, json
from msgspec.structs import replace

from fumo.dm.auth import MAC, MD5, NONCE_BYTES, Account
from fumo.dm.message import Envelope
from fumo.dm.receive import receive
from fumo.dm.reply import reply
from fumo.dm.session import TRIES_MAX, Event, Nonces, SessionState, open_server
from fumo.errors import PeerError
from fumo.profiles.profile import profile_of
from fumo.server.binding import proves
from fumo.server.rows import Case, Device, Session
from fumo.wire.exchange import Reply

SESSION_AGE_S = 300.0
"""A session in which nothing was said for so long is over."""
SLOT_S = 300.0
"""A challenge is good for the rest of its slot of time and for the next one."""
TOKEN_BYTES = 16  # 128 bits: not to be guessed
ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]{1,400}")
"""Addresses that we say again in a RespURI."""


class Judged(Struct, frozen=True):
    """A message that was heard; `session` is the one that goes on, None: it stands by itself."""

    session: Session | None
    state: SessionState
    events: list[Event]


def judge(key: bytes, account: Account, case: Case, envelope: Envelope, at_s: float) -> Judged:
    """Hear a message in the session it belongs to; PeerError: it is not in step with us."""
    session = going_on(case, envelope, at_s)
    if session is not None:
        state = replace(session.state, media_type=envelope.media_type)
        if proves(case.device) or _came_to_its_address(session, case.device, envelope):
            return Judged(session, *receive(state, account, envelope))
        with suppress(PeerError):  # it may begin a session of the same name
            anew = replace(state, trusted=False)
            heard = _heard(key, account, anew, envelope, at_s)
            if heard[0].trusted:
                return Judged(session, *heard)
    return Judged(None, *_heard(key, account, _opened(case.device, envelope), envelope, at_s))


def going_on(case: Case, envelope: Envelope, at_s: float) -> Session | None:
    """The session a message may belong to; MsgID 1 with new words begins another (F22)."""
    session = case.session
    if session is None or envelope.message.header.msg_id == 1:
        return None
    finished = session.state.ended or (session.over and session.state.proven)
    return None if finished or at_s - session.at_s > SESSION_AGE_S else session


def _opened(device: Device | None, envelope: Envelope) -> SessionState:
    """A session out of nothing: how often its peer tried before, its MsgID tells."""
    header = envelope.message.header
    nonces = device.nonces if device else Nonces()
    scheme = MD5 if envelope.mac is None else MAC  # we prove ourselves as the device does
    state = open_server(header, nonces, envelope.media_type, scheme)
    before = header.msg_id - 1
    return replace(
        state,
        sent=before,
        suspicions=before,
        ended=before >= TRIES_MAX,
        trusted=proves(device),
    )


def _heard(
    key: bytes, account: Account, origin: SessionState, envelope: Envelope, at_s: float
) -> tuple[SessionState, list[Event]]:
    """What its credentials make of a message: those by the nonce we keep, or by a challenge."""
    own, kept = origin.nonces.own, origin.kept.peer
    heard = receive(replace(origin, nonces=Nonces(own, kept)), account, envelope)
    for back in (0, 1):
        if heard[0].trusted:
            break
        nonces = Nonces(own, _challenge(key, origin, at_s - back * SLOT_S))
        heard = receive(replace(origin, nonces=nonces), account, envelope)
    return heard


def _challenge(key: bytes, state: SessionState, at_s: float) -> bytes:
    slot = int(at_s // SLOT_S)
    words = ("challenge", state.peer_uri, state.session_id, state.kept.peer, slot)
    return hmac(key, json.encode(words), "sha256")[:NONCE_BYTES]


def refusal(key: bytes, account: Account, state: SessionState, at_s: float) -> Reply:
    """401 or 407 for all of it, and nothing of ours: who only asks gets no proof of who we are."""
    ended = state.suspicions >= TRIES_MAX
    bare = replace(state, scheme=MD5, nonces=Nonces(), ended=ended)
    _, said = reply(bare, account, random=_challenge(key, state, at_s))
    assert said is not None
    return Reply(200, said.body, said.media_type)


# --- the address of a session ---------------------------------------------------------------------


def own_address(key: bytes, uri: str, random: bytes) -> str | None:
    """The address that a device used, with a token; None when it is none that could be used."""
    if not ADDRESS.fullmatch(uri):
        return None
    token = hmac(key, b"token" + random, "sha256")[:TOKEN_BYTES].hex()
    place, _, query = uri.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("s=")]
    return f"{place}?{'&'.join([*kept, f's={token}'])}"


def _came_to_its_address(session: Session, device: Device | None, envelope: Envelope) -> bool:
    given = session.state.reply_to
    if given is None or (device is not None and not profile_of(device.profile).follows_resp_uri):
        return True  # its messages are believed by their session alone
    token = _token(given.partition("?")[2])
    return compare_digest(_token(envelope.query).encode(), token.encode())


def _token(query: str) -> str:
    return next((part[2:] for part in query.split("&") if part.startswith("s=")), "")
