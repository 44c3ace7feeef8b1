"""Mutants of the tree and of what the device makes of it: rights, and all or nothing."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

RIGHTS = (
    Mutant(
        "lists are put together",
        "T3-03: a list is inherited whole or not at all",
        (
            Edit(
                "tree/acl.py",
                "    who = effective(tree, uri).get(verb, frozenset())\n",
                "    who = effective(tree, uri).get(verb, frozenset())\n"
                "    who |= effective(tree, parent_of(uri)).get(verb, frozenset())\n",
            ),
        ),
        killers.stories("tree/test_acl.py"),
        r"E +.*assert .*200.* == 425",
    ),
    Mutant(
        "a leaf's own list is a key to it",
        "T3-06: a leaf's list is changed by who may Replace its parent",
        (Edit("tree/acl.py", "    own = tree[uri].interior and allows(", "    own = allows("),),
        killers.stories("tree/test_acl.py", "test_who_may_change_a_list"),
        r"E +.*assert .*200.* == 425",
    ),
    Mutant(
        "who makes a node shuts the others out",
        "T3-07: its maker gets rights, and nobody else loses any",
        (Edit("tree/acl.py", "    return written({**inherited, **{", "    return written({**{"),),
        killers.stories(
            "tree/test_acl.py",
            "test_who_makes_a_node_it_could_not_manage_gets_the_rights_to_manage_it",
        ),
        r"Add=\*&Delete=stranger&Replace=stranger",
    ),
)

ALL_OR_NOTHING = (
    Mutant(
        "an Atomic is saved piece by piece",
        "P7-19: nothing is written before all of it went well",
        (
            Edit(
                "device/answering.py",
                "        return outcomes\n",
                "        self._nodes.write(tuple(changes))\n        return outcomes\n",
            ),
        ),
        killers.device("test_atomic.py", "test_an_atomic_that_fails_leaves_nothing"),
        r"E +AssertionError: assert \{",
    ),
    Mutant(
        "a no in a Sequence is passed by",
        "P6-08: what follows a no is not done",
        (
            Edit(
                "device/answering.py",
                "            skipping = question and answers[0].code != Status.OK\n",
                "            skipping = question and answers[0].code == Status.NOT_SUPPORTED\n",
            ),
        ),
        killers.device("test_atomic.py", "test_what_follows_an_answer_of_the_user"),
        r"304, 200, 200",
    ),
)

MUTANTS = (*RIGHTS, *ALL_OR_NOTHING)
