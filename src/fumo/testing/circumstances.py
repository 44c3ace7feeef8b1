"""How things stand around a device, and what its user says to that, as a story wants it."""

from collections import deque

from fumo.device.asking import Request
from fumo.update.conditions import Conditions, Network
from fumo.update.tally import Word

FINE = Conditions(
    battery=100,
    mains=True,
    network=Network.UNMETERED,
    free_bytes=1 << 40,
    week_min=3 * 60,
    in_use=False,
)
"""Nothing is in the way of anything, at three on a Monday morning."""


class ScriptedCircumstances:
    """Implements `Circumstances`: `now` may be changed at any time; `looks` counts."""

    def __init__(self, now: Conditions = FINE) -> None:
        """All is well unless told otherwise."""
        self.now = now
        self.looks = 0

    def look(self) -> Conditions:
        """As the story has it."""
        self.looks += 1
        return self.now


class ScriptedConsent:
    """Implements `Consent`. `asked` is every new request, in order."""

    def __init__(self, *words: Word | None) -> None:
        """`words`, one each time somebody is asked; then nobody says anything any more."""
        self.words = deque(words)
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Word | None:
        """The next word, at once."""
        if request not in self.asked[-1:]:
            self.asked.append(request)
        return self.words.popleft() if self.words else None
