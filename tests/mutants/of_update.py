"""Mutants of the pure operation: what is tried, sealed and saved."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

SEALING = (
    Mutant(
        "send before seal",
        "I1: no byte of an alert leaves before the seal is on the disk",
        (
            Edit(
                "update/saving.py",
                "    if not isinstance(old, Sealed):\n        yield Seal(",
                "    if new.refusals:\n        yield Seal(",
            ),
            Edit(
                "update/saving.py",
                "    if not isinstance(old, (Sealed, Settled)):\n        yield Seal(",
                "    if not isinstance(old, Settled):\n        yield Seal(",
            ),
        ),
        killers.ORDER,
        "leaves, and is not sealed on the disk",
    ),
    Mutant(
        "success sealed before mark-good",
        "I5: a success stays one, whatever boots next",
        (
            Edit(
                "update/applying.py",
                "    return _judged(target, operation, healthy=True)",
                "    return seal(target, operation, SUCCESS)",
            ),
        ),
        killers.MODEL,
        r"^I5: operation 1 succeeded but is not committed",
    ),
    Mutant(
        "a Download given up when it is done",
        "C17: no edge leads from 40 to 20",
        (
            Edit(
                "update/waiting.py",
                "    if order.kind is Kind.DOWNLOAD and holds_own(target, order.op_id):\n",
                "    if order.kind is Kind.DOWNLOAD and not order.op_id:\n",
            ),
        ),
        killers.update("test_waiting.py", "test_a_download_that_has_its_package_is_not_given_up"),
        r"E +AssertionError|DID NOT RAISE",
    ),
    Mutant(
        "that a package came and went is forgotten",
        "C17: no edge leads from 50 to 20",
        (
            Edit(
                "update/saving.py",
                "        yield HeldRow(after.held, after.emptied_after)\n",
                "        yield HeldRow(after.held)\n",
            ),
        ),
        killers.update(
            "test_packages.py", "test_a_package_that_came_and_went_leaves_an_idle_object"
        ),
        r"E +AssertionError",
    ),
    Mutant(
        "an effect nobody can see is done again",
        "what is unknown is done once at most",
        (Edit("update/applying.py", "    Evidence.UNKNOWN: UNDEFINED,\n", ""),),
        killers.update("test_apply.py", "test_some_evidence_ends_the_operation_at_once"),
        r"E +AssertionError: assert \(\[\], Write\(.*== \(\[409\], None\)",
    ),
)

ATTEMPTS = (
    Mutant(
        "attempts are not saved",
        "I4: attempts stay bounded over any number of power cuts",
        (
            Edit(
                "update/saving.py",
                "        if attempt not in old.attempts:\n",
                "        if attempt not in old.attempts and attempt.failure is not None:\n",
            ),
        ),
        killers.MODEL,
        "^the records do not tell the target",
    ),
    Mutant(
        "what cannot get better is tried again",
        "C16: only temporary failures are tried again",
        (
            Edit(
                "update/downloading.py",
                "    final = not failure.temporary or n >= policy.download_attempts_max\n",
                "    final = n >= policy.download_attempts_max\n",
            ),
        ),
        killers.once("test_after_the_alert_nothing_but_a_new_exec_tries_again"),
        r"E +(Assertion.*)?assert \(3, 0\) == \(1, 0\)",
    ),
    Mutant(
        "tried again without end",
        "C16: the attempts of an operation are bounded",
        (
            Edit(
                "update/downloading.py",
                "    final = not failure.temporary or n >= policy.download_attempts_max\n",
                "    final = not failure.temporary\n",
            ),
        ),
        killers.update(
            "test_download.py", "test_the_last_failure_is_told_and_nothing_is_left_to_try"
        ),
        r"E +assert \(\[\], <State\..*== \(\[407\]",
    ),
    Mutant(
        "boots are not bounded",
        "no crash loop lasts for ever",
        (
            Edit(
                "update/waking.py",
                "    boots = operation.boots + (not waited)\n",
                "    boots = min(operation.boots + 1, policy.boots_max)\n",
            ),
        ),
        killers.update(
            "test_download.py", "test_booting_for_ever_without_an_attempt_ends_in_a_seal"
        ),
        r"E +assert \[\] == \[409\]",
    ),
)

ORDERS = (
    Mutant(
        "no duplicate check",
        "I3a: one Exec that comes twice is one operation",
        (
            Edit(
                "update/execute.py",
                "    return known.correlator is not None and _identity(known) == _identity(asked)",
                "    return False",
            ),
        ),
        killers.MODEL,
        r"^I3a: one Exec became two",
    ),
    Mutant(
        "a used Correlator never works again",
        "a new Exec after the alert is a new operation, also with an old Correlator",
        (
            Edit(
                "update/execute.py",
                " for one in target.operations if not isinstance(one, Settled)):",
                " for one in target.operations):",
            ),
        ),
        killers.execute("settled-same"),
        r"E +.*Answer\(code=<Status.ACCEPTED: 202>.* == 'a new operation'",
    ),
    Mutant(
        "busy is not looked at",
        "one operation of an object at a time",
        (
            Edit(
                "update/execute.py",
                "    if open_operation(target) is not None:",
                "    if open_operation(target) is not None and not order.url:",
            ),
        ),
        killers.execute("running-other"),
        r"E +.*'a new operation' == Answer\(code=<Status.FORBIDDEN: 403>",
    ),
)

APPLYING = (
    Mutant(
        "a power cut is answered by writing again",
        "I3b, I4: what a power cut left in the slot decides, not the memory",
        (
            Edit(
                "update/duty.py",
                "        return Inspect(op_id, intent)\n",
                "        return Write(op_id, intent, None)\n",
            ),
        ),
        killers.MODEL,
        r"^I4: operation 1 tried 2 times",
    ),
    Mutant(
        "flipped whatever was seen",
        "a slot is tried only when it was seen whole",
        (
            Edit(
                "update/duty.py",
                "(Flip if evidence is Evidence.WRITTEN else Write)(",
                "(Flip if operation.attempts else Write)(",
            ),
        ),
        killers.ORDER,
        "a flip to a slot that is not whole",
    ),
    Mutant(
        "flipped again instead of rebooted",
        "I3b: an operation flips once at most",
        (
            Edit(
                "update/duty.py",
                "    if evidence is Evidence.FLIPPED or operation.healthy is False:",
                "    if operation.healthy is False:",
            ),
            Edit(
                "update/duty.py",
                "(Flip if evidence is Evidence.WRITTEN else Write)(",
                "(Write if evidence is Evidence.NONE else Flip)(",
            ),
        ),
        killers.MODEL,
        r"^I3b: operation 1 flipped 2 times",
    ),
)

MUTANTS = (*SEALING, *ATTEMPTS, *ORDERS, *APPLYING)
