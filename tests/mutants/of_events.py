"""Mutants of what leaves the server: feed, webhooks, what is kept, a copy that came back."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "the feed is read by id",
        "whoever follows the feed passes over no event that was committed late",
        (
            Edit(
                "server/edges/events/feed.py", "SELECT number, at_s, kind", "SELECT id, at_s, kind"
            ),
            Edit(
                "server/edges/events/feed.py",
                "    WHERE number > ?1 ORDER BY number LIMIT ?2",
                "    WHERE id > ?1 ORDER BY id LIMIT ?2",
            ),
        ),
        killers.server("events/test_feed.py", "test_a_slow_commit_is_passed_over_by_nobody"),
        r"E +AssertionError: assert \['quick'\] == \['quick', 'slow'\]",
    ),
    Mutant(
        "a webhook is taken without a look at its lease",
        "one process at a time tells a webhook",
        (
            Edit(
                "server/edges/events/hooks.py",
                "        AND lease_until_s = ?3 AND number = ?4",
                "        AND ?3 IS NOT NULL AND number = ?4",
            ),
        ),
        killers.server(
            "events/test_deliveries.py", "test_two_processes_never_tell_the_same_at_once"
        ),
        r"E +.*assert Hook\(1, active\) is None",
    ),
    Mutant(
        "a failed delivery is passed over",
        "a webhook is told every event that it wants",
        (
            Edit(
                "server/webhook.py",
                "        tries=tries,\n        due_at_s=at_s + wait_s(tries),\n",
                "        number=number,\n        tries=tries,\n"
                "        due_at_s=at_s + wait_s(tries),\n",
            ),
        ),
        killers.server("events/test_deliveries.py", "test_what_was_not_taken_comes_again_later"),
        r"E +assert None",
    ),
    Mutant(
        "an address within an address is not looked at",
        "no webhook leads inside unasked",
        (
            Edit(
                "server/edges/events/guard.py",
                "for one in (address, *_within(address))",
                "for one in (address,)",
            ),
        ),
        killers.server("events/test_webhook.py", "test_a16_no_webhook_leads_inside"),
        r"E +Failed: DID NOT RAISE",
    ),
    Mutant(
        "the last alert of an operation is deleted",
        "what an operation heard last is kept for as long as it is",
        (
            Edit(
                "server/retention.py",
                "retention.history_days, but=NOT_THE_LAST)",
                'retention.history_days, but=f"AND NOT {COUNTED}")',
            ),
        ),
        killers.server(
            "events/test_keeping.py", "test_the_alert_that_counted_and_the_last_one_stay"
        ),
        r"E +AssertionError: assert \['final'\] == \['final', 'repeated'\]",
    ),
    Mutant(
        "a copy that came back orders what it holds for planned",
        "F27: nothing is ordered again by itself that may have been",
        (
            Edit(
                "server/edges/restored.py",
                '["planned", "sent", *([] if keep_held else ["held"])]',
                '["sent", *([] if keep_held else ["held"])]',
            ),
        ),
        killers.server(
            "test_restore.py",
            "test_f27_what_may_have_been_ordered_since_the_copy_is_not_ordered_again",
        ),
        r"E +\+ +'planned',",
    ),
)
