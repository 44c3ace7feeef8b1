"""Mutants of notifications and bootstrap: what proves, what counts once, what is saved first."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

NOTIFICATIONS = (
    Mutant(
        "any digest is believed",
        "A10: a notification is believed by its digest only",
        (
            Edit(
                "dm/notification.py",
                "    return compare_digest(notification.digest, digest(login, nonce, "
                "notification.covered))",
                "    return bool(notification.digest)",
            ),
        ),
        killers.device(
            "test_notices.py", "test_a7_a11_a_replay_after_the_nonce_has_changed_wakes_nobody"
        ),
        r"E +AssertionError: assert \[\('51', .*1200.*\)\] == \[\]",
    ),
    Mutant(
        "the vendor part is not covered",
        "the digest covers all that follows it",
        (
            Edit(
                "dm/notification.py",
                "b64encode(_h(covered)))))",
                "b64encode(_h(covered[: HEADER_BYTES + covered[7]])))))",
            ),
        ),
        killers.stories(
            "dm/test_notification.py", "test_no_bit_can_be_changed_the_vendor_part_not_either"
        ),
        r"E +assert \[224, ",
    ),
    Mutant(
        "ids heard are forgotten by a restart",
        "A11: a session id leads to a session once, also across restarts",
        (
            Edit(
                "device/notices.py",
                "        self._journal.save_notified(notice.session_id)\n",
                "",
            ),
        ),
        killers.device(
            "test_notices.py", "test_a11_the_same_session_id_wakes_it_once_also_over_a_restart"
        ),
        r"E +AssertionError: assert \[",
    ),
    Mutant(
        "every notification is a contact",
        "A11: contacts are a gap apart, however many come",
        (
            Edit(
                "device/notices.py",
                "self._rhythm.notice_gap_s * (1 + self._dice.fraction())\n        return taken",
                "0\n        return taken",
            ),
        ),
        killers.device(
            "test_notices.py",
            "test_a11_a_flood_of_true_notifications_is_few_contacts_with_the_newest_ids",
        ),
        r"AssertionError: assert \d+ <= 7",
    ),
)

BOOTSTRAP = (
    Mutant(
        "the MAC is not looked at",
        "A10: nothing unproven changes an account",
        (
            Edit(
                "dm/bootstrap.py",
                "    return compare_digest(told.encode(",
                "    return bool(ours) or compare_digest(told.encode(",
            ),
        ),
        killers.device(
            "test_bootstrapping.py",
            "test_a10_nothing_unproven_changes_an_account_or_asks_anybody",
        ),
        r"nobody is asked about what is not proven",
    ),
    Mutant(
        "a try is counted after the PIN was looked at",
        "A10: three tries, and cutting the power wins no further one",
        (
            Edit(
                "device/bootstrapping.py",
                "    if counts:\n        accounts.save_pin_tries(document, used + 1)\n"
                "    told = judge(bootstrap, secrets, used)\n",
                "    told = judge(bootstrap, secrets, used)\n"
                "    if counts:\n        accounts.save_pin_tries(document, used + 1)\n",
            ),
        ),
        killers.device("test_bootstrapping.py", "test_a_try_is_saved_before_the_pin_is_judged"),
        r"E +AssertionError|E +Failed|E +assert",
    ),
    Mutant(
        "nobody is asked",
        "A10: proven is not enough, the owner agrees",
        (
            Edit(
                "device/bootstrapping.py",
                "    if not agrees(told.account, accounts.account()):",
                "    if not agrees:",
            ),
        ),
        killers.device("test_bootstrapping.py", "test_an_owner_who_says_no_keeps_the_old_account"),
        r"Declined",
    ),
)

MUTANTS = (*NOTIFICATIONS, *BOOTSTRAP)
