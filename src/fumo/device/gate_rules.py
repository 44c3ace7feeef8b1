"""The section `[gates]` in the words of `fumo.update.rule`, and what in it makes no sense. Pure."""

from collections.abc import Mapping

from msgspec import Struct

from fumo.device.settings import GateSection, GatesSection, WriteGateSection
from fumo.update.conditions import Network
from fumo.update.rule import Gates, Rule
from fumo.update.windows import Window, parse

NETWORKS: Mapping[str, Network | None] = {
    "any": None,
    "online": Network.METERED,
    "unmetered": Network.UNMETERED,
}


class Read(Struct, frozen=True):
    """The rules, and a path and a text for each window that is none."""

    gates: Gates
    flaws: tuple[tuple[str, str], ...] = ()


def gates_of(section: GatesSection) -> Read:
    """All stages."""
    flaws: list[tuple[str, str]] = []
    rules = {
        name: _rule(getattr(section, name), f"gates.{name}", flaws)
        for name in ("download", "install", "reboot")
    }
    return Read(Gates(write=_write_rule(section.write), **rules), tuple(flaws))


def _rule(section: GateSection, path: str, flaws: list[tuple[str, str]]) -> Rule:
    return Rule(
        battery_min=section.battery,
        mains=section.mains,
        network=NETWORKS[section.network],
        free_bytes_min=section.free_bytes,
        windows=_windows(section.windows, path, flaws),
        idle=section.idle,
        consent=section.consent,
        deferrals_max=section.deferrals,
        defer_s=section.defer_s,
        deadline_s=section.deadline_s,
    )


def _write_rule(section: WriteGateSection) -> Rule:
    return Rule(
        battery_min=section.battery,
        mains=section.mains,
        idle=section.idle,
        deferrals_max=0,
        deadline_s=section.deadline_s,
    )


def _windows(texts: tuple[str, ...], path: str, flaws: list[tuple[str, str]]) -> tuple[Window, ...]:
    windows = []
    for number, text in enumerate(texts):
        try:
            windows.append(parse(text))
        except ValueError as error:
            flaws.append((f"{path}.windows[{number}]", str(error)))
    return tuple(windows)
