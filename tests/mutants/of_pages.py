"""Mutants of the pages: who is let in, and whose words are listened to."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

ESCAPE = "test_a20_no_word_of_a_device_runs_and_each_is_shown"
FORGED = "test_a20_a_form_of_another_site_does_nothing"
MUTANTS = (
    Mutant(
        "words of devices are markup",
        "A20: no word of a device runs in a browser",
        (Edit("server/edges/pages/frame.py", "autoescape=True", "autoescape=False"),),
        killers.server("test_pages_escape.py", ESCAPE),
        r"E +.*assert \d+ == 0",
    ),
    Mutant(
        "a form of another site is heard",
        "A20: a form is heard with the token of this visit alone",
        (
            Edit(
                "server/edges/pages/app.py",
                '    if asked.method == "POST" and not await _ours(asked):\n',
                "    if False:\n",
            ),
        ),
        killers.server("test_pages_access.py", FORGED),
        r"E +.*assert \d+ == 403",
    ),
    Mutant(
        "one token is good for every browser",
        "A20: a form is heard with the token of this visit alone",
        (
            Edit(
                "server/edges/visits.py",
                'hmac.new(cookie.encode(), b"form", "sha256")',
                'hmac.new(b"form", b"form", "sha256")',
            ),
        ),
        killers.server("test_pages_access.py", FORGED),
        r"E +AssertionError: a token of another browser",
    ),
    Mutant(
        "a visit outlives its user",
        "who was removed is out at once, and no later user of that name is let in by it",
        (
            Edit(
                "server/edges/visits.py",
                " AND account.created_at_s <= visit.at_s",
                "",
            ),
        ),
        killers.server(
            "test_visits.py", "test_a_removed_user_is_nobody_even_if_the_name_comes_back[sqlite]"
        ),
        r"E +.*assert Actor\(.* is None",
    ),
)
