"""The faults of design that every product of this kind has been tempted by, seen by power cuts.

Their names are those of the model in which they were first looked for; most are edits that stand
in another table, where a small test notices them. Here whole devices do. Where no power cut can
show a fault, whoever can is its killer.
"""

from tests.mutants import killers, of_device, of_sessions, of_update
from tests.mutants.harness import Edit, Killer, Mutant

ELSEWHERE = {
    mutant.name: mutant for mutant in (*of_update.MUTANTS, *of_device.MUTANTS, *of_sessions.MUTANTS)
}


def known(name: str) -> tuple[Edit, ...]:
    """The edits of a mutant of another table."""
    return ELSEWHERE[name].edits


def again(name: str, as_: str) -> Mutant:
    """The same mutant with the same killer, under the model's name."""
    one = ELSEWHERE[as_]
    return Mutant(name, one.promise, one.edits, one.killer, one.words)


def cuts(story: str) -> Killer:
    """The power is cut everywhere in this story."""
    return Killer("tests.power.enumeration", (story,))


CRASH_LOOP = killers.stories(
    "power/test_enumeration.py", "test_f6_a_crash_loop_ends_in_a_report_within_the_budget[fetch]"
)

MUTANTS = (
    Mutant(
        "send_before_seal",
        "I1: no byte of an alert leaves before the seal is on the disk",
        known("send before seal"),
        cuts("corrupt"),
        "Broken: I1: a GET of .* after the alert of c-1",
    ),
    Mutant(
        "sync_normal",
        "what was told survives the power cut that follows",
        known("synchronous=NORMAL"),
        cuts("download"),
        "Broken: (F24|I[159]): ",
    ),
    Mutant(
        "split_seal",
        "D7: outcome and alert are one commit",
        known("split seal"),
        cuts("download"),
        "the journal forbids it: UNIQUE",
    ),
    Mutant(
        "att_after",
        "I4: an attempt is on the disk before its first effect",
        known("attempt counted after it began"),
        CRASH_LOOP,
        "Broken: I4: more than 16 GETs",
    ),
    Mutant(
        "no_dedup",
        "I3a: neither an Exec that comes twice nor another one starts anything meanwhile",
        (*known("no duplicate check"), *known("busy is not looked at")),
        cuts("busy"),
        "Broken: I3a|operation 1 is not sealed",
    ),
    Mutant(
        "no_corr_dedup",
        "I3a: one Exec that comes twice is one operation",
        known("no duplicate check"),
        cuts("deaf"),
        "Broken: I3a: c-1 was refused, and has a result",
    ),
    Mutant(
        "accept_after_202",
        "I9: what was answered 202 is on the disk",
        known("202 before commit"),
        cuts("download"),
        "Broken: I9: ",
    ),
    Mutant(
        "seal_before_good",
        "I5: a success stays one, whatever boots next",
        known("success sealed before mark-good"),
        cuts("update"),
        "Broken: I5: 200, and 1 is committed",
    ),
    again("opaque_reapply", "an effect nobody can see is done again"),
    again("no_lockstep", "no lock-step"),
    Mutant(
        "rename_without_sync",
        "D3h: what is held is on the disk whole before it has its name",
        (
            Edit(
                "device/edges/part_file.py",
                "        self.sync()\n        with disk():\n            self._files.rename",
                "        with disk():\n            self._files.rename",
            ),
        ),
        cuts("download"),
        "Broken: I5: what is held is not the package",
    ),
)
