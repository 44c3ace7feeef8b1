"""The work of all FUMO objects of a device, which have one machine in common.

Each goes on by itself; only a reboot is everybody's. While one object owes it no other begins to
fetch or to write, and the machine starts again when the effects that run have ended: what is cut
by our own reboot would cost attempts for nothing.
"""

from collections.abc import Sequence

from fumo.device.work import Busy, Did, Nothing, Progress, RebootOwed, Work, keeps_silent
from fumo.update.duty import Reboot, Wait


class Works:
    """Advances each object's work in turn."""

    def __init__(self, works: Sequence[Work]) -> None:
        """One for each object."""
        self._works = works
        self._told: dict[str, Progress] = {}

    def advance(self) -> Progress:
        """One piece of each; what it comes to for the machine."""
        owed = [(work, work.owed()) for work in self._works]
        reboots = any(isinstance(one, Reboot) for _, one in owed)
        self._told = {work.uri: work.advance(one, held_up=reboots) for work, one in owed}
        return together(list(self._told.values()))

    def keep_silent(self) -> bool:
        """May no session begin? An agent on trial that dies in its sessions must not hold off the
        look that judges it, nor the boot that gives it up.
        """
        return any(keeps_silent(work.target) for work in self._works)

    def waits(self, uri: str) -> Wait | None:
        """What an object's work waits for, since it was last advanced."""
        told = self._told.get(uri)
        return told if isinstance(told, Wait) else None


def together(told: Sequence[Progress]) -> Progress:
    """All of them as one: whoever can go on decides, a reboot waits until nobody is busy."""
    for kind in (Did, Wait, Busy, RebootOwed):
        found = [one for one in told if isinstance(one, kind)]
        if found:
            waits = [one for one in found if isinstance(one, Wait)]
            return min(waits, key=lambda wait: wait.until_s) if waits else found[0]
    return Nothing()
