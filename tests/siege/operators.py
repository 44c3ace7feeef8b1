"""Operators of the siege: they begin campaigns and steer them, by the API, whatever dies meanwhile.

Each order has an Idempotency-Key and is said until it is answered: to any of the servers.
"""

import http.client
import json
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.siege.witness import Witness

PATIENCE_S = 60.0
DEADLINE_S = 90.0
"""Longer than the fighting. What a stop left *sent*, its Exec lost, ends by this alone: no Exec
leaves again in a campaign that was stopped.
"""
NEW_DEVICES, OLD_DEVICES = 4, 2
AGAIN = frozenset({429, 500, 502, 503})
"""Answers after which the same is said again; a 500 may be a database that is away."""
STEERS = (*("pause",) * 4, *("resume",) * 6, *("next-group",) * 4, "start", "stop")


class Owner(http.client.HTTPConnection):
    """To a server's socket."""

    def __init__(self, folder: Path) -> None:
        super().__init__("fumo", timeout=20)
        self._path = str(folder / "admin.sock")

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        self.sock.connect(self._path)


@dataclass
class Operators:
    """One person's work; `campaigns` are the devices of each that was begun, by name."""

    folders: Callable[[], list[Path]]
    dice: random.Random
    devices: list[Witness] = field(default_factory=list)
    campaigns: dict[str, list[str]] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._keys, self._names = count(1), count(1)
        package = {"id": 0, "name": "fw", "version": "2", "sha256": "ab" * 32, "length": 100}
        assert self.says("/packages", package)[0] == 201

    # --- a working day ----------------------------------------------------------------------------

    def begins(self) -> None:
        """A campaign for devices that are new, and for some that are not."""
        fresh = [self._adds() for _ in range(NEW_DEVICES)]
        known = self.dice.sample(self.devices, min(OLD_DEVICES, len(self.devices)))
        name = f"c{next(self._names)}"
        self.campaigns[name] = [device.id for device in (*fresh, *known)]
        order = {
            "package": "fw@2", "devices": self.campaigns[name], "name": name,
            "operation": "downloadandupdate", "terms": self._terms(),
            "deadline_s": DEADLINE_S,
        }  # fmt: skip
        status, told = self.says("/campaigns", order)
        assert status == 201, told
        self.ids.append(told["id"])
        self.devices += fresh

    def steers(self) -> None:
        """A word about a campaign; that it makes no sense just now is an answer, too."""
        if self.ids:
            self._steer(self.dice.choice(self.ids[-6:]), self.dice.choice(STEERS))

    def retries(self) -> None:
        """What failed is ordered anew."""
        if self.ids:
            status, told = self.says(f"/campaigns/{self.dice.choice(self.ids)}/retry")
            assert status in (201, 400, 409), told

    def cancels(self) -> None:
        """One operation, whatever it is doing."""
        number = self.dice.randint(1, 1 + len(self.devices))
        status, told = self.says(f"/operations/{number}/cancel")
        assert status in (201, 400, 404, 409), told

    def settles(self) -> None:
        """Everything that waits for a word gets it."""
        for number in self.ids:
            for word in ("start", "resume", "next-group", "next-group"):
                self._steer(number, word)

    def _adds(self) -> Witness:
        device = Witness(f"IMEI:{next(self._names)}")
        row = {"id": device.id, "user": device.user, "password": device.secret}
        status, told = self.says("/devices", {**row, "server_password": device.server_secret})
        assert status == 201, told
        return device

    def _terms(self) -> dict[str, Any]:
        return {
            "starts": self.dice.random() < 0.8,
            "shares": self.dice.choice([[], [], [34], [34, 33]]),
            "success_percent": self.dice.choice([0, 50, 100]),
            "error_percent": self.dice.choice([0, 0, 40]),
            "retries": self.dice.choice([{}, {"count": 1, "wait_s": 1.0, "on": ["failed"]}]),
        }

    def _steer(self, number: int, word: str) -> None:
        status, told = self.says(f"/campaigns/{number}/orders/{word}")
        assert status in (201, 400, 409), told

    # --- the way to a server ----------------------------------------------------------------------

    def says(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Until it is answered, with the same key."""
        key, end_s = f"order-{next(self._keys)}", time.monotonic() + PATIENCE_S
        while True:
            try:
                status, told = self._once("POST", path, body, key)
            except (OSError, http.client.HTTPException, ValueError) as fault:
                status, told = 503, str(fault)
            if status not in AGAIN:
                return status, told
            assert time.monotonic() < end_s, told
            time.sleep(0.1)

    def _once(self, method: str, path: str, body: Any, key: str) -> tuple[int, Any]:
        link = Owner(self.dice.choice(self.folders()))
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            link.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)
            answer = link.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            link.close()
