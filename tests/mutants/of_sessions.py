"""Mutants of the DM session: lock-step, who may have effects, what is whole, what fits."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

ANY_ANSWER = (
    Edit(
        "dm/receive.py",
        "    if header.session_id != session.session_id:",
        "    if not header.session_id:",
    ),
    Edit(
        "dm/receive.py",
        "    if header.msg_id <= session.heard or session.sent >= MESSAGES_MAX:",
        "    if session.sent >= MESSAGES_MAX:",
    ),
    Edit(
        "dm/receive.py",
        "    if session.sent and _answers(message) != session.sent:",
        "    if session.sent and _answers(message) is None:",
    ),
)

LOCK_STEP = (
    Mutant(
        "no lock-step",
        "I3a: a late duplicate of the reply that carried the Exec starts nothing",
        ANY_ANSWER,
        killers.MODEL,
        r"^I3a: one Exec became two",
    ),
    Mutant(
        "no lock-step, on a whole device",
        "C16: a late duplicate of the reply that carried the Exec runs nothing",
        ANY_ANSWER[1:],
        killers.once("test_f12_a_late_duplicate_in_the_same_session_is_not_listened_to"),
        r"E +.*assert [1-9]\d+ == 1",
    ),
    Mutant(
        "any newer message will do",
        "only the reply to our newest message is heard",
        ANY_ANSWER[2:],
        killers.stories(
            "dm/test_session.py", "test_a_reply_that_skips_our_newest_message_is_not_heard"
        ),
        "E +Failed: DID NOT RAISE",
    ),
)

CREDENTIALS = (
    Mutant(
        "anybody's Status acknowledges",
        "nothing unauthenticated has effects",
        (
            Edit(
                "dm/receive.py",
                "        return _refuse(session, message, worth)\n",
                "        session, events = _refuse(session, message, worth)\n"
                "        return _hear(session, message, events)\n",
            ),
        ),
        killers.credentials("test_a_200_of_an_unproven_server_acknowledges_nothing"),
        r"E +.*assert not \[Answered\(",
    ),
    Mutant(
        "anybody's Exec runs",
        "neither side does what an unauthenticated peer asks",
        (
            Edit(
                "dm/receive.py",
                "        return _refuse(session, message, worth)\n",
                "        session, events = _refuse(session, message, worth)\n"
                "        return session, events + [Asked(r, c) for r, c in _asked(message)]\n",
            ),
        ),
        killers.credentials("test_commands_of_an_unproven_server_are_refused"),
        r"E +.*assert not \[Asked\(",
    ),
    Mutant(
        "a stamped 401 is an answer",
        "a 401 stamped on every command of a refused message answers none of them",
        (
            Edit(
                "dm/receive.py",
                "replace(session, pending=(), proven=False, refusals=",
                "replace(session, proven=False, refusals=",
            ),
            Edit(
                "dm/receive.py",
                "    if not any(isinstance(event, Challenged) for event in more):\n",
                "    if message.commands:\n",
            ),
        ),
        killers.credentials("test_a_401_stamped_on_a_refused_message_answers_no_command"),
        r"E +.*assert not \[Answered\(",
    ),
    Mutant(
        "a stranger's nonce is kept",
        "an unproven server's challenge serves the next message only",
        (
            Edit(
                "dm/receive.py",
                "if trusted and nonce is not None else session.kept",
                "if nonce is not None else session.kept",
            ),
        ),
        killers.credentials("test_a_challenge_of_an_unproven_server_is_not_kept"),
        r"E +.*assert .* == b'mine'",
    ),
    Mutant(
        "guessing for ever",
        "a peer's wrong credentials are refused five times in a session",
        (
            Edit(
                "dm/receive.py",
                "    if session.suspicions >= TRIES_MAX:",
                "    if session.suspicions > TRIES_MAX:",
            ),
        ),
        killers.credentials("test_a_server_ends_a_session_of_wrong_credentials"),
        r"E +.*(assert Chal\(|DID NOT RAISE)",
    ),
)

LARGE = (
    Mutant(
        "a refused value's tail is a value",
        "C20: nothing partial takes effect",
        (
            Edit(
                "dm/chunks.py",
                "        self.joined.unfinished = sink if more else None\n",
                "        self.joined.unfinished = None\n",
            ),
        ),
        killers.stories("dm/test_chunks.py"),
        r"E +.*assert",
    ),
    Mutant(
        "any size will do",
        "a value of another length than was announced is 424",
        (
            Edit(
                "dm/chunks.py",
                "        if held > open_.size or (held == open_.size) is item.more_data:\n",
                "        if held > open_.size:\n",
            ),
        ),
        killers.stories("dm/test_chunks.py"),
        r"E +.*assert",
    ),
    Mutant(
        "half of the Results are an answer",
        "a Get is answered when the peer's package is whole",
        (
            Edit(
                "dm/answered.py",
                '(goes_on and pending.name == "Get")',
                '(goes_on and pending.name == "")',
            ),
        ),
        killers.stories("dm/test_packing.py"),
        r"E +.*(assert|Error)",
    ),
    Mutant(
        "messages of any size",
        "no message is larger than the peer takes",
        (
            Edit(
                "dm/packing.py",
                "        if size > self._room:\n",
                "        if size > self._room + 2000:\n",
            ),
        ),
        killers.stories("dm/test_packing.py"),
        r"E +.*assert \d+ <= \d+",
    ),
)

MACS = (
    Mutant(
        "one MAC is enough",
        "in a session of MACs each message proves itself",
        (
            Edit(
                "dm/proving.py",
                "    return account.each_message or session.peer_scheme == MAC\n",
                "    return account.each_message\n",
            ),
        ),
        killers.stories("dm/test_mac.py"),
        r"E +.*assert",
    ),
    Mutant(
        "less than a MAC will do",
        "a device that asks for MACs believes nothing less",
        (
            Edit(
                "dm/proving.py",
                "    if account.scheme == MAC and scheme not in (None, MAC):\n",
                "    if account.scheme == MAC and scheme is None:\n",
            ),
        ),
        killers.stories(
            "dm/test_mac.py", "test_a_device_of_macs_takes_nothing_less_from_its_server"
        ),
        r"E +.*assert not \[Asked\(",
    ),
)

MUTANTS = (*LOCK_STEP, *CREDENTIALS, *LARGE, *MACS)
