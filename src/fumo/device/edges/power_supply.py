"""Battery and mains, as the kernel shows them (`/sys/class/power_supply`).

Promise: what cannot be read is unknown, never good. A machine that has supplies but no battery
lives from the mains; the batteries of a mouse or a headset are none of ours.
"""

from pathlib import Path

from msgspec import Struct

FOLDER = Path("/sys/class/power_supply")
CHARGING = ("Charging", "Full", "Not charging")  # each of them only while power comes in


class Power(Struct, frozen=True):
    """`battery` in percent, the emptiest of several; None: unknown, or there is none."""

    battery: int | None = None
    mains: bool | None = None


def read(folder: Path = FOLDER) -> Power:
    """How things are now."""
    try:
        supplies = [_Supply(path) for path in sorted(folder.iterdir())]
    except OSError:
        return Power()
    batteries = [one for one in supplies if one.is_battery]
    chargers = [one for one in supplies if one.kind not in ("Battery", "UPS", "")]
    if not batteries:
        return Power(None, True)
    levels = [level for one in batteries if (level := one.level) is not None]
    return Power(min(levels, default=None), _mains(batteries, chargers))


def _mains(batteries: "list[_Supply]", chargers: "list[_Supply]") -> bool | None:
    """True when any charger is plugged in; without a charger's word the battery's counts."""
    told = [one.says("online") for one in chargers]
    if any(word not in ("0", "") for word in told):
        return True
    status = [one.says("status") for one in batteries]
    if any(word in CHARGING for word in status):
        return True
    return False if any(told) or any(status) else None


class _Supply:
    """One folder of the kernel's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.kind = self.says("type")

    @property
    def is_battery(self) -> bool:
        ours = self.says("scope") != "Device" and self.says("present") != "0"
        return self.kind == "Battery" and ours

    @property
    def level(self) -> int | None:
        word = self.says("capacity")
        return min(100, int(word)) if word.isascii() and word.isdecimal() else None

    def says(self, name: str) -> str:
        try:
            return (self._path / name).read_text("ascii", "replace").strip()
        except OSError:
            return ""
