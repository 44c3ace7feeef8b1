"""One DM session of the device, a message at a time. Never waits for anything but one reply.

Promises: an alert leaves only after its seal is on disk (it is read from the sealed target), and
is settled only by an authenticated server's Status; nonces are saved before a message that uses
them leaves; Statuses are heard before the commands of the same message are done.
A broken session is given up, never repaired: the next one says everything that is still owed.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import urljoin

from msgspec.structs import replace

from fumo.codes import AlertCode, Status
from fumo.device.answering import Answering
from fumo.device.checks import Check, Checks
from fumo.device.first_words import checks as check_requests
from fumo.device.first_words import package_1, results, told_check, told_operation
from fumo.device.memory import Memory
from fumo.device.notices import Notice
from fumo.device.ports import Dice, Link, Log
from fumo.device.setup import Setup
from fumo.dm.auth import NONCE_BYTES
from fumo.dm.message import Envelope
from fumo.dm.notification import RESYNC_NONCE, session_id_text
from fumo.dm.receive import receive
from fumo.dm.reply import abort, reply
from fumo.dm.session import (
    Answer,
    Answered,
    Asked,
    Challenged,
    Ended,
    Event,
    Nonces,
    Refused,
    Request,
    SessionState,
    open_device,
)
from fumo.errors import MisuseError, PeerError
from fumo.update.happening import AlertAcknowledged, AlertRefused
from fumo.wire.address import parse

TAKEN = (Status.OK, Status.ACCEPTED)
NOT_HEARD = (Status.INVALID_CREDENTIALS, Status.CREDENTIALS_MISSING, Status.TIMEOUT)
UNPROVEN = "the server did not prove itself: is its name and its password right?"
MESSAGES_MAX = 100  # of ours in one session: no server keeps a device talking for ever
SESSION_MAX_S = 900.0  # nor by slow answers, each of which has its own 30 s


class Conversation:
    """`turn` says one message and hears its reply, until `over`."""

    def __init__(
        self,
        setup: Setup,
        memory: Memory,
        answering: Answering,
        link: Link,
        dice: Dice,
        log: Log,
        now_s: Callable[[], float],
        checks: Checks,
        notice: Notice | None = None,
    ) -> None:
        """Opens the session: its number is the notice's, or taken from the journal. `now_s` tells
        when it has lasted too long. What `checks` has pending is asked, as soon as it may be.
        """
        self.over, self.reason = False, ""
        self.met = False
        """Did an authenticated server answer what we said, having believed us?"""
        self.told: set[int] = set()
        """Operations whose alert was in a message of this session."""
        self._setup, self._memory, self._answering = setup, memory, answering
        self._link, self._dice, self._log = link, dice, log
        self._now_s, self._began_s = now_s, now_s()
        self._checks = checks
        self._asked: list[Check] = []
        self._session = _opened(setup, memory, notice)
        self._begun_by = AlertCode.SERVER_INITIATED if notice else AlertCode.CLIENT_INITIATED
        self._saved = self._session.kept
        self._url = setup.server_url
        self._answers: list[Answer] = []
        self._requests: list[Request] = package_1(setup.description, self._begun_by)
        self._untold = True
        log("SessionBegins", session=self._session.session_id)

    def turn(self) -> None:
        """Say what there is to say and take in the reply; with nothing to say it is over."""
        try:
            envelope = self._next_message()
        except (MisuseError, PeerError) as error:  # such as a MaxMsgSize that holds nothing, or a
            return self._end(str(error))  # peer's word, to be echoed, that XML cannot carry
        if envelope is None:
            return self._end("done" if self._session.trusted else UNPROVEN)
        heard = self._exchange(envelope)
        if heard is None:
            return None
        try:
            self._session, events = receive(self._session, self._setup.account, heard)
        except PeerError as error:
            return self._end(str(error))
        self._follow(heard)
        self._save_nonces()
        self._take(events)
        return None

    def _next_message(self) -> Envelope | None:
        requests = self._requests + self._alerts() if self._session.may_ask else []
        random = self._dice.octets(NONCE_BYTES)
        account = self._setup.account
        self._session, envelope = reply(self._session, account, self._answers, requests, random)
        self._answers = []
        if requests:
            self._requests = []
        self._save_nonces()
        return envelope

    def _alerts(self) -> list[Request]:
        """Alerts not said yet in this session, or all again when nobody may have heard them."""
        if self._untold:
            self.told.clear()
            self._asked.clear()
            self._untold = False
        owed = [one for one in self._memory.reports() if one.op_id not in self.told]
        self.told |= {one.op_id for one in owed}
        asked = [one for one in self._checks.pending if one not in self._asked]
        self._asked += asked
        return results(owed) + check_requests(asked)

    def _exchange(self, envelope: Envelope) -> Envelope | None:
        """Post; the very same bytes once more if the answer was lost: the server repeats it."""
        for last in (False, True):
            try:
                return self._post(envelope)
            except PeerError as error:
                self._end(f"a bad reply: {error}")
                return None
            except OSError as error:
                if last:
                    self._end(f"no reply: {error}")
        return None

    def _post(self, envelope: Envelope) -> Envelope:
        return self._link.post(self._url, envelope.body, envelope.media_type, envelope.mac)

    def _give_up(self, reason: str) -> None:
        """Break off a session that would go on: say 1223; what is answered matters no more."""
        random = self._dice.octets(NONCE_BYTES)
        account = self._setup.account
        self._session, last = abort(self._session, account, self._answers, random)
        self._save_nonces()
        if last is not None:
            with suppress(OSError, PeerError):
                self._post(last)
        self._end(reason)

    def _follow(self, heard: Envelope) -> None:
        """RespURI: where the next messages go (DM RepPro §6.2.10).

        A server that has not proven itself may only name its own host, and nobody may lead us
        from a protected connection to an open one.
        """
        given = heard.message.header.resp_uri
        if not given:
            return None
        try:
            url = urljoin(self._url, given)
            old, new = parse(self._url).place, parse(url).place
        except ValueError as error:
            return self._log("RespURIIgnored", error=str(error))
        if old == new or (self._session.trusted and new.secure >= old.secure):
            self._url = url

    def _save_nonces(self) -> None:
        kept = self._session.kept
        if kept != self._saved:
            self._memory.journal.save_nonces(kept.own, kept.peer)
            self._saved = kept

    def _take(self, events: Sequence[Event]) -> None:
        """First what answers us, then what is asked of us: the order of the events."""
        ended = next((event for event in events if isinstance(event, Ended)), None)
        for event in events:
            match event:
                case Answered():
                    self._answered(event)
                case Challenged():
                    self._requests = package_1(self._setup.description, self._begun_by)
                    self._untold = True
                case Refused(reason):
                    self._untold = True
                    self._log("ServerUnproven", reason=reason)
                case Asked() if ended is None:
                    self._answers += self._answering.answer(self._session.session_id, event)
        if ended is not None:
            self._end(ended.reason)
        elif self._session.sent >= MESSAGES_MAX - 1:
            self._give_up(f"{MESSAGES_MAX} messages in one session")
        elif self._now_s() - self._began_s > SESSION_MAX_S:
            self._give_up(f"a session of more than {SESSION_MAX_S:g} seconds")

    def _answered(self, event: Answered) -> None:
        """An authenticated Status for an alert settles it, unless it says 'not heard'."""
        self.met = True
        heard = 200 <= event.code < 300 or (400 <= event.code < 500 and event.code not in NOT_HEARD)
        if heard and (check := told_check(event.purpose)) is not None:
            self._checks.answered(check, event.code)
        op_id = told_operation(event.purpose)
        uri = None if op_id is None else self._memory.object_of(op_id)
        if op_id is None or uri is None:
            return
        if event.code in TAKEN:
            self._memory.happens(uri, AlertAcknowledged(op_id))
        elif 400 <= event.code < 500 and event.code not in NOT_HEARD:
            self._memory.happens(uri, AlertRefused(op_id, event.code))
        else:
            self._log("AlertNotTaken", operation=op_id, status=event.code)

    def _end(self, reason: str) -> None:
        self.over, self.reason = True, reason
        self._log("SessionEnds", session=self._session.session_id, reason=reason)


def _opened(setup: Setup, memory: Memory, notice: Notice | None) -> SessionState:
    journal, device_id = memory.journal, setup.description.device_id
    nonces = Nonces(*journal.nonces())
    session_id = session_id_text(notice.session_id) if notice else journal.new_session()
    scheme, where = setup.account.scheme, setup.server_url
    session = open_device(
        session_id, device_id, where, nonces, scheme, setup.media_type, setup.takes
    )
    if notice is not None and notice.resync:
        # DM Notification §6.2.3: both sides begin with this nonce, and give new ones in the session
        return replace(session, nonces=Nonces(RESYNC_NONCE, RESYNC_NONCE))
    return session
