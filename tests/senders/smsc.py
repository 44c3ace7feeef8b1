"""An SMSC of our own (smpp34's server), which keeps what it is given; and free ports."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import smpp34

WAIT_S = 10.0


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Smsc:
    """Runs on a thread of its own; `refuses`: the status that it answers, 0: it takes all."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.refuses = 0
        self.taken: list[Any] = []
        self.bound = 0
        self._loop = asyncio.new_event_loop()
        self._server = smpp34.Server("127.0.0.1", self.port)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(WAIT_S)

    def messages(self, number: int) -> list[Any]:
        """So many, once they are there."""
        end_s = time.monotonic() + WAIT_S
        while len(self.taken) < number and time.monotonic() < end_s:
            time.sleep(0.01)
        assert len(self.taken) >= number, f"{len(self.taken)} messages came"
        return self.taken[:number]

    def stop(self) -> None:
        """Gone, and its port free."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(WAIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)

    async def _end(self) -> None:
        self._serving.cancel()
        await self._server.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._serving = self._loop.create_task(self._serve())
        self._loop.run_forever()

    async def _serve(self) -> None:
        await self._server.start()
        self._ready.set()
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.SubmitSmEvent):
                self.taken.append(event)
                if self.refuses:
                    event.reject(self.refuses)
                else:
                    event.accept(f"{len(self.taken)}")
            elif isinstance(event, smpp34.Esme):
                self.bound += 1


@contextmanager
def smsc() -> Iterator[Smsc]:
    """One, and it is stopped."""
    one = Smsc()
    try:
        yield one
    finally:
        one.stop()
