"""Mutants of the agent and its edges: the order of writes, the disk, the slots."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

JOURNAL = (
    Mutant(
        "synchronous=NORMAL",
        "what a call of the journal has returned survives the power cut that follows",
        (
            Edit(
                "device/edges/journal.py",
                '"synchronous": ("FULL", 2)',
                '"synchronous": ("NORMAL", 1)',
            ),
        ),
        killers.DISK,
        r"disks after power cuts: [1-9]\d* broke a promise",
    ),
    Mutant(
        "split seal",
        "D7: outcome and alert are one commit",
        (
            Edit(
                "device/edges/rows.py",
                "    told = (alert.type, alert.source, alert.mark, alert.correlator)\n",
                '    db.execute("COMMIT")\n    db.execute("BEGIN IMMEDIATE")\n'
                "    told = (alert.type, alert.source, alert.mark, alert.correlator)\n",
            ),
        ),
        killers.HALVES,
        "half a step is (left|in the way)",
    ),
    Mutant(
        "a commit for each record",
        "D7: what one step adds is one commit",
        (
            Edit(
                "device/edges/journal.py",
                "        self._durably(lambda db: _write_records(db, object_uri, batch))\n",
                "        for each in batch:\n"
                "            self._durably(lambda db, one=each: rows.write(db, object_uri, one))\n",
            ),
        ),
        killers.HALVES,
        "half a step is left",
    ),
    Mutant(
        "the database lets an attempt follow the seal",
        "C16: the journal itself forbids an attempt after the seal",
        (
            Edit(
                "device/edges/schema.py",
                'for table in ("attempt", "ckpt", "apply_intent")',
                'for table in ("ckpt", "apply_intent")',
            ),
        ),
        killers.device(
            "test_journal.py", "test_after_the_seal_nothing_of_the_operation_begins[record1]"
        ),
        "E +Failed: DID NOT RAISE",
    ),
)

AGENT = (
    Mutant(
        "attempt counted after it began",
        "I4: an attempt is on the disk before its first effect",
        (
            Edit(
                "device/work.py",
                "        if owed.permit is not None:\n"
                "            self._memory.happens(self.uri, owed.permit)\n"
                "        effect = self._effect(owed)\n"
                "        if effect is not None:\n"
                "            self._aside.begin(effect)\n",
                "        effect = self._effect(owed)\n"
                "        if effect is not None:\n"
                "            self._aside.begin(effect)\n"
                "        if owed.permit is not None:\n"
                "            self._memory.happens(self.uri, owed.permit)\n",
            ),
        ),
        killers.ORDER,
        r"GET 1 leaves, the disk has counted 0 attempts",
    ),
    Mutant(
        "202 before commit",
        "I9: what was answered 202 is on the disk",
        (
            Edit(
                "device/answering.py",
                "            self._memory.happens(uri, verdict.happening)\n",
                "            self.late = uri, verdict.happening\n",
            ),
            Edit(
                "device/conversation.py",
                "        heard = self._exchange(envelope)\n",
                "        heard = self._exchange(envelope)\n"
                '        if late := self._answering.__dict__.pop("late", None):\n'
                "            self._memory.happens(*late)\n",
            ),
        ),
        killers.ORDER,
        r"202 for Exec .* leaves, and is not on the disk",
    ),
    Mutant(
        "believed before it is saved",
        "save, then act: nothing is done on what the disk does not know",
        (
            Edit(
                "device/memory.py",
                "        if added:\n            self.journal.save(uri, added)\n",
                '        late, self.__dict__["late"] = self.__dict__.get("late", ()), added\n'
                "        if late:\n            self.journal.save(uri, late)\n",
            ),
        ),
        killers.ORDER,
        r"GET 1 leaves, the disk has counted 0 attempts",
    ),
    Mutant(
        "'not heard' settles the alert",
        "only what the server took, or refused for good, ends the telling",
        (
            Edit(
                "device/conversation.py",
                "NOT_HEARD = (Status.INVALID_CREDENTIALS, Status.CREDENTIALS_MISSING, ",
                "NOT_HEARD = () and (",
            ),
        ),
        killers.device(
            "test_order_of_writes.py", "test_an_alert_that_was_not_heard_is_told_until_it_is"
        ),
        r"E +assert \[200, .*\] == ",
    ),
    Mutant(
        "a nonce leaves unsaved",
        "D0: a nonce is on the disk before the message that gives it leaves",
        (
            Edit(
                "device/conversation.py",
                "            self._requests = []\n        self._save_nonces()\n",
                "            self._requests = []\n",
            ),
        ),
        killers.ORDER,
        "a nonce leaves that is not on the disk",
    ),
)

PACKAGES = (
    Mutant(
        "an ETag is proof of content",
        "no header of the download server counts as proof: the digest does",
        (
            Edit(
                "device/edges/package_check.py",
                "        if self.expected not in (None, self.length)"
                " or self._named() not in (None, sha256):",
                "        if self.expected not in (None, self.length):",
            ),
        ),
        killers.device("test_downloader.py", "test_f17_a_part_file_that_rotted_is_found_out"),
        r"E +.*\[\] == \[<Cause.CORRUPT",
    ),
    Mutant(
        "a checkpoint without its bytes",
        "D3: bytes are synced before they are told",
        (
            Edit(
                "device/edges/downloader.py",
                "        part.sync()\n        run.checkpoint =",
                "        run.checkpoint =",
            ),
        ),
        killers.device(
            "test_downloader.py", "test_f14_after_a_restart_it_goes_on_behind_the_checkpoint"
        ),
        r"E +assert 0 == 2000",
    ),
)

SLOTS = (
    Mutant(
        "a slot flipped before it is synced",
        "D5: the slot is whole on the disk before it is tried",
        (Edit("device/edges/ab_file.py", "        self._slots.sync(intent.slot)\n", ""),),
        killers.CUTS,
        "Broken: I5: c-1 ended in 410",
    ),
    Mutant(
        "a slot flipped without a look",
        "a slot is tried only when its content is what was meant",
        (
            Edit(
                "device/edges/ab_file.py",
                "        if seen is Evidence.WRITTEN:\n",
                "        if seen in (Evidence.WRITTEN, Evidence.NONE):\n",
            ),
        ),
        killers.device("test_ab_file.py", "test_a_slot_that_rotted_is_not_flipped"),
        r"E +AssertionError: assert <Evidence.FLIPPED.* is <Evidence.NONE",
    ),
    Mutant(
        "the boot environment is written over its newest copy",
        "D5: a torn write leaves the old or the new environment",
        (
            Edit(
                "device/edges/boot_env.py",
                "        newer = replace(env, sequence=env.sequence + 1)\n",
                "        newer = replace(env, sequence=env.sequence + 2)\n",
            ),
        ),
        killers.device(
            "test_boot_env.py",
            "test_a_write_torn_at_any_byte_leaves_the_old_or_the_new_environment[env-1]",
        ),
        r"E +(AssertionError: )?assert Env\(.* in \(Env\(",
    ),
    Mutant(
        "trials are not counted",
        "a slot that does not come up is given up after three starts",
        (
            Edit(
                "device/edges/boot_env.py",
                "        counted = replace(trial, boots=trial.boots + 1)\n",
                "        counted = trial\n",
            ),
        ),
        killers.device("test_boot_env.py", "test_a_trial_is_tried_three_times_and_given_up"),
        r"E +AssertionError: assert \('slot-b', 'slot-a'\) == \('slot-a', 'slot-a'\)",
    ),
)

MUTANTS = (*JOURNAL, *AGENT, *PACKAGES, *SLOTS)
