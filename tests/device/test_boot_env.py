"""The boot environment: it chooses, it counts, and a torn copy is nothing."""

import pytest

from fumo.device.edges.boot_env import COPIES, COPY_LENGTH, TRIALS_MAX, BootEnv, Image
from fumo.errors import MisuseError
from fumo.testing.disk import MemoryFiles

OLD, NEW = Image("1", 10, "aa" * 32), Image("2", 20, "bb" * 32, security_counter=4)


@pytest.fixture
def files():
    files = MemoryFiles()
    BootEnv(files).install("slot-a", OLD)
    return files


def test_a_machine_without_an_environment_says_so():
    env = BootEnv(MemoryFiles())
    assert env.read() is None
    with pytest.raises(OSError, match="no valid copy"):
        env.boot()


def test_a_trial_is_tried_three_times_and_given_up(files):
    env = BootEnv(files)
    env.arm("slot-b", "1-t", NEW)
    assert [env.boot().running for _ in range(TRIALS_MAX)] == ["slot-b"] * TRIALS_MAX
    given_up = env.boot()
    assert (given_up.running, given_up.good) == ("slot-a", "slot-a")
    assert given_up.fell_back_token == "1-t"
    assert env.boot().running == "slot-a"


def test_a_committed_trial_stays(files):
    env = BootEnv(files)
    env.arm("slot-b", "1-t", NEW)
    env.boot()
    env.commit("1-t")
    env.commit("1-t")
    assert [env.boot().running for _ in range(5)] == ["slot-b"] * 5
    assert env.known().security_counter == 4


def test_an_ordinary_boot_writes_nothing(files):
    before = files.operations
    BootEnv(files).boot()
    assert files.operations == before


def test_it_never_tries_what_runs_nor_commits_what_does_not(files):
    env = BootEnv(files)
    with pytest.raises(MisuseError):
        env.arm("slot-a", "1-t", NEW)
    env.arm("slot-b", "1-t", NEW)
    for token in ("1-t", "1-other"):
        with pytest.raises(MisuseError):
            env.commit(token)


def test_a_slot_about_to_be_overwritten_is_not_tried(files):
    env = BootEnv(files)
    env.arm("slot-b", "1-t", NEW)
    env.disarm("slot-b")
    assert env.boot().running == "slot-a"
    assert env.known().fell_back_token is None


@pytest.mark.parametrize("copy", COPIES)
def test_a_write_torn_at_any_byte_leaves_the_old_or_the_new_environment(files, copy):
    env = BootEnv(files)
    if BootEnv(files).known().sequence % 2 == COPIES.index(copy):
        env.arm("slot-b", "0-earlier", NEW)  # so that the next write goes to this copy
    before, old = env.known(), files.read(copy, 0, COPY_LENGTH)
    env.disarm("slot-b") if before.trial else env.arm("slot-b", "1-t", NEW)
    after, new = env.known(), files.read(copy, 0, COPY_LENGTH)
    assert old != new
    for torn_at in range(COPY_LENGTH + 1):
        files.write(copy, 0, new[:torn_at] + old[torn_at:])
        assert env.known() in (before, after)
    assert env.known() == after


@pytest.mark.parametrize("damage", [b"", b"\0" * COPY_LENGTH, b"\xff" * 8000, b"{}"])
def test_one_lost_copy_is_survived(files, damage):
    env = BootEnv(files)
    older = COPIES[(env.known().sequence + 1) % 2]
    before = env.known()
    files.replace(older, damage)
    assert env.known() == before
    assert env.boot() == before
