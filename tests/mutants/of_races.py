"""Mutants of who is first: an operator's word against a message that is being decided."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "a pause is overtaken",
        "a word that moves operations wins over a message that was decided before it",
        (
            Edit(
                "server/edges/campaign_store.py",
                "        self.raise_versions(sorted({str(device_id) for _, device_id in found}))\n",
                "",
            ),
        ),
        killers.RACES,
        "sent, and its campaign was|may not become|became|planned, while",
    ),
    Mutant(
        "a cancel is overtaken",
        "what is cancelled is not sent by who decided before it",
        (
            Edit(
                "server/edges/operation_store.py",
                "            self.raise_versions([OPERATIONS.row(found[0]).device_id])\n",
                "",
            ),
        ),
        killers.RACES,
        "cancelled became|said again|cancel_requested became",
    ),
    Mutant(
        "a message wins whatever was decided meanwhile",
        "compare-and-set decides all races",
        (
            Edit(
                "server/edges/store.py",
                "WHERE (id, version) IN\n        (SELECT key, value FROM",
                "WHERE id IN\n        (SELECT key FROM",
            ),
        ),
        killers.RACES,
        "sent, and its campaign was|became|another answer|UNIQUE|planned, while",
    ),
)
