"""Mutants of how campaigns are steered: who approves, when devices are ordered, what follows."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "whoever made a campaign approves it",
        "somebody else approves it",
        (
            Edit(
                "server/steering.py",
                '    if word == "approve" and by.who == campaign.made_by:\n',
                '    if word == "approve" and not by.who:\n',
            ),
        ),
        killers.server(
            "test_steering.py", "test_nothing_is_ordered_before_somebody_else_approves[sqlite]"
        ),
        r"DID NOT RAISE",
    ),
    Mutant(
        "a window is for nobody",
        "no device is ordered anything outside of its campaign's windows",
        (
            Edit(
                "server/rollout.py",
                "    return free or windows.is_open(campaign.windows, campaign.zone, at_s)\n",
                "    return free or windows.is_open((), campaign.zone, at_s)\n",
            ),
        ),
        killers.server(
            "test_windows.py",
            "test_a_device_that_comes_outside_of_the_windows_is_ordered_nothing[sqlite]",
        ),
        r"E +.*assert \[Exec\(",
    ),
    Mutant(
        "a policy knows no end",
        "a device is tried so often, and no more",
        (
            Edit(
                "server/following.py",
                "    if operation.attempt > retries.count or not _named(retries, operation):\n",
                "    if not retries.count or not _named(retries, operation):\n",
            ),
        ),
        killers.server(
            "test_following.py",
            "test_a_policy_tries_so_often_each_time_as_an_operation_of_its_own[sqlite]",
        ),
        r"E +.*PLANNED",
    ),
    Mutant(
        "what was due is not looked at again",
        "a late success takes back the try that its unknown end had earned",
        (
            Edit(
                "server/edges/follow_store.py",
                "WHERE id IN ?*1 AND follow_at_s <= ?2 ORDER BY id",
                "WHERE id IN ?*1 AND ?2 > 0 ORDER BY id",
            ),
        ),
        killers.server(
            "test_following.py",
            "test_a_late_result_between_the_look_and_the_lock_wins[sqlite]",
        ),
        r"a success was tried again",
    ),
    Mutant(
        "a stopped campaign goes on trying",
        "nothing is tried after an operator's stop",
        (
            Edit(
                "server/edges/follow_store.py",
                "            if campaign is None or not running(campaign):\n",
                "            if campaign is None:\n",
            ),
            Edit(
                "server/sweep.py",
                "    for campaign_id in store.watched(at_s):\n",
                "    for campaign_id in (1,):\n",
            ),
        ),
        killers.server(
            "test_following.py",
            "test_no_try_is_made_while_paused_and_none_ever_after_a_stop[sqlite-stop]",
        ),
        r"E +.*PLANNED",
    ),
    Mutant(
        "an old campaign's try overtakes a newer order",
        "what follows is never a step back",
        (
            Edit(
                "server/edges/follow_store.py",
                "        return set(over)\n",
                "        return set()\n",
            ),
        ),
        killers.server(
            "test_following.py",
            "test_no_try_is_made_where_something_newer_was_ordered_since[sqlite]",
        ),
        r"E +.*PLANNED",
    ),
)
