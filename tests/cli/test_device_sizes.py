"""The device's options of sizes and of MAC, in its own words, and the sizes that make no sense."""

import pytest

from fumo.cli.device import parser
from fumo.cli.device_settings import told
from fumo.device.main import setup_of
from fumo.device.reading import SettingsError
from fumo.dm.auth import MAC
from fumo.dm.session import LIMITS, Limits

REQUIRED = ("server", "id", "user", "password", "server-password", "state", "slots")
WORDS = ["run", *(word for name in REQUIRED for word in (f"--{name}", "http://127.0.0.1/dm"))]


def test_sizes_and_mac_reach_the_device():
    sizes = ["--max-msg-size", "2048", "--max-obj-size", "9000000"]
    setup = setup_of(told(parser().parse_args([*WORDS, *sizes, "--auth", "mac"])).settings, "1")
    assert setup.takes == Limits(2048, 9_000_000)
    assert setup.account.scheme == MAC


def test_without_them_the_device_takes_as_much_as_ever():
    assert setup_of(told(parser().parse_args(WORDS)).settings, "1").takes == LIMITS


@pytest.mark.parametrize("size", ["1023", "1048577", "0", "many"])
def test_a_size_that_makes_no_sense_is_refused(size: str):
    with pytest.raises(SettingsError, match=r"--max-msg-size: .* must be a whole number"):
        told(parser().parse_args([*WORDS, "--max-msg-size", size]))
