"""Children of the demo: heard, killed, and never left behind."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.fleet.patience import Patience, Stuck
from fumo.fleet.processes import Processes

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", sys.argv[1]])
print("child", child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """None yet; none are left."""
    all_of_them = Processes(tmp_path, end_wait_s=0.3)
    yield all_of_them
    all_of_them.end_all()


def test_what_a_child_says_is_heard_on_both_lines(processes: Processes):
    script = "import sys; print('to people'); print('to the log', file=sys.stderr)"
    processes.python("talker", "-c", script)
    Patience(10).until("it has ended", lambda: processes.ended() == ["talker"])
    assert processes.said("talker") == "to people\n"
    assert processes.complained("talker") == "to the log\n"


def test_a_child_that_will_not_end_is_ended_with_all_it_started(processes: Processes):
    processes.python("stubborn", "-c", STUBBORN, "grandchild")
    Patience(10).until("it has a child", lambda: "child" in processes.said("stubborn"))
    grandchild = Path("/proc") / processes.said("stubborn").split()[1]
    processes.end_all()
    assert processes.ended() == ["stubborn"]
    Patience(10).until("the grandchild is gone", lambda: not alive(grandchild))


def test_a_killed_child_is_gone_at_once_and_its_name_can_be_used_again(processes: Processes):
    processes.python("one", "-c", "import time; time.sleep(60)")
    processes.kill("one")
    assert processes.ended() == ["one"]
    processes.python("one", "-c", "import time; time.sleep(60)")
    assert processes.ended() == []


def test_nothing_is_started_once_all_are_being_ended(processes: Processes):
    processes.end_all()
    with pytest.raises(InterruptedError):
        processes.python("late", "-c", "")


def test_waiting_ends_and_says_for_what():
    began_s = time.monotonic()
    with pytest.raises(Stuck, match="gave up waiting until the moon falls"):
        Patience(0.2).until("the moon falls", lambda: False)
    assert time.monotonic() - began_s < 2


def test_waiting_ends_at_once_when_it_is_in_vain():
    with pytest.raises(Stuck, match="the server ended"):
        Patience(60, lambda: "the server ended").until("it answers", lambda: False)


def alive(process: Path) -> bool:
    """Is there such a process, and is it more than a name in a table?"""
    try:
        return "\nState:\tZ" not in (process / "status").read_text()
    except OSError:
        return False
