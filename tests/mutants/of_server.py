"""Mutants of the server: what is durable before a reply leaves, and what is counted."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "Status before commit",
        "I8: what the server acknowledges, it has on the disk",
        (
            Edit(
                "server/pump.py",
                "    cases = pump.store.load([ask(envelope) for envelope in todo.values()])\n",
                '    if late := _round.__dict__.pop("late", None):\n'
                "        _save(pump, late)\n"
                "    cases = pump.store.load([ask(envelope) for envelope in todo.values()])\n",
            ),
            Edit(
                "server/pump.py",
                "    saved = _save(pump, decided)\n",
                '    _round.__dict__["late"] = saved = decided\n',
            ),
        ),
        killers.REPLIES,
        "a Status left for alert 200, which is not on the disk",
    ),
    Mutant(
        "the server's database at synchronous=NORMAL",
        "I8: what was acknowledged survives the power cut that follows",
        (
            Edit(
                "server/edges/sqlite_database.py",
                '"PRAGMA synchronous=FULL"',
                '"PRAGMA synchronous=NORMAL"',
            ),
        ),
        killers.REPLIES,
        "a Status left for alert 200, which is not on the disk",
    ),
    Mutant(
        "Exec and PkgURL in one message",
        "S03: Exec leaves only after the address was taken",
        (
            Edit(
                "server/ordering.py",
                "        requests.append(write(chosen.uri, operation, url))\n",
                "        requests.append(write(chosen.uri, operation, url))\n"
                "        ledger.put(replace(operation, object_uri=chosen.uri, url=url))\n"
                "        return requests + _execute(ledger, ledger.operations[operation.id])\n",
            ),
        ),
        killers.server("test_main_flow.py", "test_exec_leaves_only_after_the_address_was_taken"),
        r"E +.*assert \[\d\] > \[\d\]",
    ),
    Mutant(
        "a repeated alert is another result",
        "I6: each operation's result counts once",
        (
            Edit(
                "server/matching.py",
                "    if operation.state in CLOSED:\n",
                "    if operation.state in CLOSED and code != operation.result:\n",
            ),
        ),
        killers.server(
            "test_alerts.py", "test_f4_a_repeated_alert_is_stored_and_answered_but_not_counted"
        ),
        r"E +AssertionError: b.our own fault: MisuseError",
    ),
    Mutant(
        "a repeated message is decided again",
        "S5: the same message again gets the same bytes and runs nothing",
        (
            Edit(
                "server/pump.py",
                "        if reply is not None:\n            return Decision(reply)\n",
                "        if reply is not None and case.session is None:\n"
                "            return Decision(reply)\n",
            ),
        ),
        killers.server("test_repeats.py", "test_f8_f22_each_message_of_a_whole_job_may_come_twice"),
        r"E +.*assert Reply\(.* == Reply\(",
    ),
    Mutant(
        "an unanswered Exec is simply sent again",
        "F7: the same Exec leaves again only where State proves that it was not taken",
        (
            Edit(
                "server/verdicts.py",
                "    return sent and _as_before(operation, state)",
                "    return sent",
            ),
        ),
        killers.server("test_doubt.py", "test_any_other_state_is_waited_out"),
        r"E +AssertionError: assert [2-9] == 1",
    ),
    Mutant(
        "what is cancelled is said again when it was lost",
        "an operator's cancel wins: its Exec does not leave any more",
        (
            Edit(
                "server/verdicts.py",
                "    sent = operation.state is OperationState.SENT and operation.sendings < most",
                "    sent = operation.state in OPEN and operation.sendings < most",
            ),
            Edit(
                "server/verdicts.py",
                "    elif _may_be_called_back(seen) and _as_before(seen, state) and not "
                "_says_little(seen):\n"
                '        ledger.give_up(seen, f"State {state} as before its Exec, which never '
                'arrived")\n',
                "",
            ),
            Edit(
                "server/ordering.py",
                "    if again is not None and again.state is OperationState.SENT:",
                "    if again is not None:",
            ),
        ),
        killers.server("test_cancelling.py", "test_an_exec_that_was_lost_is_not_said_again"),
        r"E +.*assert \[Exec",
    ),
    Mutant(
        "who cannot be asked is updated all the same",
        "S05: where a campaign wants consent nothing leaves without a yes",
        (
            Edit(
                "server/verdicts.py",
                "    if word is Word.YES:\n",
                "    if word in (Word.YES, Word.NOBODY):\n",
            ),
        ),
        killers.server("test_consent.py", "test_who_has_nobody_to_ask_is_not_updated_unasked"),
        r"E +AssertionError: assert \[<OperationSt",
    ),
    Mutant(
        "State is taken for a result",
        "a result comes by the alert alone; what stays away is unknown",
        (
            Edit(
                "server/verdicts.py",
                "        ledger.move(operation, OperationState.UNKNOWN, reason, reason=reason)",
                "        ledger.close(operation, 200 if state in (90, 100) else 410)",
            ),
        ),
        killers.server(
            "test_doubt.py",
            "test_past_the_deadline_another_state_is_shown_and_never_taken_for_a_result",
        ),
        r"E +At index 0 diff: <OperationState.FAILED: .*> != <OperationState.UNKNOWN",
    ),
    Mutant(
        "PkgURL is added on any device",
        "only kinds of devices that want it so are sent what the standard does not know",
        (
            Edit(
                "server/verdicts.py",
                "    return profile_of(ledger.device.profile).adds_url and not ledger.work.adds",
                "    return not ledger.work.adds",
            ),
        ),
        killers.stories(
            "profiles/test_profiles.py",
            "test_a_missing_address_is_added_where_the_kind_of_device_wants_it",
        ),
        r"E +.*accepted.*refused",
    ),
    Mutant(
        "a device's certificate is asked for and not required",
        "A3-02: nobody comes in without one",
        (
            Edit(
                "wire/tls.py",
                "verify_mode = ssl.CERT_OPTIONAL if optional else ssl.CERT_REQUIRED",
                "verify_mode = ssl.CERT_OPTIONAL",
            ),
        ),
        killers.server(
            "test_tls.py", "test_where_devices_need_a_certificate_nobody_comes_in_without"
        ),
        r"DID NOT RAISE",
    ),
    Mutant(
        "an order that was decided before a large pause leaves after it",
        "A pause wins, also over operations that its steps have not reached",
        (
            Edit(
                "server/edges/store.py",
                "        if not orders:\n",
                "        if orders or not orders:\n",
            ),
        ),
        killers.server(
            "test_large_steps.py",
            "test_whenever_a_large_pause_comes_nothing_is_ordered_after_it[sqlite-4]",
        ),
        r"assert 1 == False",
    ),
)
