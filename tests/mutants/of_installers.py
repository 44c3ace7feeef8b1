"""Mutants of deltas, of installers that show nothing, of health, and of memory that rots."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

OPAQUE = (
    Mutant(
        "an installer that was cut runs again",
        "F3: what nobody can look into is begun once at most",
        (
            Edit(
                "device/edges/command_agent.py",
                "    Stage.BEGUN: Evidence.UNKNOWN,\n",
                "    Stage.BEGUN: Evidence.NONE,\n",
            ),
        ),
        killers.device(
            "test_command_agent.py",
            "test_f3_a_power_cut_while_it_runs_is_a_failure_and_no_second_run",
        ),
        r"E +assert \[200\] == \[409\]",
    ),
    Mutant(
        "the mark follows the run",
        "F3: that an installer may have run is on the disk before it does",
        (
            Edit(
                "device/edges/command_agent.py",
                "        self._set(replace(stands, stage=Stage.BEGUN))\n",
                "",
            ),
        ),
        killers.device(
            "test_command_agent.py",
            "test_f3_a_power_cut_while_it_runs_is_a_failure_and_no_second_run",
        ),
        r"E +assert \[200\] == \[409\]",
    ),
    Mutant(
        "an installer gets our secrets",
        "no program of the maker sees a password of the settings",
        (
            Edit(
                "device/edges/programs.py",
                "    kept = {name: os.environ[name] for name in HANDED_ON if name in os.environ}\n",
                "    kept = dict(os.environ)\n",
            ),
        ),
        killers.device(
            "test_programs.py", "test_a_program_gets_its_values_and_none_of_our_secrets"
        ),
        "E +AssertionError: assert 'secret' not in",
    ),
)

DELTAS = (
    Mutant(
        "a base nobody compared",
        "A19: a delta is applied to the base that was signed, and to no other",
        (
            Edit(
                "device/edges/patching.py",
                "_digest(base, delta.base_length) == delta.base_sha256",
                "True",
            ),
        ),
        killers.device(
            "test_delta_stories.py",
            "test_a19_every_base_but_the_signed_one_costs_no_byte_of_the_delta",
        ),
        r"At index 0 diff: .*new\.delta",
    ),
    Mutant(
        "a delta without an end",
        "A19: no byte beyond the signed length is given",
        (
            Edit(
                "device/edges/patching.py",
                "        if left < 0:\n"
                '            raise DecodeError(f"the delta makes more than {length} bytes")\n',
                "",
            ),
        ),
        killers.device(
            "test_patching.py",
            "test_a19_a_delta_that_makes_more_gives_no_byte_beyond_the_signed_length[zstd]",
        ),
        r"E +AssertionError: assert \d+ <= \d+",
    ),
)

HEALTH = (
    Mutant(
        "no server is waited for",
        "F26: firmware that reaches no server is not committed",
        (
            Edit(
                "device/compose.py",
                "in_turn(health, keepers[uri])",
                "in_turn(keepers[uri])",
            ),
        ),
        killers.device(
            "test_health.py",
            "test_f26_firmware_that_cannot_reach_its_server_falls_back_and_the_failure_is_told",
        ),
        r"E +assert \[200\] == \[410\]",
    ),
)

MEMORY = (
    Mutant(
        "an older agent goes on behind a sealed result",
        "F25: once a result may be told, no copy of the journal knows better",
        (
            Edit(
                "device/edges/journal.py",
                "            self._copies.drop()  # from here on the result may be told, and must"
                " stand\n",
                "",
            ),
        ),
        killers.device(
            "test_agent_versions.py", "test_f25_once_its_result_is_sealed_no_older_agent_goes_on"
        ),
        "E +AssertionError: assert not ",
    ),
    Mutant(
        "a damaged journal loses what was ordered",
        "F24: an operation ends in one result, though the journal rots",
        (
            Edit(
                "device/edges/journal_opening.py",
                "            journal.save(line.order.object_uri,"
                " (ExecIn(line.order), line.seal()))\n",
                "            pass\n",
            ),
        ),
        killers.device(
            "test_keepsake.py",
            "test_f24_a_journal_that_is_damaged_ends_what_was_open_and_runs_nothing",
        ),
        r"E +AssertionError: assert \[\] == \[\(409",
    ),
)

MUTANTS = (*OPAQUE, *DELTAS, *HEALTH, *MEMORY)
