"""Implements `Circumstances` on a Linux machine: power, network, room, the time of day, a call.

Each is read where it is known; what is not known is told as None, which shuts the gate that asks.
Without a word of the maker's about the network it is offline, or else counts as metered: that a
route leads out says nothing of what it costs.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from fumo.device.edges import power_supply
from fumo.device.edges.power_supply import Power
from fumo.update.conditions import Conditions, Network

PROC_NET = Path("/proc/net")
NETWORKS: Mapping[str, Network] = {
    "offline": Network.OFFLINE,
    "none": Network.OFFLINE,
    "metered": Network.METERED,
    "cellular": Network.METERED,
    "unmetered": Network.UNMETERED,
    "wifi": Network.UNMETERED,
    "ethernet": Network.UNMETERED,
}
USES: Mapping[str, bool] = {
    "busy": True,
    "yes": True,
    "1": True,
    "idle": False,
    "no": False,
    "0": False,
}
CLOCK_SET_YEAR = 2020  # a clock that was never set shows an older one


class Surroundings:
    """Looks when it is asked; bounded by the programs that it asks in turn (`words`)."""

    def __init__(
        self,
        packages: Path | str,
        network: Callable[[], str] | None = None,
        in_use: Callable[[], str] | None = None,
        power: Callable[[], Power] = power_supply.read,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """`packages` is where room is needed; `network` and `in_use` give one word each."""
        self._packages = Path(packages)
        self._network, self._in_use = network, in_use
        self._power, self._now_s = power, now_s

    def look(self) -> Conditions:
        """How things stand now."""
        power = self._power()
        return Conditions(
            battery=power.battery,
            mains=power.mains,
            network=NETWORKS.get(self._network()) if self._network else by_route(),
            free_bytes=free_bytes(self._packages),
            week_min=week_min(self._now_s()),
            in_use=USES.get(self._in_use()) if self._in_use else False,
        )


def by_route(folder: Path = PROC_NET) -> Network | None:
    """OFFLINE, or METERED where any default route leads out; None: nobody can tell."""
    try:
        ways = (folder / "route").read_text().splitlines()[1:]
    except OSError:
        return None
    try:
        six = (folder / "ipv6_route").read_text().splitlines()
    except OSError:
        six = []  # a kernel without IPv6
    out = any(way.split()[1:2] == ["00000000"] for way in ways)
    out = out or any(way.split()[:2] == ["0" * 32, "00"] and _leads_out(way) for way in six)
    return Network.METERED if out else Network.OFFLINE


def _leads_out(way: str) -> bool:
    """Every machine has an unreachable default route by `lo`."""
    return way.split()[-1] != "lo"


def free_bytes(folder: Path) -> int | None:
    """What an ordinary user can still write there, or where it will be made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def week_min(at_s: float) -> int | None:
    """The minute of the local week; None where the clock was never set."""
    local = time.localtime(at_s)
    if local.tm_year < CLOCK_SET_YEAR:
        return None
    return (local.tm_wday * 24 + local.tm_hour) * 60 + local.tm_min
