"""What RAUC's slots show of an update, row by row; RAUC itself is in `test_rauc.py`."""

import hashlib

import pytest
from msgspec.structs import replace

from fumo.device.edges.rauc_slots import free, is_whole, seen
from fumo.device.edges.rauc_words import Slot, meaning
from fumo.device.edges.slot_note import Note, Step
from fumo.update.failures import Cause
from fumo.update.operation import Evidence, Intent

INTENT = Intent("1-a", "rootfs.1", "1", "2", "00" * 32, 100, boot_id=1)
OLD = Slot("rootfs.0", "rootfs", "ext4", bootname="A", booted=True, bootable=True)
NEW = Slot("rootfs.1", "rootfs", "ext4", bootname="B", status="ok", version="2", installs=4)
APP = Slot("app.1", "app", "ext4", parent="rootfs.1", status="ok", version="1", installs=9)
BEGUN = Note("1-a", "rootfs.1", Step.BEGUN, installs=3, boot="this")


def at(step: Step, boot: str = "this") -> Note:
    return replace(BEGUN, step=step, boot=boot)


def told(*slots: Slot) -> dict[str, Slot]:
    return {slot.name: slot for slot in slots}


BOOTED = told(replace(OLD, booted=False), replace(NEW, booted=True, bootable=True))
ARMABLE = told(OLD, replace(NEW, bootable=True))
CASES = {
    "another token's note": (Note(), told(OLD, NEW), "rootfs.0", Evidence.NONE),
    "nothing was finished since": (replace(BEGUN, installs=4), told(OLD, NEW), "", Evidence.NONE),
    "finished, though nobody heard": (BEGUN, told(OLD, NEW), "rootfs.0", Evidence.NONE),
    "finished, and heard": (at(Step.WRITTEN), told(OLD, NEW), "rootfs.0", Evidence.WRITTEN),
    "finished in part": (BEGUN, told(OLD, NEW, APP), "rootfs.0", Evidence.NONE),
    "finished with its parts": (at(Step.WRITTEN), told(OLD, NEW, APP), "", Evidence.WRITTEN),
    "another version": (BEGUN, told(OLD, replace(NEW, version="3")), "", Evidence.NONE),
    "not ok": (BEGUN, told(OLD, replace(NEW, status="update")), "", Evidence.NONE),
    "it starts next": (at(Step.ARMED), ARMABLE, "rootfs.1", Evidence.FLIPPED),
    "it starts next, by another's hand": (at(Step.WRITTEN), ARMABLE, "rootfs.1", Evidence.FLIPPED),
    "it starts next, and may be torn": (BEGUN, ARMABLE, "rootfs.1", Evidence.NONE),
    "it would, but it is bad": (at(Step.ARMED, "older"), told(OLD, NEW), "rootfs.1", "fellback"),
    "armed now, and not seen": (at(Step.ARMED), ARMABLE, "rootfs.0", Evidence.WRITTEN),
    "armed before this start": (at(Step.ARMED, "older"), ARMABLE, "rootfs.0", "fellback"),
    "it runs": (at(Step.ARMED, "older"), BOOTED, "rootfs.1", Evidence.TRIAL),
    "it runs, committed": (at(Step.GOOD, "older"), BOOTED, "rootfs.1", Evidence.GOOD),
    "it runs, not by us": (Note(), BOOTED, "rootfs.1", Evidence.NONE),
    "it was committed, and left again": (at(Step.GOOD, "older"), ARMABLE, "rootfs.0", "fellback"),
    "there is no such slot": (BEGUN, told(OLD), "rootfs.0", Evidence.UNKNOWN),
}


@pytest.mark.parametrize("case", CASES)
def test_f3_what_is_seen_after_any_cut(case):
    note, slots, primary, expected = CASES[case]
    assert seen(INTENT, note, slots, primary, "this") == expected


def test_f17_a_raw_slot_is_read_again(tmp_path):
    device = tmp_path / "slot"
    device.write_bytes(b"new firmware, and what was there before")
    digest = hashlib.sha256(b"new firmware").hexdigest()
    raw = replace(NEW, type="raw", device=str(device), sha256=digest, size=len("new firmware"))
    assert is_whole(INTENT, BEGUN, told(OLD, raw))
    device.write_bytes(b"new firmwarE, and what was there before")
    assert not is_whole(INTENT, BEGUN, told(OLD, raw))
    device.write_bytes(b"new")
    assert not is_whole(INTENT, BEGUN, told(OLD, raw))
    device.unlink()
    assert not is_whole(INTENT, BEGUN, told(OLD, raw))
    assert is_whole(INTENT, at(Step.WRITTEN), told(OLD, raw), reads=False)  # as the maker wants it
    assert not is_whole(INTENT, BEGUN, told(OLD, raw), reads=False)


@pytest.fixture
def raw(tmp_path):
    """A slot of raw bytes, all of them there."""
    device = tmp_path / "slot"
    device.write_bytes(b"new")
    digest = hashlib.sha256(b"new").hexdigest()
    return replace(NEW, type="raw", device=str(device), sha256=digest, size=3)


def test_f3_the_bytes_of_an_older_install_are_not_ours(raw):
    assert is_whole(INTENT, BEGUN, told(OLD, raw))
    assert not is_whole(INTENT, replace(BEGUN, installs=4), told(OLD, raw))


def test_f3_of_a_raw_slot_with_others_its_own_bytes_do_not_tell(raw):
    assert not is_whole(INTENT, BEGUN, told(OLD, raw, APP))
    assert is_whole(INTENT, at(Step.WRITTEN), told(OLD, raw, APP))


def test_only_a_slot_beside_the_one_that_runs_is_free():
    assert free(told(OLD, NEW, APP), Note()).name == "rootfs.1"
    third = replace(NEW, name="rootfs.2", bootname="C")
    rescue = replace(NEW, name="rescue.0", kind="rescue")
    for slots in (told(OLD), told(NEW), told(OLD, NEW, third), told(OLD, rescue)):
        with pytest.raises(OSError, match=r"stand beside|does not know"):
            free(slots, Note())


def test_what_runs_on_trial_keeps_its_way_back():
    with pytest.raises(OSError, match="runs on trial"):
        free(BOOTED, at(Step.ARMED, "older"))
    assert free(BOOTED, at(Step.GOOD, "older")).name == "rootfs.0"


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("Installation error: Compatible mismatch: Expected 'lamp'", Cause.UNFIT),
        ("signature verification failed: Verify error", Cause.INVALID),
        ("Failed writing: No space left on device", Cause.NO_SPACE_UPDATE),
        ("Invalid bundle format: no squashfs", Cause.CORRUPT),
        ("anything else", Cause.WRITE_ERROR),
    ],
)
def test_what_rauc_says_becomes_a_cause(words, cause):
    assert meaning(words) is cause
