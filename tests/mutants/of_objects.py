"""Mutants of several objects on one device, of its packages by DM, and of its own initiative."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "what one object holds is everybody's",
        "D3h: each object has a package of its own",
        (
            Edit(
                "device/edges/rows.py",
                '    db.execute("DELETE FROM held WHERE object_uri = ?", (object_uri,))\n',
                '    db.execute("DELETE FROM held")\n',
            ),
        ),
        killers.device("test_objects.py", "test_a_journal_keeps_objects_apart"),
        r"E +(KeyError|AssertionError|assert)",
    ),
    Mutant(
        "each object counts its operations by itself",
        "an operation's number is no other's on the device",
        (
            Edit(
                "device/memory.py",
                "        return 1 + max((one.last_op_id for one in",
                "        return 1 + 0 * max((one.last_op_id for one in",
            ),
        ),
        killers.device("test_objects.py", "test_two_objects_are_updated_each_by_its_own_order"),
        r"E +(AssertionError|assert|fumo.errors)",
    ),
    Mutant(
        "a reboot holds up what is on trial",
        "what is on trial is judged before its trials are used up",
        (
            Edit(
                "device/work.py",
                "            case Wait() | Download() | Write() | CleanUp() if held_up:\n",
                "            case _ if held_up:\n",
            ),
        ),
        killers.device("test_objects.py", "test_one_object_s_failure_is_nothing_to_the_other"),
        r"E +AssertionError",
    ),
    Mutant(
        "a reboot waits for nobody",
        "no effect of another object is cut by our own reboot",
        (
            Edit(
                "device/works.py",
                "    for kind in (Did, Wait, Busy, RebootOwed):\n",
                "    for kind in (RebootOwed, Did, Wait, Busy):\n",
            ),
        ),
        killers.device(
            "test_objects.py",
            "test_a_reboot_waits_for_the_effects_that_run_and_for_nothing_else",
        ),
        r"E +(AssertionError|assert)",
    ),
    Mutant(
        "an empty PkgData is not noticed",
        "a Replace that is answered 200 was done",
        (
            Edit(
                "device/fumo_object.py",
                'value=PACKAGE if target.held else b"")',
                'value=b"")',
            ),
        ),
        killers.device(
            "test_packages_by_dm.py",
            "test_a_package_replaces_the_one_that_is_ready_wherever_that_came_from",
        ),
        r"E +(AssertionError|assert)",
    ),
    Mutant(
        "who is urgent waits for no gap",
        "nobody can keep a device calling",
        (
            Edit(
                "device/schedule.py",
                "        return self._free_s if urgent else",
                "        return 0.0 if urgent else",
            ),
        ),
        killers.device("test_schedule.py", "test_what_is_urgent_waits_for_the_gap_and_no_longer"),
        r"E +(AssertionError|assert)",
    ),
    Mutant(
        "'not heard' answers a request",
        "C19: a request is told until a server has answered it",
        (
            Edit(
                "device/checks.py",
                "        self._open = dict.fromkeys(self._open, True)\n",
                "        self._open = {}\n",
            ),
        ),
        killers.device(
            "test_checks.py", "test_also_when_the_network_fails_and_then_with_growing_pauses"
        ),
        r"E +(AssertionError|assert)",
    ),
)
