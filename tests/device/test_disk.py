"""Folders on disk and in memory do the same; the one in memory can also lose its power."""

import errno

import pytest

from fumo.device.edges.disk import DiskFolder
from fumo.errors import MisuseError
from fumo.testing.disk import Cut, Damage, Fault, MemoryFiles, Moment, PowerCut


@pytest.fixture(params=["disk", "memory"])
def files(request, tmp_path):
    return DiskFolder(tmp_path / "folder") if request.param == "disk" else MemoryFiles()


def test_what_is_written_is_read(files):
    files.write("a", 0, b"hello")
    files.write("a", 3, b"p!!")
    assert files.read("a", 0, 100) == b"help!!"
    assert files.read("a", 4, 1) == b"!"
    assert files.size("a") == 6
    files.sync("a")


def test_a_gap_is_zeros(files):
    files.write("a", 3, b"x")
    assert files.read("a", 0, 9) == b"\0\0\0x"


def test_a_missing_file_is_empty(files):
    assert not files.exists("a")
    assert files.size("a") == 0
    assert files.read("a", 0, 9) == b""
    files.delete("a")


def test_truncate_cuts_extends_and_makes(files):
    files.write("a", 0, b"abcdef")
    files.truncate("a", 2)
    assert files.read("a", 0, 9) == b"ab"
    files.truncate("a", 4)
    assert files.read("a", 0, 9) == b"ab\0\0"
    files.truncate("b", 0)
    assert files.exists("b")


def test_replace_rename_and_delete(files):
    files.replace("a", b"one")
    files.replace("a", b"two")
    files.write("b", 0, b"old")
    files.rename("a", "b")
    assert (files.exists("a"), files.read("b", 0, 9)) == (False, b"two")
    files.delete("b")
    assert not files.exists("b")
    with pytest.raises(FileNotFoundError):
        files.rename("a", "b")
    assert files.free() > 0


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc/x", "a/b", "a\0"])
def test_no_name_leaves_the_folder(tmp_path, name):
    with pytest.raises(MisuseError):
        DiskFolder(tmp_path).write(name, 0, b"x")


# The power.


def test_what_was_not_synced_may_be_lost_or_kept():
    for damage, left in ((Damage.ALL, b"synced"), (Damage.NONE, b"unsynced")):
        files = MemoryFiles()
        files.write("a", 0, b"synced")
        files.sync("a")
        files.write("a", 0, b"unsynced")
        files.cut(damage)
        assert files.read("a", 0, 99) == left


def test_random_damage_tears_by_sectors_and_spares_what_was_synced():
    seen = set()
    for seed in range(60):
        files = MemoryFiles()
        files.write("a", 0, b"o" * 1024)
        files.sync("a")
        files.write("a", 0, b"n" * 1024)
        files.write("b", 0, b"new")
        files.cut(Damage.RANDOM, seed)
        content = files.read("a", 0, 2000)
        assert {content[:512], content[512:]} <= {b"o" * 512, b"n" * 512}
        seen.add((content[0], content[512], files.exists("b")))
    assert len(seen) == 8


def test_replace_and_rename_are_durable_at_once():
    files = MemoryFiles()
    files.replace("a", b"one")
    files.write("b", 0, b"never synced")
    files.rename("b", "c")
    files.cut(Damage.ALL)
    assert files.read("a", 0, 9) == b"one"
    assert files.read("c", 0, 99) == b""


@pytest.mark.parametrize(
    ("moment", "left"),
    [(Moment.BEFORE, b""), (Moment.HALF_DONE, b"ab"), (Moment.AFTER, b"abcd")],
)
def test_the_power_goes_at_the_operation_that_was_planned(moment, left):
    files = MemoryFiles(cut=Cut(1, moment))
    with pytest.raises(PowerCut):
        files.write("a", 0, b"abcd")
    files.cut(Damage.NONE)
    assert files.read("a", 0, 9) == left
    files.write("a", 0, b"the power is back")


def test_a_fault_comes_once_or_for_ever():
    for for_ever in (False, True):
        files = MemoryFiles(fault=Fault(2, errno.EIO, for_ever))
        files.write("a", 0, b"1")
        with pytest.raises(OSError, match="write a"):
            files.write("a", 0, b"2")
        if for_ever:
            with pytest.raises(OSError, match="sync a"):
                files.sync("a")
        else:
            files.sync("a")
        assert files.read("a", 0, 9) == b"1"


def test_a_full_folder_keeps_what_it_has():
    files = MemoryFiles(capacity=10)
    files.replace("a", b"12345678")
    for deed in (lambda: files.write("b", 0, b"123"), lambda: files.replace("a", b"x" * 11)):
        with pytest.raises(OSError, match="write") as caught:
            deed()
        assert caught.value.errno == errno.ENOSPC
    assert files.read("a", 0, 99) == b"12345678"
    assert files.free() == 2
