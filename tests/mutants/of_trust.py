"""Mutants of trust: what a device believes of packages, and since when."""

from tests.mutants.harness import Edit, Killer, Mutant
from tests.mutants.killers import stories

TRUST, REPOSITORY = "device/edges/tuf_trust.py", "device/edges/tuf_repository.py"


def attack(test: str, row: str) -> Killer:
    """One row of the attacks."""
    return stories("trust/test_attacks.py", f"{test}[{row}]")


def story(test: str) -> Killer:
    """A story of what is believed."""
    return stories("trust/test_believing.py", test)


MUTANTS = (
    Mutant(
        "expiry goes by the clock alone",
        "F19: metadata is good at the later of the clock and the seen time",
        (
            Edit(
                TRUST, "find(name, max(clock_s, seen.at_s), source)", "find(name, clock_s, source)"
            ),
        ),
        attack("test_a2_rollback", "a2 clock set back to when old metadata was good"),
        "assert 200 == 404",
    ),
    Mutant(
        "what was seen is not kept",
        "F19: a moment that was proved is durable",
        (Edit(TRUST, "        self._seen.save(found.at_s, found.timestamp_keys)\n", ""),),
        attack("test_a3_freeze", "a3 clock set back and the same metadata for ever"),
        "assert 200 == 404",
    ),
    Mutant(
        "when it was signed does not count",
        "A3: a clock without a battery is corrected by the timestamp itself",
        (Edit(REPOSITORY, "max(at_s, _signed_at_s(updater.timestamp()))", "at_s"),),
        attack(
            "test_a3_freeze",
            "a3 clock without a battery and metadata that was signed later than it ends",
        ),
        "assert 200 == 404",
    ),
    Mutant(
        "a thief's time stays when his key goes",
        "A3: a seen time counts under the keys that proved it only",
        (Edit(TRUST, "seen.keys == tuple(sorted(expired.timestamp_keys))", "seen.keys"),),
        story("test_a_time_that_a_thief_of_the_timestamp_key_signed_goes_with_his_key"),
        "assert 404 == 200",
    ),
    Mutant(
        "a package is judged when it is there",
        "A6: what does not fit is not even fetched",
        (
            Edit(
                TRUST,
                "    if (misfit := judge(says, device)) is not None:",
                "    if (misfit := judge(says, device)) is not None and not plan:",
            ),
        ),
        attack("test_a6_package_for_another_device", "a6 package of the wrong model"),
        r"E +AssertionError: \[\]",
    ),
    Mutant(
        "who is not listed may pass",
        "A1: a package that nobody signed is refused",
        (
            Edit(
                "device/vouching.py",
                "        if held is None:",
                "        if held is None or held.manifest:",
            ),
        ),
        story("test_a1_package_data_that_nobody_lists_is_refused"),
        "assert 200 == 404",
    ),
    Mutant(
        "a digest is a name like any other",
        "A1: the file that is listed by a digest has it",
        (
            Edit(
                TRUST,
                "if (plan.sha256, plan.length) != (held.sha256, held.length):",
                "if plan.length is None:",
            ),
        ),
        story("test_a1_package_data_whose_digest_is_the_name_of_another_file_is_refused"),
        r"assert \d+ == 404",
    ),
    Mutant(
        "metadata may take for ever",
        "A5: a look-up ends in time",
        (
            Edit(
                "device/edges/metadata_source.py",
                "        if rest_s <= 0:",
                "        if rest_s is None:",
            ),
        ),
        attack("test_a5_endless_slow_or_dropped", "a5 timestamp that drips"),
        "assert 404 == 412",
    ),
)
