"""Mutants of the store, of uploads, and of what is removed."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

CONTENTS = "server/edges/contents/"

MUTANTS = (
    Mutant(
        "bytes for another place are taken",
        "bytes count once, at whichever server they come",
        (
            Edit(
                CONTENTS + "uploads.py",
                "WHERE id = ?1 AND reached = ?2 AND reached + ?3 <= length",
                "WHERE id = ?1 AND reached >= 0 * ?2 AND reached + ?3 <= length",
            ),
        ),
        killers.server(
            "test_uploads.py",
            "test_of_two_that_send_the_same_at_once_one_counts_and_nothing_is_mixed",
        ),
        r"E +fumo\.\S+Forbidden: UNIQUE constraint failed: upload_piece",
    ),
    Mutant(
        "an upload is finished before its content is durable",
        "a content is durable before a row says so",
        (
            Edit(
                CONTENTS + "taking.py",
                "        stored = self._joined(upload)\n",
                "        self.order(lambda: self._finished(id_, upload.sha256 or '', note))\n"
                "        stored = self._joined(upload)\n",
            ),
        ),
        killers.server(
            "test_uploads.py",
            "test_f1_a_server_killed_before_any_effect_of_an_upload_loses_nothing",
        ),
        r"E +fumo\.\S+Denied: what came has the SHA-256 e3b0c44298fc1c14",
    ),
    Mutant(
        "what goes is not what its adders write",
        "what something refers to is never removed, whoever names it as it goes",
        (Edit(CONTENTS + "rows.py", "if db.run(TOUCH, sha256, at_s) == 0:", "if False:"),),
        killers.server(
            "test_collecting.py",
            "test_a_package_that_names_it_at_any_moment_has_it_or_is_refused",
        ),
        r"E +AssertionError: lost at 3",
    ),
    Mutant(
        "references are not looked at again",
        "what something refers to is never removed",
        (Edit(CONTENTS + "rows.py", "        if is_needed(db, sha256):\n", "        if False:\n"),),
        killers.server(
            "test_collecting.py",
            "test_of_a_package_and_its_end_at_the_same_moment_the_first_one_counts",
        ),
        r"E +assert \[True\] == \[False\]",
    ),
    Mutant(
        "a store removes what came again",
        "what comes again as it goes stays",
        (
            Edit(
                "depot/edges/s3.py",
                '                if told["last_modified"].timestamp() >= before_s:\n',
                '                if told["last_modified"].timestamp() < 0 * before_s:\n',
            ),
        ),
        killers.stories("depot/test_store.py", "test_adding_again_makes_it_young"),
        r"E +(AssertionError: )?assert True is False",
    ),
    Mutant(
        "an S3 is believed that it kept what was sent",
        "what is served is what its name says",
        (
            Edit(
                "depot/edges/s3.py",
                "        whole = running.hexdigest() == found.sha256\n",
                "        whole = True\n",
            ),
        ),
        killers.stories(
            "depot/test_store.py",
            "test_damaged_bytes_are_known_as_such_and_adding_them_again_heals",
        ),
        r"E +(AssertionError: )?assert True is False",
    ),
)
