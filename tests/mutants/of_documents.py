"""Mutants of documents: what they show, what they make of a tree, and how a message holds them."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

TREES = "tree/test_documents.py"

MUTANTS = (
    Mutant(
        "a list shows what may not be read",
        "P8-05: nodes that the server may not Get are left out of every list",
        (
            Edit(
                "tree/read.py",
                "    uris = readable(tree, address.uri, caller)\n",
                "    uris = iter(below(tree, address.uri))\n",
            ),
        ),
        killers.stories(TREES, "test_a_list_is_one_document_of_all_that_the_caller_may_read"),
        r"E +.*assert TndsNode\(name='Mail'",
    ),
    Mutant(
        "what can be made of a document is made",
        "T6-04: Add of a TNDS makes all of its nodes or none",
        (
            Edit(
                "tree/documents.py",
                "        if outcome.code != Status.OK:\n"
                "            raise Refusal(outcome.code, uri)\n",
                "",
            ),
        ),
        killers.stories(TREES, "test_one_node_that_cannot_be_made_and_none_is"),
        r"KeyError|E +.*assert .*200",
    ),
    Mutant(
        "a document takes permanent nodes away",
        "T6-05: what cannot be taken away is not replaced",
        (Edit("tree/documents.py", " or any(one.permanent for one in doomed)", ""),),
        killers.stories(TREES, "test_what_cannot_be_put_there_leaves_all_as_it_was"),
        r"E +.*200.*405",
    ),
    Mutant(
        "a document's own lists keep its nodes out",
        "T6-04: rights are judged where the subtree begins",
        (
            Edit(
                "tree/documents.py",
                "        grown.update((change.uri, change.node) for change in outcome.changes"
                " if change.node)\n",
                "        grown.update((change.uri, change.node) for change in outcome.changes"
                " if change.node)\n"
                "        grown[uri] = _finished(uri, grown[uri], node)\n",
            ),
        ),
        killers.stories(TREES, "test_the_documents_own_lists_do_not_keep_its_nodes_out"),
        r"E +.*425",
    ),
    Mutant(
        "a document in WBXML is taken for text",
        "R3-14: an OPAQUE document stays the bytes that it is",
        (
            Edit(
                "dm/embedded.py",
                "    return is_wbxml(data) and kind_of(",
                "    return not data and kind_of(",
            ),
        ),
        killers.stories(
            "dm/test_embedded.py",
            "test_a_tree_stays_bytes_also_when_the_command_names_its_type",
        ),
        r"E +.*assert '.x02",
    ),
    Mutant(
        "documents nest without end",
        "a document's depth is bounded like a message's",
        (Edit("dm/documents.py", "xml.parse_counted(body)", "xml.parse(body)"),),
        killers.stories("dm/test_documents.py", "test_a_bad_document_is_refused_in_one_short_line"),
        r"DID NOT RAISE",
    ),
)
