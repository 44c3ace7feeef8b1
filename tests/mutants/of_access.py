"""Mutants of the API's door: what is counted, what a token may, what was seen, how many."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "who said wrong passwords goes on at once",
        "A8: many guesses at once are no more than one after the other",
        (
            Edit(
                "server/edges/access/guesses.py",
                "            if ends_s > at_s:",
                "            if ends_s > at_s + 3600:",
            ),
        ),
        killers.server(
            "test_door.py",
            "test_a8_many_guesses_at_once_are_no_more_than_one_after_the_other[sqlite]",
        ),
        r"E +(assert|AssertionError: assert) \[401, 401, 40...401, 401, ...\] == ",
    ),
    Mutant(
        "a minute's number is given again and again",
        "no more of a minute's number is given than there is",
        (
            Edit(
                "server/edges/access/allowances.py",
                "given: int = max(0, min(wanted, most - used))",
                "given: int = max(0, min(wanted, most))",
            ),
        ),
        killers.server(
            "test_door.py", "test_a17_a_user_who_asks_often_is_told_when_to_come_again[sqlite]"
        ),
        r"E +(assert|AssertionError: assert) 45 <= 40",
    ),
    Mutant(
        "a token may what its user might when it was made",
        "a user who is made smaller makes his tokens smaller",
        (
            Edit(
                "server/edges/access/store.py",
                "        return name, Role(own).at_most(Role(users)), number",
                "        return name, Role(own), number",
            ),
        ),
        killers.server(
            "test_door.py", "test_a_user_who_is_made_smaller_makes_his_tokens_smaller[sqlite]"
        ),
        r"E +(assert|AssertionError: assert) 201 == 403",
    ),
    Mutant(
        "what was seen is compared with itself",
        "with an If-Match nothing is changed but what the asker has seen",
        (
            Edit(
                "server/edges/rest/changes.py",
                '    if now is None or not wanted & {"*", etag(now)}:',
                "    if now is None or not wanted:",
            ),
        ),
        killers.server(
            "test_changing.py", "test_a_user_is_changed_as_his_changer_has_seen_him[sqlite]"
        ),
        r"E +(assert|AssertionError: assert) \(200, ",
    ),
    Mutant(
        "one more than the quota may be",
        "there are no more devices than may be",
        (
            Edit(
                "server/edges/access/quotas.py",
                "        if found and found[0][0] > most:",
                "        if found and found[0][0] > most + 1:",
            ),
        ),
        killers.server("test_changing.py", "test_there_are_no_more_devices_than_may_be[sqlite]"),
        r"E +(assert|AssertionError: assert) \(201, ",
    ),
)
