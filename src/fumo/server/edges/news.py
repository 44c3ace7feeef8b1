"""Tells the pages that something was committed. No more often than people can look."""

import asyncio
from collections.abc import AsyncIterator

PAUSE_S = 0.5
BEAT_S = 15.0
"""A sign of life, so that proxies and browsers keep the stream."""


class News:
    """A bell that any thread may ring and any number of listeners hear."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._count = 0
        self._listeners: set[asyncio.Event] = set()
        self._ended = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop that the listeners live in."""
        self._loop = loop

    def ring(self) -> None:
        """Something was committed; from any thread."""
        if self._loop is not None and self._listeners and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def end(self) -> None:
        """No more news: every listener leaves. On the loop."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        self._count += 1
        for listener in self._listeners:
            listener.set()

    async def listen(self, at_once: bool = False) -> AsyncIterator[int]:
        """A number each time there is news, -1 now and then when there is none.

        `at_once`: the first one comes as soon as no news can be missed any more.
        """
        heard = asyncio.Event()
        if at_once:
            heard.set()
        self._listeners.add(heard)
        try:
            while not self._ended:
                try:
                    await asyncio.wait_for(heard.wait(), BEAT_S)
                except TimeoutError:
                    yield -1
                    continue
                heard.clear()
                yield self._count
                await asyncio.sleep(PAUSE_S)
        finally:
            self._listeners.discard(heard)
