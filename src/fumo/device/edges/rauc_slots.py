"""What RAUC's slots show: which one runs, which one is free, and whether one is whole."""

from pathlib import Path

from fumo.device.edges.rauc_words import Slot
from fumo.device.edges.read_back import front_digest
from fumo.device.edges.slot_note import Note, Step
from fumo.update.operation import Evidence, Intent

OK = "ok"
RAW = "raw"


def running(slots: dict[str, Slot]) -> Slot | None:
    """The one that this machine started from."""
    return next((one for one in slots.values() if one.booted and one.bootname), None)


def beside(slot: Slot, slots: dict[str, Slot]) -> list[Slot]:
    """Those that the boot loader may start instead of it."""
    alike = (one for one in slots.values() if one.kind == slot.kind and one.bootname)
    return [one for one in alike if one.name != slot.name]


def free(slots: dict[str, Slot], note: Note) -> Slot:
    """The one slot beside the one that runs. OSError: there is none that may be written."""
    runs = running(slots)
    if runs is None:
        raise OSError("RAUC does not know which slot runs")
    others = beside(runs, slots)
    if len(others) != 1:
        raise OSError(f"{len(others)} slots stand beside {runs.name}, where one is needed")
    if note.slot == runs.name and note.step is Step.ARMED:
        # An older operation's trial still runs: the other slot is what it falls back to.
        raise OSError(f"{runs.name} runs on trial")
    return others[0]


def seen(
    intent: Intent, note: Note, slots: dict[str, Slot], primary: str, boot: str, reads: bool = True
) -> Evidence:
    """What all of it shows of an intended update, in the start of the machine named `boot`."""
    slot = slots.get(intent.slot)
    if slot is None:
        return Evidence.UNKNOWN
    if slot.booted:
        return _seen_running(intent, note, slot)
    whole = is_whole(intent, note, slots, reads)
    if primary == slot.name and slot.bootable and (whole or note.step is Step.ARMED):
        return Evidence.FLIPPED
    # Armed before this start, and not the next one any more: it had its turn, or may have had it.
    if note.step in (Step.ARMED, Step.GOOD) and note.boot != boot:
        return Evidence.FELL_BACK
    return Evidence.WRITTEN if whole else Evidence.NONE


def _seen_running(intent: Intent, note: Note, slot: Slot) -> Evidence:
    """The slot runs: by our deed, or by somebody's who marked it active himself."""
    if note.step is Step.GOOD:
        return Evidence.GOOD
    ours = note.step in (Step.ARMED, Step.WRITTEN)
    return Evidence.TRIAL if ours and slot.version == intent.to_version else Evidence.NONE


def is_whole(intent: Intent, note: Note, slots: dict[str, Slot], reads: bool = True) -> bool:
    """Does the slot hold the bundle, all of it? RAUC's record of it may be an older one.

    `reads`: what can be read back is; else RAUC is believed in what it told us it finished.
    """
    slot = slots[intent.slot]
    if note.step is Step.NOTHING or slot.installs <= note.installs:
        return False
    if slot.status != OK or slot.version != intent.to_version:
        return False
    # An end that nobody heard may be that of an older install, and ours was torn after it: then
    # bytes alone are believed, and of a slot that has no others with it.
    checked = reads and slot.type == RAW
    alone = not any(one.parent == slot.name for one in slots.values())
    believed = note.step is not Step.BEGUN or (checked and alone)
    return believed and (not checked or _reads_back(slot))


def _reads_back(slot: Slot) -> bool:
    """A slot of raw bytes is compared with RAUC's own digest of what it wrote there.

    A file system that RAUC made or resized has no digest.
    """
    try:
        return front_digest(Path(slot.device), slot.size) == slot.sha256
    except OSError:
        return False
