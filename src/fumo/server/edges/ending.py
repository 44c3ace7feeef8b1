"""How a server ends: first it is not ready, so that a balancer turns away from it; then it ends.

The second signal, or `at_once`, does not wait. What is being answered is answered in either case.
"""

import asyncio
import contextlib
import logging
import signal
import threading

from fumo.server.edges import supervisor

log = logging.getLogger("fumo.server")


class Ending:
    """One server's end; `grace_s` is for balancers to look."""

    def __init__(self, grace_s: float = 0.0) -> None:
        self._grace_s = grace_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self.ended = asyncio.Event()
        self._leaving = False

    @property
    def leaving(self) -> bool:
        """Is it about to end?"""
        return self._leaving

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop that is to end; signals begin it, where the program is ours."""
        self._loop = loop
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.begin)

    def begin(self) -> None:
        """On the loop."""
        supervisor.tell(supervisor.STOPPING)
        if self._leaving or not self._grace_s or self._loop is None:
            self._leaving = True
            self.ended.set()
            return
        self._leaving = True
        log.info("the server is about to end: not ready for %g seconds", self._grace_s)
        self._loop.call_later(self._grace_s, self.ended.set)

    def at_once(self) -> None:
        """From any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended already
                self._loop.call_soon_threadsafe(self.ended.set)
