"""Tells webhooks what happened: each in its order, several of them at once, none holding another.

The relay asks at each look who is to be told; the telling itself is done by a few threads.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import msgspec

from fumo.server.edges.database import Database
from fumo.server.edges.events import feed, hooks
from fumo.server.edges.events.guard import Net
from fumo.server.edges.events.post import post
from fumo.server.events import Part
from fumo.server.webhook import EVENTS_MAX, Answer, Hook, HookState, after, headers

AT_ONCE = 4
PASSED_MAX = 500
"""Events that are nothing to a webhook, before its row says that they were passed."""
IN_A_ROW_MAX = 50
"""Deliveries to one webhook before others have their turn."""

Poster: TypeAlias = Callable[[str, Mapping[str, str], bytes, Sequence[Net]], Answer]
log = logging.getLogger("fumo.server")


class Deliveries:
    """A duty of the relay; `stop` it before the relay."""

    def __init__(
        self, nets: Sequence[Net], poster: Poster = post, now_s: Callable[[], float] = time.time
    ) -> None:
        self._nets, self._post, self._now_s = nets, poster, now_s
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fumo-webhook")
        self._busy: set[int] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def __call__(self, db: Database, at_s: float) -> None:
        """Begin to tell those who may be told something now."""
        for hook in hooks.waiting(db, at_s):
            with self._lock:
                if hook.id in self._busy or self._stopped:
                    continue
                self._busy.add(hook.id)
            self._pool.submit(self._tell, db, hook)

    def stop(self) -> None:
        """What is being told is told; no more is begun."""
        with self._lock:
            self._stopped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _tell(self, db: Database, hook: Hook) -> None:
        try:
            for _ in range(IN_A_ROW_MAX):
                told = None if self._stopped else deliver(db, hook, self._say, self._now_s)
                if told is None:
                    return
                hook = told
        except Exception as fault:
            log.warning("webhook %d waits: %s", hook.id, fault)
        finally:
            with self._lock:
                self._busy.discard(hook.id)

    def _say(self, hook: Hook, body: bytes) -> Answer:
        return self._post(hook.url, headers(hook, int(self._now_s()), body), body, self._nets)


def deliver(
    db: Database, hook: Hook, say: Callable[[Hook, bytes], Answer], now_s: Callable[[], float]
) -> Hook | None:
    """Tell a webhook what comes next; None: nothing, or it was not taken."""
    part = feed.after(db, hook.number, EVENTS_MAX, hook.wanted)
    if not part.items and part.next - hook.number < PASSED_MAX:
        return None
    ours = hooks.take(db, hook, now_s())
    if ours is None:
        return None
    answer = say(ours, _body(ours, part)) if part.items else Answer(200)
    came = after(ours, answer, part.next, now_s())
    if not hooks.give_back(db, ours, came):
        return None  # somebody changed it, or took it since this took too long
    if not answer.good:
        _lament(came)
        return None
    return came


def _body(hook: Hook, part: Part) -> bytes:
    told = {"webhook": hook.id, "delivery": secrets.token_hex(8), "events": part.items}
    return msgspec.json.encode(told)


def _lament(hook: Hook) -> None:
    level = logging.ERROR if hook.state is HookState.DEAD else logging.WARNING
    log.log(level, "webhook %d is %s, try %d: %s", hook.id, hook.state, hook.tries, hook.reason)
