"""Implements `Consent`: whoever can be asked is asked in a thread, and wakes the agent.

    ThreadConsent(by_user(Terminal(…)), clock.wake)            a person at the terminal
    ThreadConsent(by_command(["/usr/bin/ask"]), clock.wake)    a program of the maker's
    ThreadConsent(my_function, clock.wake)                     whoever embeds the agent

Promises: `answer` never waits; an answer belongs to the request it was given to, and to no other;
who did not answer is asked again after `again_s`, and no more than one question is open at a time.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from fumo.device.asking import ASK_S, Request, question, word_of
from fumo.device.edges.programs import Call, NotStarted, run
from fumo.device.ports import User
from fumo.dm.ui import Question, Reply, Said
from fumo.update.tally import Word

AGAIN_S = 300.0
REQUESTS_MAX = 64
EXITS: Mapping[int | None, Word] = {0: Word.YES, 1: Word.NO, 75: Word.LATER}
"""What a program's exit code says; 75 is EX_TEMPFAIL. Any other code says nothing."""


class ThreadConsent:
    """Asks by a function that may block."""

    def __init__(
        self,
        ask: Callable[[Request], Word | None],
        wake: Callable[[], None],
        again_s: float = AGAIN_S,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ask` gives None where nobody answered; `wake` is called after it."""
        self._ask, self._wake, self._again_s, self._now_s = ask, wake, again_s, now_s
        self._open: Request | None = None
        self._words: dict[Request, Word] = {}
        self._asked_s: dict[Request, float] = {}

    def answer(self, request: Request) -> Word | None:
        """What was said to this request, once; None: nothing yet, and it is being asked."""
        word = self._words.pop(request, None)
        if word is None and self._open is None and self._is_due(request):
            self._begin(request)
        return word

    def _is_due(self, request: Request) -> bool:
        asked_s = self._asked_s.get(request)
        return asked_s is None or self._now_s() >= asked_s + self._again_s

    def _begin(self, request: Request) -> None:
        if len(self._asked_s) >= REQUESTS_MAX:  # of operations that ended long ago
            self._asked_s.clear()
            self._words.clear()
        self._open = request
        threading.Thread(target=self._run, args=(request,), daemon=True).start()

    def _run(self, request: Request) -> None:
        try:
            word = self._ask(request)
            if word is not None:
                self._words[request] = word
        finally:
            self._asked_s[request] = self._now_s()
            self._open = None
            self._wake()


def by_user(user: User) -> Callable[[Request], Word | None]:
    """Ask as UI alerts are asked."""
    return lambda request: word_of(request, user.ask(question(request)))


def by_command(command: Sequence[str], wait_s: float = ASK_S) -> Callable[[Request], Word | None]:
    """Run a program with the stage, the object's address and the question (`EXITS` is its answer).

    It is ended when it takes longer than `wait_s`.
    """

    def ask(request: Request) -> Word | None:
        line = (*command, request.stage.value, request.object_uri, request.text)
        try:
            ran = run(Call(line, wait_s))
        except NotStarted:
            return None
        word = EXITS.get(ran.exit)
        return word if word in request.words else None

    return ask


class OneAtATime:
    """Implements `User` over one that two ask: a server's question and our own never mix."""

    def __init__(self, user: User, lock: "Lock | None" = None) -> None:
        """Who is asked in the end; a `lock` is shared with others at the same screen."""
        self._user, self._lock = user, lock or Lock()

    def ask(self, question: Question) -> Reply:
        """Who cannot be asked in time because of another question has not answered."""
        if not self._lock.acquire(timeout=question.wait_s):
            return Said.TIMED_OUT
        try:
            return self._user.ask(question)
        finally:
            self._lock.release()
