"""Notifications on the device: which of them lead to a session, and when (DM Notification §6).

Promises: a notification is believed by its digest alone, and can do no more than make the device
hold a session with the server it knows. Each session id leads there once, also across restarts.
However many come, contacts are `notice_gap_s` apart or more, at random; those that come meanwhile
are one contact, with the newest id. What is ignored is told in one line a gap. A user who is to
be told or asked first (ui-mode) is, where there is one.
"""

from collections.abc import Container

from msgspec import Struct

from fumo.codes import AlertCode
from fumo.device.ports import Clock, Dice, Journal, Log, Pushes, User
from fumo.device.setup import Setup
from fumo.dm import notification, wsp
from fumo.dm.auth import Login
from fumo.dm.notification import UiMode, Worth, worth
from fumo.dm.ui import Question, Said
from fumo.errors import DecodeError

WINDOW = 64
"""Session ids remembered: a replay after so many others meets another nonce long since."""


QUESTIONS = {
    UiMode.INFORMATIVE: Question(AlertCode.DISPLAY, "A session with the management server begins."),
    UiMode.USER_INTERACTION: Question(
        AlertCode.CONFIRM, "The management server asks for a session. Hold it?"
    ),
}
UNWELCOME = (Said.NO, Said.CANCELLED, Said.TIMED_OUT)


class Notice(Struct, frozen=True):
    """A believed notification. `resync`: the server lost its nonces (DM Notification §6.2.3)."""

    session_id: int
    ui_mode: UiMode = UiMode.UNSPECIFIED
    resync: bool = False


class Ignored(Struct, frozen=True):
    """A datagram that leads to nothing, and why."""

    reason: str


def judge(
    datagram: bytes, server: Login, nonce: bytes | None, known: Container[int], resync: bool
) -> Notice | Ignored:
    """What a datagram is worth.

    `server` is its server id and secret, `nonce` the one we gave it, `known` the ids heard.
    """
    try:
        heard = _read(datagram)
    except DecodeError as error:
        return Ignored(str(error))
    trigger = heard.trigger
    if trigger.server_id != server.name:
        return Ignored("a notification of a server we do not know")
    proven = worth(heard, server, nonce, resync)
    if proven is Worth.WRONG:
        return Ignored(str(proven))
    if trigger.session_id in known:
        return Ignored("a session id that was heard before")
    return Notice(trigger.session_id, trigger.ui_mode, proven is Worth.RESYNC)


class Notices:
    """Hears pushes and says when the next contact is due."""

    def __init__(
        self,
        setup: Setup,
        journal: Journal,
        pushes: Pushes,
        user: User,
        clock: Clock,
        dice: Dice,
        log: Log,
    ) -> None:
        """Nothing was heard yet in this life; the ids of earlier ones are in the journal."""
        self._server = Login(setup.description.server_id, setup.account.peer.secret)
        self._rhythm = setup.rhythm
        self._resync = setup.resync
        self._journal, self._pushes, self._user = journal, pushes, user
        self._clock, self._dice, self._log = clock, dice, log
        self._pending: Notice | None = None
        self._free_s = self._quiet_s = clock.now_s()
        self._unsaid = 0

    def hear(self) -> None:
        """Judge all that came. Never waits."""
        for datagram in self._pushes.take():
            nonce, known = self._journal.nonces()[1], self._journal.notified()
            verdict = judge(datagram, self._server, nonce, known, self._resync)
            if isinstance(verdict, Notice):
                self._keep(verdict)
            else:
                self._tell(verdict)

    def due_s(self) -> float | None:
        """When a contact is due, or None when nobody asked for one."""
        return self._free_s if self._pending is not None else None

    def take(self) -> Notice | None:
        """The notice to act on now, once."""
        now_s = self._clock.now_s()
        if self._pending is None or now_s < self._free_s:
            return None
        taken, self._pending = self._pending, None
        self._free_s = now_s + self._rhythm.notice_gap_s * (1 + self._dice.fraction())
        return taken if self._welcome(taken) else None

    def _welcome(self, notice: Notice) -> bool:
        """What the user says where the server wants a word with him; nobody there is a yes."""
        question = QUESTIONS.get(notice.ui_mode)
        if question is None:
            return True
        reply = self._user.ask(question)
        if notice.ui_mode is UiMode.INFORMATIVE or reply not in UNWELCOME:
            return True
        self._log("NoticeDeclined", session=notification.session_id_text(notice.session_id))
        return False

    def _keep(self, notice: Notice) -> None:
        """Known durably before it has an effect; the session at every start makes up for a loss."""
        self._journal.save_notified(notice.session_id)
        self._pending = notice
        self._log("Notified", session=notification.session_id_text(notice.session_id))

    def _tell(self, ignored: Ignored) -> None:
        now_s = self._clock.now_s()
        if now_s < self._quiet_s:
            self._unsaid += 1
            return
        self._log("PushIgnored", reason=ignored.reason, unsaid=self._unsaid)
        self._quiet_s, self._unsaid = now_s + self._rhythm.notice_gap_s, 0


def _read(datagram: bytes) -> notification.Notification:
    push = wsp.parse(datagram)
    if push.media_type != wsp.NOTIFICATION:
        raise DecodeError(f"a push that is no notification: {push.media_type[:80]!r}")
    if push.application not in (None, wsp.DM_APPLICATION):
        raise DecodeError(f"a push for the application {push.application}")
    return notification.parse(push.body)
