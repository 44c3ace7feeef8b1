"""When the next session is due. Knows no session, only how the last ones ended.

Promises: no two sessions are less than `gap_s` apart, whoever asks for them; while one after the
other is in vain they come later and later, never later than a poll; devices that start together
do not poll together.
"""

from fumo.device.ports import Clock, Dice
from fumo.device.setup import Rhythm

DOUBLINGS_MAX = 30


class Schedule:
    """The moments of one life. The first session is due at once, or after `spreads`."""

    def __init__(self, rhythm: Rhythm, clock: Clock, dice: Dice) -> None:
        """Nothing was held yet."""
        self._rhythm, self._clock, self._dice = rhythm, clock, dice
        self._next_s = self._free_s = clock.now_s()
        self.in_vain = 0
        """How many sessions came to nothing since the last that did not."""

    def spreads(self) -> None:
        """A whole fleet may have started just now: wait a random part of `first_s`."""
        self._next_s = self._clock.now_s() + self._rhythm.first_s * self._dice.fraction()

    def due_s(self, urgent: bool) -> float:
        """From when on a session may be held; `urgent`: there is something to say."""
        return self._free_s if urgent else max(self._free_s, self._next_s)

    def is_due(self, urgent: bool) -> bool:
        """Is it time?"""
        return self._clock.now_s() >= self.due_s(urgent)

    def refreshed(self) -> None:
        """There is something new to say: what was in vain before says nothing of it."""
        self.in_vain = 0

    def held(self, in_vain: bool) -> None:
        """A session has ended; `in_vain`: something is still to be said, or nobody was met."""
        self.in_vain = self.in_vain + 1 if in_vain else 0
        now_s = self._clock.now_s()
        self._next_s = now_s + self._pause_s()
        self._free_s = now_s + min(self._rhythm.gap_s, self._rhythm.poll_s)

    def _pause_s(self) -> float:
        rhythm, fraction = self._rhythm, self._dice.fraction()
        poll_s = rhythm.poll_s * (1 + rhythm.jitter * (2 * fraction - 1))
        if not self.in_vain:
            return poll_s
        longest_s = rhythm.resend_base_s * 2.0 ** min(self.in_vain - 1, DOUBLINGS_MAX)
        return min(poll_s, longest_s * (1 + fraction) / 2)
