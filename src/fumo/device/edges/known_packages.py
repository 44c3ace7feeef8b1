"""The packages that were vouched for on this device, by digest: durable, the newest ones.

A package may lie here for months before it is ordered to be installed. Whatever was put there when
nobody vouched, as before trust was configured, is not on this list.
"""

import msgspec

from fumo.device.files import Files

NAME = "vouched"
KEPT_MAX = 16
LENGTH_MAX = 16 * 1024


class KnownPackages:
    """Over a folder of its own file."""

    def __init__(self, files: Files) -> None:
        """`files` may hold other things, too."""
        self._files = files

    def knows(self, sha256: str) -> bool:
        """Was it vouched for? OSError."""
        return sha256 in self._read()

    def remember(self, sha256: str) -> None:
        """Before anybody acts upon it; the oldest one is forgotten for it. OSError."""
        known = self._read()
        if sha256 not in known[-1:]:
            others = [one for one in known if one != sha256]
            self._files.replace(NAME, msgspec.json.encode([*others, sha256][-KEPT_MAX:]))

    def _read(self) -> list[str]:
        text = self._files.read(NAME, 0, LENGTH_MAX)
        try:
            return msgspec.json.decode(text, type=list[str])
        except msgspec.DecodeError:  # nothing was vouched for yet, or the disk has rotted
            return []
