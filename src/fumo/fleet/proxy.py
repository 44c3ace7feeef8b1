"""The proxy between the real processes: one face before the depot, one before the DM endpoint.

It makes the faults of `Faults` and records all that passes. Lives in a thread of its own with its
own loop. An order is recorded before its bytes go on, and a request is dated when it comes in, so
no device can act on an order that the evidence dates later.
"""

import asyncio
import contextlib
import threading

from fumo.fleet import http1
from fumo.fleet.dm_face import DmFace
from fumo.fleet.evidence import Recorder
from fumo.fleet.faults import Faults
from fumo.fleet.http1 import Face
from fumo.fleet.package_face import PackageFace, Watch
from fumo.fleet.tap import Tap

ANSWER_S_MAX = 5.0


class Proxy:
    """Both faces. `start` gives ports at once; who is behind them may be told later."""

    def __init__(self, faults: Faults, recorder: Recorder, watch: Watch = lambda *_: None) -> None:
        """`watch` is called in the proxy's thread, often, and must not block."""
        tap = Tap(recorder)
        self.dm = DmFace(faults, tap)
        self.packages = PackageFace(faults, tap, recorder, watch)
        self.dm_port = 0
        self.packages_port = 0
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> None:
        """Listen on two free ports of the loopback interface."""
        self._thread.start()
        self.packages_port = self._listen(self.packages)
        self.dm_port = self._listen(self.dm)

    def stop(self) -> None:
        """Every connection ends. Done twice it does no harm."""
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(ANSWER_S_MAX)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_S_MAX)
        self._loop.close()

    def _listen(self, face: Face) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # cancelled by `stop`: there is nobody to tell
            with contextlib.suppress(*http1.BROKEN, asyncio.CancelledError):
                await face(reader, writer)
            writer.close()

        begun = asyncio.start_server(serve, http1.LOOPBACK, 0, limit=http1.HEAD_BYTES_MAX)
        server = asyncio.run_coroutine_threadsafe(begun, self._loop).result(ANSWER_S_MAX)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        """No connection is taken any more, then those that are open end."""
        for server in self._servers:
            server.close()
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
