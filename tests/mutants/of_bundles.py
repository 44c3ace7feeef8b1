"""Mutants of installers with bundles: what was remembered counts, or a slot is armed twice."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

SLOTS = "device/edges/rauc_slots.py"
SEEN = "test_f3_what_is_seen_after_any_cut[{}]"

MUTANTS = (
    Mutant(
        "a slot that was given up is armed again",
        "one order activates a slot once at most (I3b)",
        (Edit(SLOTS, "(Step.ARMED, Step.GOOD) and note.boot != boot:", "(Step.GOOD,):"),),
        killers.device("test_rauc_slots.py", SEEN.format("armed before this start")),
        r"written.*fellback",
    ),
    Mutant(
        "RAUC's record of an older install is believed",
        "what is seen decides, not what is remembered",
        (Edit(SLOTS, " or slot.installs <= note.installs:", ":"),),
        killers.device("test_rauc_slots.py", "test_f3_the_bytes_of_an_older_install_are_not_ours"),
        r"assert not True",
    ),
    Mutant(
        "a slot is whole before those that belong to it",
        "what is seen decides, not what is remembered",
        (Edit(SLOTS, "(checked and alone)", "checked"),),
        killers.device(
            "test_rauc_slots.py", "test_f3_of_a_raw_slot_with_others_its_own_bytes_do_not_tell"
        ),
        r"assert not True",
    ),
    Mutant(
        "an end that nobody heard is believed",
        "what is seen decides, not what is remembered",
        (Edit(SLOTS, "note.step is not Step.BEGUN or (checked and alone)", "alone"),),
        killers.device("test_rauc_slots.py", SEEN.format("finished, though nobody heard")),
        r"WRITTEN.*NONE",
    ),
    Mutant(
        "a slot is not read again",
        "corrupt bytes are found before they are started",
        (Edit(SLOTS, "slot.size) == slot.sha256", "slot.size) is not None"),),
        killers.device("test_rauc_slots.py", "test_f17_a_raw_slot_is_read_again"),
        r"assert not True",
    ),
    Mutant(
        "the way back is overwritten",
        "the environment can always fall back",
        (Edit(SLOTS, "note.slot == runs.name and note.step is Step.ARMED", "False"),),
        killers.device("test_rauc_slots.py", "test_what_runs_on_trial_keeps_its_way_back"),
        r"DID NOT RAISE",
    ),
)
