"""The latest moment of which this device has proof: durable, and only ever later.

A clock that was set back, or that a flat battery sent to 1970, would make expired metadata look
fresh. So metadata must be good at the later of the clock and this. What is proof: a moment at
which all metadata was good, and the moment that a signed timestamp says it was made.
Such a moment lies before the timestamp's own expiry, so that a clock that was once far ahead
keeps nothing out for longer than that. And it counts only under the timestamp keys that proved
it: when they are replaced because somebody stole them, what the thief signed goes with them.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from fumo.device.files import Files

NAME = "seen-time"
LENGTH_MAX = 16 * 1024
STEP_S = 60.0  # a smaller step is not worth a write


class Seen(Struct, frozen=True):
    """`at_s` since 1970, and the ids of the timestamp keys under which it was proved."""

    at_s: float = 0.0
    keys: tuple[str, ...] = ()


NEVER = Seen()


class SeenTime:
    """Over a folder of its own file."""

    def __init__(self, files: Files) -> None:
        """`files` may hold other things, too."""
        self._files = files

    def read(self) -> Seen:
        """What was saved last. OSError."""
        text = self._files.read(NAME, 0, LENGTH_MAX)
        try:
            return msgspec.json.decode(text, type=Seen)
        except msgspec.DecodeError:  # nothing was saved yet, or the disk has rotted
            return NEVER

    def save(self, at_s: float, keys: Iterable[str]) -> None:
        """Proof of a moment. OSError."""
        before, now = self.read(), Seen(at_s, tuple(sorted(keys)))
        if now.keys != before.keys or now.at_s >= before.at_s + STEP_S:
            self._files.replace(NAME, msgspec.json.encode(now))
