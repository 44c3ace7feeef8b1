"""The device's options of sizes and of MAC, in its own words, and the sizes that make no sense."""

import pytest

from fumo.cli.device import config_of, parser
from fumo.device.main import setup_of
from fumo.dm.auth import MAC
from fumo.dm.session import LIMITS, Limits

REQUIRED = ("server", "id", "user", "password", "server-password", "state", "slots")
WORDS = ["run", *(word for name in REQUIRED for word in (f"--{name}", "http://127.0.0.1/dm"))]


def test_sizes_and_mac_reach_the_device():
    sizes = ["--max-msg-size", "2048", "--max-obj-size", "9000000"]
    setup = setup_of(config_of(parser().parse_args([*WORDS, *sizes, "--auth", "mac"])), "1")
    assert setup.takes == Limits(2048, 9_000_000)
    assert setup.account.scheme == MAC


def test_without_them_the_device_takes_as_much_as_ever():
    assert setup_of(config_of(parser().parse_args(WORDS)), "1").takes == LIMITS


@pytest.mark.parametrize("size", ["1023", "1048577", "0", "many"])
def test_a_size_that_makes_no_sense_is_refused(size: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        parser().parse_args([*WORDS, "--max-msg-size", size])
    assert "--max-msg-size" in capsys.readouterr().err
