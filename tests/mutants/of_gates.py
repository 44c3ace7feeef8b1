"""Mutants of the gates: what was waited or said is lost, or a wait costs what it must not."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "a restart takes back what was not saved yet",
        "no restart stretches a deadline",
        (
            Edit(
                "device/gatekeeper.py",
                "        return saved if known else carried(saved, slice_s(rule))\n",
                "        return saved\n",
            ),
        ),
        killers.device(
            "test_gatekeeper.py", "test_f19_restarts_neither_lose_nor_stretch_a_deadline[install]"
        ),
        r"E +assert 66\d\d\.\d+ <= ",
    ),
    Mutant(
        "what goes on still waits on disk",
        "no crash loop lasts for ever: each one after the wait costs an attempt",
        (
            Edit(
                "device/gatekeeper.py",
                "        if saved.waiting or _was_told(saved, tally):\n",
                "        if _was_told(saved, tally):\n",
            ),
        ),
        killers.device(
            "test_gates_and_others.py", "test_once_it_goes_on_each_crash_costs_an_attempt_again"
        ),
        r"E +assert \(10, \[\]\) == \(3, \[410\]\)",
    ),
    Mutant(
        "a wait costs boots",
        "what waits at a gate does nothing, so no boot is its fault",
        (
            Edit(
                "update/waking.py",
                "    boots = operation.boots + (not waited)\n",
                "    boots = operation.boots + 1\n",
            ),
        ),
        killers.update("test_waiting.py", "test_restarts_before_the_first_attempt_end_nothing"),
        r"AssertionError: assert Sealed",
    ),
    Mutant(
        "a wait costs attempts",
        "what waits at a gate does nothing, so no boot cuts it",
        (
            Edit(
                "update/waking.py",
                "            cut = operation.cut or not waited\n",
                "            cut = True\n",
            ),
        ),
        killers.update(
            "test_waiting.py", "test_restarts_while_the_write_waits_cost_no_apply_attempt"
        ),
        r"> +assert fold\(self\.saved\) == durable\(after\)",
    ),
    Mutant(
        "what was heard can be unheard",
        "counts only grow, and a word that was given stands",
        (Edit("update/waiting.py", "    if not follows(", "    if False and not follows("),),
        killers.update("test_waiting.py", "test_nothing_that_was_heard_is_forgotten"),
        r"DID NOT RAISE",
    ),
    Mutant(
        "no is waited at",
        "no is the end at once, and told as 401",
        (
            Edit(
                "update/gates.py",
                "    if tally.word is Word.NO and PAST_DEADLINE[stage] is Past.ENDS:\n",
                "    if tally.word is Word.NO and PAST_DEADLINE[stage] is Past.OPENS:\n",
            ),
        ),
        killers.device(
            "test_gatekeeper.py",
            "test_t13_no_before_and_after_the_download_is_401[install-True-80]",
        ),
        r"E +assert \(\[400\], 80\) == \(\[401\], 80\)",
    ),
    Mutant(
        "a cancel is remembered only",
        "what was answered to a person survives a kill",
        (
            Edit(
                "device/gatekeeper.py",
                "        if refused(target.tallies):\n",
                "        if refused(()):\n",
            ),
        ),
        killers.device(
            "test_gates_and_others.py",
            "test_t13_a_cancel_amid_the_last_checkpoint_is_heard_before_the_install",
        ),
        r"AssertionError: assert \(\[200\], \[.*\]\) == \(\[401\], \[\]\)",
    ),
    Mutant(
        "what is being written can be cancelled",
        "nothing is taken back once the intent stands",
        (
            Edit(
                "update/wishes.py",
                "    if stage not in (Stage.DOWNLOAD, Stage.INSTALL):\n",
                "    if stage is None:\n",
            ),
        ),
        killers.update("test_wishes.py", "test_what_is_nothing_or_too_late_is_not_cancelled"),
        r"AssertionError: assert GivenUp",
    ),
    Mutant(
        "State goes back from 50 to 40",
        "State moves along the standard's edges also while it waits",
        (
            Edit(
                "update/view.py",
                "    return any(tally.stage is Stage.INSTALL for tally in target.tallies)\n",
                "    waits = (one.stage for one in target.tallies if one.waiting)\n"
                "    return Stage.INSTALL in waits\n",
            ),
        ),
        killers.update(
            "test_waiting.py", "test_waiting_to_install_state_says_ready_and_never_goes_back"
        ),
        r"> +assert legal\(|assert <State.DOWNLOAD_COMPLETE",
    ),
)
