"""A thread with a loop of its own, for senders whose libraries are asynchronous."""

import asyncio
import importlib
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import ModuleType
from typing import Any, TypeVar

from fumo.errors import FumoError

T = TypeVar("T")
CLOSE_S = 3.0


class MissingExtra(FumoError):
    """A library that an extra brings is not installed."""


def module(name: str, extra: str) -> ModuleType:
    """An extra's library, loaded when it is needed only."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingExtra(f"{name} is not installed: pip install 'fumo[{extra}]'") from None


class Loop:
    """Runs until it is closed."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def do(self, job: Coroutine[Any, Any, T], all_s: float) -> T:
        """What a job gives; TimeoutError: it took too long, and was told to end."""
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(job, all_s), self._loop).result(
            all_s + CLOSE_S
        )

    def close(self, last: Coroutine[Any, Any, Any]) -> None:
        """Do one last thing, however it goes, and end."""
        with suppress(Exception):
            self.do(last, CLOSE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_S)
