"""The network of a siege: any server for each message, and everything a network may do to it.

A reply may be lost, a message come twice, a copy of an old one come late, and a message stay behind
until the device has given up and begun another session.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from fumo.errors import PeerError
from fumo.wire.client import Link
from fumo.wire.exchange import Reply
from tests.server.device import Device

LOST, TWICE, LATE, HELD_BACK = 0.3, 0.5, 0.1, 0.05
PATIENCE_S = 20.0
OLD_MAX = 4


class NoAnswer(OSError):
    """The device gives this session up."""


class Network:
    """One device's way to the servers at a time; not for two threads. `faults`: answers of 500."""

    def __init__(self, urls: Callable[[], list[str]], dice: random.Random) -> None:
        self._urls, self._dice, self._link = urls, dice, Link()
        self._old: list[tuple[str, bytes, str]] = []
        self._held_back: list[tuple[str, bytes, str]] = []
        self.faults: list[str] = []

    def close(self) -> None:
        self._link.close()

    def post(self, device: Device, body: bytes) -> Reply:
        """The reply that reaches the device; NoAnswer when none does."""
        sent = (urlsplit(device.address).query, body, device.media_type)
        if self._dice.random() < HELD_BACK:
            self._held_back.append(sent)
            raise NoAnswer("the message stays behind")
        reply = self._patient(sent)
        if self._dice.random() < TWICE:
            reply = self._patient(sent)
        while self._dice.random() < LOST:
            reply = self._patient(sent)
        self._late(sent)
        return reply

    def _late(self, sent: tuple[str, bytes, str]) -> None:
        """After this message: older ones once more, and those that had stayed behind."""
        if self._old and self._dice.random() < LATE:
            self._try(self._dice.choice(self._old))
        if self._held_back and self._dice.random() < 0.5:
            self._try(self._held_back.pop())
        self._old = [*self._old[-OLD_MAX:], sent]

    def _patient(self, sent: tuple[str, bytes, str]) -> Reply:
        """The very same bytes again while nobody answers."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            try:
                return self._once(sent)
            except PeerError as fault:
                raise NoAnswer(str(fault)) from fault
            except OSError:
                time.sleep(0.1)
        raise NoAnswer("no server answers")

    def _try(self, sent: tuple[str, bytes, str]) -> None:
        """A message that nobody waits for."""
        with suppress(OSError, PeerError):
            self._once(sent)

    def _once(self, sent: tuple[str, bytes, str]) -> Reply:
        query, body, media_type = sent
        url = self._dice.choice(self._urls())
        try:
            heard = self._link.post(f"{url}?{query}" if query else url, body, media_type)
        except OSError as fault:
            if "HTTP 500" in str(fault):
                self.faults.append(str(fault))
            raise
        return Reply(200, heard.body, heard.media_type)
