"""Whether a message proves its sender, by whichever means the session has settled on. Pure.

The kind of credentials is fixed by the first that were good, or by our challenge; another kind
after that ends the session, and so does a message without proof where each needs its own.
"""

from fumo.dm.auth import BASIC, BY_NAME, MAC, Account, Verdict, verdict
from fumo.dm.mac import proves
from fumo.dm.message import Envelope
from fumo.dm.session import SessionState


def offered(envelope: Envelope) -> str | None:
    """The kind of credentials that a message comes with."""
    if envelope.mac is not None:
        return MAC
    cred = envelope.message.header.cred
    if cred is None:
        return None
    scheme = (cred.meta and cred.meta.type) or BASIC
    return BY_NAME.get(scheme.lower(), scheme)


def judge(session: SessionState, account: Account, envelope: Envelope) -> Verdict:
    """What a message's credentials are worth."""
    scheme, nonce = offered(envelope), session.nonces.peer
    if scheme is not None and session.peer_scheme not in (None, scheme):
        return Verdict.OTHER
    if account.scheme == MAC and scheme not in (None, MAC):
        return Verdict.WEAK
    if envelope.mac is None:
        return verdict(envelope.message.header.cred, account.peer, nonce, envelope.private)
    good = nonce is not None and proves(envelope.mac, account.peer, nonce, envelope.body)
    return Verdict.GOOD if good else Verdict.WRONG


def each_message(session: SessionState, account: Account) -> bool:
    """Must every message of the peer prove itself? A MAC always does (DM Security §5.4)."""
    return account.each_message or session.peer_scheme == MAC


def demanded(session: SessionState, account: Account, envelope: Envelope) -> str:
    """The kind of credentials that we challenge for."""
    if session.peer_scheme == MAC or offered(envelope) == MAC:
        return MAC
    return account.scheme
