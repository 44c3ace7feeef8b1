"""The settings of a maker's installer: what they must say, and what must not contradict."""

import pytest

from fumo.device.coherence import incoherent
from fumo.device.reading import parse_toml, read
from fumo.device.settings import Settings

GOOD = """
install = ["/usr/lib/install", "--quiet"]
version_file = "/etc/version"
"""


def settings(command: str, device: str = "") -> Settings:
    text = f'[device]\nid = "IMEI:1"\nstate = "/var/lib/device"\n{device}\n'
    text += f'[[object]]\nagent = "command"\n[object.command]\n{command}'
    return read(parse_toml(text, "device.toml"), "device.toml").settings


def test_programs_are_words_and_codes_are_numbers():
    told = settings(GOOD + "reboot = [3, 4]\ninstall_s = 60", 'reboot = ["reboot"]')
    installer = told.object[0].command
    assert installer.install == ("/usr/lib/install", "--quiet")
    assert (installer.done, installer.reboot, installer.install_s) == ((0,), (3, 4), 60.0)
    assert list(incoherent(told)) == []


@pytest.mark.parametrize(
    ("command", "path", "said"),
    [
        ('version_file = "/v"', "object[0].command.install", "the program that installs"),
        ('install = ["i"]', "object[0].command.version_file", "`version`"),
        (GOOD + "reboot = [3]", "device.reboot", "object[0].command.reboot"),
        (GOOD + "unfit = [7]\ncorrupt = [7]", "object[0].command.corrupt", "7 means unfit"),
        (GOOD + "no_space = [0]", "object[0].command.no_space", "0 means done"),
    ],
)
def test_what_contradicts_is_told_with_its_place(command: str, path: str, said: str):
    [(at, why)] = incoherent(settings(command))
    assert at == path
    assert said in why
