"""Programs of the maker: bounded in time, told no secret, and one installer at a time."""

import sys
import time
import tracemalloc
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest

from fumo.device.edges.programs import Call, NotStarted, run


def sh(script: str, limit_s: float = 20.0, **settings) -> Call:
    return Call(("/bin/sh", "-c", script), limit_s, **settings)


def test_an_exit_code_and_what_was_said_come_back():
    ran = run(sh("echo '  trial '; exit 7", listens=True))
    assert (ran.exit, ran.said, ran.well) == (7, "trial", False)
    assert run(sh("true")).well


def test_a_program_reads_the_image_alone(tmp_path):
    package = tmp_path / "package"
    package.write_bytes(b"head and then the image")
    assert run(sh("cat", image=(package, 14), listens=True)).said == "the image"
    assert run(sh("cat", listens=True)).said == ""


def test_a_program_gets_its_values_and_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("FUMO_DEVICE_SERVER_PASSWORD", "secret")
    said = run(sh("env", values={"FUMO_TOKEN": "1-ab"}, listens=True)).said
    assert "FUMO_TOKEN=1-ab" in said
    assert "secret" not in said


def test_what_it_says_is_bounded():
    assert len(run(sh("head -c 100000 /dev/zero | tr '\\0' x", listens=True)).said) == 4096


def test_the_rest_of_what_it_says_costs_no_memory():
    tracemalloc.start()
    try:
        assert run(sh("head -c 20000000 /dev/zero", listens=True)).well
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_program_that_goes_on_too_long_is_ended_with_its_children(tmp_path):
    began_s = time.monotonic()
    ran = run(sh(f"sleep 60 & echo $! > {tmp_path}/child; wait", limit_s=0.3))
    assert ran.exit is None
    assert time.monotonic() - began_s < 20
    child = (tmp_path / "child").read_text().strip()
    stat = Path(f"/proc/{child}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_program_ended_by_a_signal_has_no_exit_code():
    assert run(sh("kill -9 $$")).exit is None


@pytest.mark.parametrize("words", [("/no/such/program",), ("bad\0word",), ()])
def test_what_was_never_started_is_told_apart(words):
    with pytest.raises(NotStarted):
        run(Call(words, 1.0))


def test_while_one_holds_the_lock_no_other_begins(tmp_path):
    lock = tmp_path / "lock"
    hold = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(flush=True)"
    line = [sys.executable, "-c", f"{hold}; sys.stdin.read()", str(lock)]
    with Popen(line, stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as other:
        other.stdout.readline()
        with pytest.raises(NotStarted):
            run(sh("true", lock=lock))
        other.stdin.close()
        other.wait(20)
    assert run(sh("true", lock=lock)).well


def test_the_children_of_a_program_keep_its_lock(tmp_path):
    lock, gone = tmp_path / "lock", tmp_path / "gone"
    run(sh(f"(while [ ! -e {gone} ]; do sleep 0.05; done) & exit 0", lock=lock))
    with pytest.raises(NotStarted):
        run(sh("true", lock=lock))
    gone.touch()
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        try:
            assert run(sh("true", lock=lock)).well
            return
        except NotStarted:
            time.sleep(0.05)
    raise AssertionError("the lock was never given back")
