"""What a service manager wants to hear: that we are ready, alive, and at what (sd_notify).

Datagrams to the socket that NOTIFY_SOCKET names; without it nothing is sent. Written by hand: it
is a few lines, and the device loads no library for it.
"""

import contextlib
import os
import socket
from collections.abc import Mapping

SEND_S = 1.0
BEATS = 3  # in the time after which the manager would think that we hang
LINE_MAX = 200


class Service:
    """Speaks to the manager that started this process, if one did."""

    def __init__(self, environment: Mapping[str, str], pid: int) -> None:
        """The variables are the manager's; a watchdog that is not meant for `pid` is none."""
        name = environment.get("NOTIFY_SOCKET", "")
        self._place = f"\0{name[1:]}" if name.startswith("@") else name
        self._told = ""
        self.beat_s = _beat_s(environment, pid) if name else None
        """How often to say that we are alive; None: nobody counts."""

    def ready(self) -> None:
        """We are what we were started for."""
        self._send("READY=1")

    def alive(self) -> None:
        """The loop still turns."""
        if self.beat_s is not None:
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """We were told to stop and shall."""
        self._send("STOPPING=1")

    def at(self, line: str) -> None:
        """What we are at, in one line; said when it changes."""
        plain = " ".join(line.split())[:LINE_MAX]
        if plain != self._told:
            self._told = plain
            self._send(f"STATUS={plain}")

    def _send(self, text: str) -> None:
        if not self._place:
            return
        # A manager that does not listen is no trouble of ours.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out,
        ):
            out.settimeout(SEND_S)
            out.sendto(text.encode("utf-8", "replace"), self._place)


def _beat_s(environment: Mapping[str, str], pid: int) -> float | None:
    try:
        usec = int(environment["WATCHDOG_USEC"])
        meant = int(environment.get("WATCHDOG_PID", pid))
    except (KeyError, ValueError):
        return None
    return usec / 1e6 / BEATS if usec > 0 and meant == pid else None


def of_this_process() -> Service:
    """By the variables that this process was given."""
    return Service(os.environ, os.getpid())
