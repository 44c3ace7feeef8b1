"""The user at a terminal, on a real one; and an embedder's function (device/edges/user.py)."""

import os
import pty
import select
import termios
import threading
from collections.abc import Iterator

import pytest

from fumo.codes import AlertCode
from fumo.device.edges.user import Callback, Terminal
from fumo.dm.ui import Chose, Question, Reply, Said, Typed

CONFIRM = Question(AlertCode.CONFIRM, "Sure?", wait_s=20)


class Person:
    """Types at one end of a terminal; the program is at the other."""

    def __init__(self) -> None:
        self.end, self.terminal = pty.openpty()
        self.stopping = False
        self.user = Terminal(lambda: self.stopping, self.terminal, self.terminal)

    def is_asked(self, question: Question, *lines: bytes) -> Reply:
        """Each line is typed once there is something new to read."""
        typing = threading.Thread(target=self._types, args=(lines,))
        typing.start()
        try:
            return self.user.ask(question)
        finally:
            typing.join()

    def sees(self) -> str:
        """All that is on the screen by now."""
        seen = b""
        while select.select([self.end], [], [], 0.05)[0]:
            seen += os.read(self.end, 4096)
        return seen.decode()

    def _types(self, lines: tuple[bytes, ...]) -> None:
        for line in lines:
            select.select([self.end], [], [], 5)
            self.seen = self.sees()
            os.write(self.end, line)


@pytest.fixture
def person() -> Iterator[Person]:
    one = Person()
    yield one
    os.close(one.end)
    os.close(one.terminal)


@pytest.mark.clause("P6-05", "P6-06", "P6-07")
@pytest.mark.parametrize(
    ("question", "lines", "reply"),
    [
        (CONFIRM, [b"y\n"], Said.YES),
        (CONFIRM, [b"what?\n", b"no\n"], Said.NO),
        (CONFIRM, [b"c\n"], Said.CANCELLED),
        (CONFIRM, [b"\x04"], Said.CANCELLED),
        (Question(AlertCode.TEXT_INPUT, "Name?"), ["Zoë\n".encode()], Typed("Zoë")),
        (Question(AlertCode.TEXT_INPUT, "Name?", default="me"), [b"\n"], Typed("me")),
        (Question(AlertCode.MULTIPLE_CHOICE, "?", ("a", "b", "c")), [b"1 3\n"], Chose((1, 3))),
    ],
)
def test_what_is_typed_is_the_answer(person: Person, question, lines, reply):
    assert person.is_asked(question, *lines) == reply


def test_a21_a22_the_choices_are_shown_and_a_server_s_words_have_no_power(person: Person):
    question = Question(AlertCode.SINGLE_CHOICE, "Which\x1b[2J?", ("one", "two"), default="2")
    assert person.is_asked(question, b"\n") == Chose((2,))
    assert "Which\\x1b[2J?" in person.seen
    assert "1  one\r\n  2  two" in person.seen
    assert "Enter: 2; within 30 s" in person.seen


@pytest.mark.clause("P6-04")
def test_news_are_shown_and_not_waited_for(person: Person):
    assert person.user.ask(Question(AlertCode.DISPLAY, "News")) is Said.YES
    assert "The server says: News" in person.sees()


@pytest.mark.clause("P6-05")
def test_after_its_time_a_question_is_over(person: Person):
    assert person.user.ask(Question(AlertCode.CONFIRM, "Sure?", wait_s=0)) is Said.TIMED_OUT
    person.stopping = True
    assert person.user.ask(CONFIRM) is Said.TIMED_OUT


def test_what_was_typed_before_is_no_answer(person: Person):
    os.write(person.end, b"y\n")
    assert person.sees() == "y\r\n"  # the terminal has taken it
    assert person.is_asked(CONFIRM, b"n\n") is Said.NO


@pytest.mark.clause("P6-03")
def test_hidden_text_is_not_shown_and_the_terminal_is_as_before(person: Person):
    before = termios.tcgetattr(person.terminal)
    pin = Question(AlertCode.TEXT_INPUT, "PIN?", hidden=True)
    assert person.is_asked(pin, b"1234\n") == Typed("1234")
    assert "1234" not in person.sees()
    assert termios.tcgetattr(person.terminal) == before


@pytest.mark.clause("P6-09")
def test_where_there_is_no_terminal_there_is_nobody():
    reading, writing = os.pipe()
    try:
        assert Terminal(lambda: False, reading, writing).ask(CONFIRM) is Said.NOBODY
    finally:
        os.close(reading)
        os.close(writing)


def test_an_embedder_answers_by_a_function():
    assert Callback(lambda question: Typed(question.text)).ask(CONFIRM) == Typed("Sure?")
