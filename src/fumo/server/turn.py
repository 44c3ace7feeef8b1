"""One message of a device that has proven itself: what it changes, and what it is answered. Pure.

Order within a message: alerts, then what the device tells of itself, then answers to our commands,
then what to ask next. All changes go into the ledger; nothing is saved here.
"""

from fumo.dm.auth import Account
from fumo.dm.message import Envelope
from fumo.dm.reply import abort, reply
from fumo.dm.session import MESSAGES_MAX, Answered, Asked, Challenged, Event, SessionState
from fumo.server import verdicts
from fumo.server.answering import answers, hear_alerts, hear_info
from fumo.server.carrying import DATA
from fumo.server.commands import ASK, EXEC, URL, number_of
from fumo.server.consent import ASKED
from fumo.server.ledger import Ledger
from fumo.server.ordering import next_requests, supersede
from fumo.server.proof import Judged
from fumo.server.requests import nothing, starts
from fumo.server.rows import Session, Work

LAST_WORDS_AFTER = MESSAGES_MAX - 2
"""Messages of ours after which a session is broken off, while the device still listens."""


def hear(ledger: Ledger, judged: Judged) -> None:
    """What the message says."""
    before = _asked_before(judged.session)
    ledger.touched |= _spoken_of(before, ledger.work)
    asked = _asked(judged.events)
    hear_alerts(ledger, judged.state.session_id, asked)
    hear_info(ledger, asked)
    if any(isinstance(event, Challenged) for event in judged.events):
        verdicts.refused(ledger, before)
    verdicts.hear(ledger, [event for event in judged.events if isinstance(event, Answered)])


def say(
    ledger: Ledger, judged: Judged, account: Account, random: bytes
) -> tuple[SessionState, Envelope]:
    """The reply, and the session after it."""
    state = judged.state
    supersede(ledger)
    last = state.sent >= LAST_WORDS_AFTER
    answered = answers(_asked(judged.events), nothing if last else starts(ledger))
    requests = next_requests(ledger) if state.may_ask and not last else []
    if last:  # DM Protocol §8.1.2: a session that goes on and on is broken off
        state, said = abort(state, account, answered, random)
    else:
        state, said = reply(state, account, answered, requests, random)
    assert said is not None
    return state, said


def _asked(events: list[Event]) -> list[Asked]:
    return [event for event in events if isinstance(event, Asked)]


def _asked_before(session: Session | None) -> list[str]:
    """The purposes of what was asked in this session and is not answered, sent or waiting."""
    if session is None:
        return []
    waiting = (w.purpose for w in session.state.waiting if w.purpose is not None)
    return [*(p.purpose for p in session.state.pending), *waiting]


def _spoken_of(purposes: list[str], work: Work) -> set[int]:
    """The operations that the message answers something about."""
    numbers = {number_of(p, p.partition(":")[0] + ":") for p in purposes if _numbered(p)}
    writes = {URL, DATA} & set(purposes)
    return numbers | ({work.ordering} if work.ordering and writes else set())


def _numbered(purpose: str) -> bool:
    return purpose.startswith((EXEC, ASK, ASKED))
