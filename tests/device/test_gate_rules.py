"""The section [gates] of a device's settings: what it comes to, and what in it makes no sense."""

import pytest

from fumo.device.coherence import incoherent
from fumo.device.gate_rules import gates_of
from fumo.device.reading import parse_toml, read
from fumo.device.settings import GatesSection, Settings
from fumo.update.conditions import Network
from fumo.update.rule import Gates, Rule
from fumo.update.tally import Stage
from fumo.update.windows import parse

FILE = """
[gates]
ask = "terminal"
[gates.download]
network = "unmetered"
free_bytes = 1000
[gates.install]
battery = 50
windows = ["Mon-Fri 02:00-05:00", "22:00-04:00"]
consent = true
deferrals = 5
defer_s = 60
deadline_s = 3600
[gates.write]
battery = 30
[gates.reboot]
idle = true
mains = true
"""


def settings(text: str) -> Settings:
    return read(parse_toml(text, "device.toml"), "device.toml").settings


def test_nothing_said_asks_for_nothing():
    assert gates_of(GatesSection()).gates == Gates()


def test_a_file_becomes_rules():
    gates = gates_of(settings(FILE).gates).gates
    assert gates.at(Stage.DOWNLOAD) == Rule(network=Network.UNMETERED, free_bytes_min=1000)
    assert gates.at(Stage.INSTALL) == Rule(
        battery_min=50,
        windows=(parse("Mon-Fri 02:00-05:00"), parse("22:00-04:00")),
        consent=True,
        deferrals_max=5,
        defer_s=60.0,
        deadline_s=3600.0,
    )
    assert gates.at(Stage.WRITE) == Rule(battery_min=30, deferrals_max=0, deadline_s=86400.0)
    assert gates.at(Stage.REBOOT) == Rule(idle=True, mains=True)


def flaws(text: str) -> dict[str, str]:
    return {path: said for path, said in incoherent(settings(text)) if path.startswith("gates")}


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ('[gates.install]\nwindows = ["02:00-05:00", "x"]', "gates.install.windows[1]", "'x'"),
        ("[gates.reboot]\nconsent = true", "gates.reboot.consent", "nobody can be asked"),
        ('[gates]\nask = "command"', "gates.ask_command", "is missing"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_path(text, path, said):
    found = flaws(text)
    assert list(found) == [path]
    assert said in found[path]


@pytest.mark.parametrize(
    "text",
    [
        FILE,
        "[gates]\nui_alert_agrees = true\n[gates.install]\nconsent = true",
        '[control]\nsocket = "s"\n[gates.install]\nconsent = true',
        '[gates]\nask = "command"\nask_command = ["ask"]\n[gates.install]\nconsent = true',
    ],
)
def test_where_somebody_can_agree_nothing_is_wrong(text):
    assert flaws(text) == {}
