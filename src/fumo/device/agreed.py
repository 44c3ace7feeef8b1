"""A server's question that was answered with yes, as consent to what it orders next.

    Alert 1101 "Update now?" → yes → Exec          in one session, from the server of the account

Only where the owner of the device chose so (`Setup.ui_alert_agrees`): the words were the server's.
One yes is consent to one order; a no, or a question of another session, is consent to nothing.
"""

from fumo.codes import AlertCode
from fumo.dm.ui import Question, Reply, Said


class Agreed:
    """What the user said last to a server's yes-or-no question."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._session = ""

    def hears(self, session_id: str, asked: Question, reply: Reply) -> None:
        """A question was answered, or was not."""
        if asked.code == AlertCode.CONFIRM:
            self._session = session_id if reply is Said.YES else ""

    def taken(self, session_id: str) -> bool:
        """Was it yes in this session? Asked once: the next order needs its own."""
        session, self._session = self._session, ""
        return bool(session) and session == session_id
