"""`/healthz`, `/readyz` and `/metrics`: for those who watch servers, raw ASGI.

Healthy: the program turns, and its writer lives; a supervisor starts it anew otherwise. Ready: its
database answers as well; a balancer sends messages elsewhere otherwise.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from fumo.server.edges.ending import Ending
from fumo.server.edges.metrics import Metrics
from fumo.server.edges.pump_thread import PumpThread
from fumo.server.ports import Store
from fumo.wire.asgi import App, Receive, Scope, Send, send_reply
from fumo.wire.exchange import Reply, plain

ANSWER_S = 2.0
"""A database that takes longer is not ready: devices give a message thirty seconds."""
TEXT = "text/plain; version=0.0.4; charset=utf-8"

Told: TypeAlias = Callable[[], Awaitable[Reply]]


def vitals_app(thread: PumpThread, store: Store, metrics: Metrics, ending: Ending) -> App:
    """All three; anything else is 404."""

    async def healthy() -> Reply:
        return plain(200, "ok") if thread.alive else plain(503, "the writer has ended")

    async def ready() -> Reply:
        if ending.leaving or thread.stopping:
            return plain(503, "the server is about to end")
        try:
            job = asyncio.wrap_future(thread.call(store.ping))
            await asyncio.wait_for(job, ANSWER_S)
        except TimeoutError:
            return plain(503, f"the database took more than {ANSWER_S:g} seconds")
        except Exception as fault:
            return plain(503, f"the database does not answer: {type(fault).__name__}")
        return plain(200, "ok")

    async def counted() -> Reply:
        text = await asyncio.get_running_loop().run_in_executor(None, metrics.text)
        return Reply(200, text, TEXT)

    return _routed({"/healthz": healthy, "/readyz": ready, "/metrics": counted})


def _routed(told: Mapping[str, Told]) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = told.get(scope["path"])
        await send_reply(send, await answer() if answer else plain(404, "there is no such page"))

    return app
