"""A device whose machine really starts anew: asked for by a command, and waited for."""

from pathlib import Path

import pytest

from fumo.codes import Kind
from fumo.device.edges.machine import reboot
from fumo.testing.world import package
from tests.device.test_process import Served, served, start, words

__all__ = ["served"]

ENDS_US = "device.reboot=sh,-c,kill -TERM $PPID"


def test_the_machine_is_told_to_start_anew_and_the_agent_waits_for_it(
    served: Served, tmp_path: Path
):
    served.files["/p"] = package(b"new" * 1000, "2", model="fumo-device")
    served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{served.url}/p")
    first = start(words(f"{served.url}/dm", tmp_path, "--set", ENDS_US))
    _, told = first.communicate(timeout=30)
    assert (first.returncode, told.count("Starts slot=")) == (0, 1), told
    assert "Reboots command='sh -c kill -TERM $PPID'" in told
    assert served.dm.heard == []
    second = start(words(f"{served.url}/dm", tmp_path, "--set", ENDS_US, "--once"))
    _, told = second.communicate(timeout=30)
    assert (second.returncode, "version=2" in told) == (0, True), told
    assert [alert.number for alert in served.dm.heard] == [200]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("sh", "-c", "echo no power >&2; exit 3"), "sh ended with 3: no power"),
        (("no-such-program",), "No such file or directory: 'no-such-program'"),
    ],
)
def test_a_machine_that_does_not_start_anew_says_why(command: tuple[str, ...], why: str):
    with pytest.raises(OSError, match=why):
        reboot(command)
