"""Waiting that always ends: for something to be so, by one deadline for all of it."""

import time
from collections.abc import Callable

from fumo.errors import FumoError

LOOK_EVERY_S = 0.1


class Stuck(FumoError):
    """Something did not happen in time, or cannot happen any more."""


class Patience:
    """So long we wait for everything together."""

    def __init__(self, seconds: float, trouble: Callable[[], str] = lambda: "") -> None:
        """`trouble` says why waiting is in vain, if it is."""
        self._until_s = time.monotonic() + seconds
        self._trouble = trouble

    def until(self, what: str, is_so: Callable[[], bool]) -> None:
        """Wait; Stuck names what was waited for."""
        while not is_so():
            if trouble := self._trouble():
                raise Stuck(f"no use to wait until {what}: {trouble}")
            if time.monotonic() > self._until_s:
                raise Stuck(f"gave up waiting until {what}")
            time.sleep(LOOK_EVERY_S)
