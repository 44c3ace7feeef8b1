"""Implements `User`: a person at the terminal, or a function of whoever embeds the agent.

Promises: nobody is waited for longer than the question says, and a stop ends the waiting; what was
typed before the question was shown is no answer; a server's words have no power over the terminal.
"""

import os
import select
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fumo.codes import AlertCode
from fumo.dm.shown import escaped
from fumo.dm.ui import Question, Reply, Said, understood

SLICE_S = 0.5  # how late a stop is noticed
LINE_BYTES_MAX = 4096
HINTS = {
    AlertCode.CONFIRM: "[y]es, [n]o or [c]ancel",
    AlertCode.TEXT_INPUT: "type it; Ctrl-D cancels",
    AlertCode.SINGLE_CHOICE: "one number, or [c]ancel",
    AlertCode.MULTIPLE_CHOICE: "numbers, or [c]ancel",
}


class Callback:
    """A function, which must come back within `question.wait_s`."""

    def __init__(self, answer: Callable[[Question], Reply]) -> None:
        """`answer` is called in the agent's own thread."""
        self._answer = answer

    def ask(self, question: Question) -> Reply:
        """Hand it on."""
        return self._answer(question)


class Terminal:
    """The terminal this program was started from; where there is none nobody can be asked."""

    def __init__(
        self,
        stopping: Callable[[], bool],
        keyboard: int = 0,
        screen: int = 2,
        asker: str = "The server says",
    ) -> None:
        """`keyboard` and `screen` are file descriptors; `asker` begins each question."""
        self._stopping, self._keyboard, self._screen = stopping, keyboard, screen
        self._asker = asker

    def ask(self, question: Question) -> Reply:
        """Show it; a line that makes no sense is asked for again until the time is over."""
        if not (os.isatty(self._keyboard) and os.isatty(self._screen)):
            return Said.NOBODY
        if question.code == AlertCode.DISPLAY:
            self._show(question)
            return Said.YES
        with self._listening(question.hidden):  # first, or a quick answer would be thrown away
            self._show(question)
            return self._answer(question, time.monotonic() + question.wait_s)

    def _answer(self, question: Question, until_s: float) -> Reply:
        while (line := self._line(until_s)) is not None:
            if not line:
                return Said.CANCELLED
            typed = line.decode("utf-8", "replace").rstrip("\r\n")
            if (reply := understood(question, typed)) is not None:
                return reply
            self._say(HINTS[question.code])
        return Said.TIMED_OUT

    def _show(self, question: Question) -> None:
        self._say(f"{self._asker}: {escaped(question.text)}")
        for number, choice in enumerate(question.choices, 1):
            self._say(f"  {number}  {escaped(choice)}")
        if question.code in HINTS:
            enter = f"; Enter: {escaped(question.default)}" if question.default else ""
            self._say(f"({HINTS[question.code]}{enter}; within {question.wait_s} s)")

    def _say(self, line: str) -> None:
        os.write(self._screen, f"{line}\n".encode("utf-8", "replace"))

    def _line(self, until_s: float) -> bytes | None:
        """What was typed up to Enter; empty: the input was ended; None: the time is over."""
        while not self._stopping() and (left_s := until_s - time.monotonic()) > 0:
            ready, _, _ = select.select([self._keyboard], [], [], min(left_s, SLICE_S))
            if ready:
                return os.read(self._keyboard, LINE_BYTES_MAX)
        return None

    @contextmanager
    def _listening(self, hidden: bool) -> Iterator[None]:
        """From now on; hidden text does not appear while it is typed."""
        before = termios.tcgetattr(self._keyboard)
        told = termios.tcgetattr(self._keyboard)
        if hidden:
            told[3] &= ~termios.ECHO
        termios.tcsetattr(self._keyboard, termios.TCSAFLUSH, told)
        try:
            yield
        finally:
            termios.tcsetattr(self._keyboard, termios.TCSADRAIN, before)
