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
                "server/edges/schema.py",
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
                "        requests.append(replace_url(chosen.uri, operation, url))\n",
                "        requests.append(replace_url(chosen.uri, operation, url))\n"
                "        ledger.put(replace(operation, object_uri=chosen.uri, url=url))\n"
                "        return requests + _execute(ledger, ledger.operations[operation.id])\n",
            ),
        ),
        killers.stories(
            "server/test_main_flow.py", "test_exec_leaves_only_after_the_address_was_taken"
        ),
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
        killers.stories(
            "server/test_order_of_writes.py", "test_an_alert_that_is_told_twice_is_counted_once"
        ),
        r"E +AssertionError: b.our own fault: MisuseError",
    ),
)
