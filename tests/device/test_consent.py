"""A person is asked in a thread: nobody waits for the answer, and none goes to another question."""

import threading
import time
from collections.abc import Callable

import pytest

from fumo.codes import AlertCode
from fumo.device.asking import Request, question, word_of
from fumo.device.edges.consent import OneAtATime, ThreadConsent, by_command, by_user
from fumo.dm.ui import Chose, Question, Reply, Said, Typed
from fumo.testing.user import ScriptedUser
from fumo.update.tally import Stage, Word

WORDS = tuple(Word)
ASKED = Request(1, Stage.INSTALL, "./FwUpdate/Primary", WORDS)
OTHER = Request(2, Stage.REBOOT, "./FwUpdate/Modem", (Word.YES,))
SOON_S = 5.0


class Person:
    """Thinks until told to answer."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answers: dict[Request, Word | None] = {}
        self.may_answer = threading.Event()
        self.woken = threading.Event()

    def __call__(self, request: Request) -> Word | None:
        self.asked.append(request)
        self.may_answer.wait(SOON_S)
        return self.answers.get(request)

    def answers_now(self) -> None:
        self.may_answer.set()
        assert self.woken.wait(SOON_S)
        self.woken.clear()


@pytest.fixture
def person():
    person = Person()
    yield person
    person.may_answer.set()


def test_nobody_waits_and_the_answer_wakes_the_agent(person):
    person.answers = {ASKED: Word.YES}
    consent = ThreadConsent(person, person.woken.set)
    assert consent.answer(ASKED) is None
    assert consent.answer(ASKED) is None
    person.answers_now()
    assert consent.answer(ASKED) is Word.YES
    assert person.asked == [ASKED]


def test_two_questions_are_asked_one_after_the_other_and_no_answer_is_lost(person):
    person.answers = {ASKED: Word.NO, OTHER: Word.YES}
    consent = ThreadConsent(person, person.woken.set)
    assert consent.answer(ASKED) is None
    assert consent.answer(OTHER) is None
    person.answers_now()
    assert consent.answer(OTHER) is None
    assert person.woken.wait(SOON_S)
    assert (consent.answer(OTHER), consent.answer(ASKED)) == (Word.YES, Word.NO)
    assert person.asked == [ASKED, OTHER]


def test_who_does_not_answer_is_asked_again_later(person):
    now_s = [0.0]
    consent = ThreadConsent(person, person.woken.set, again_s=60.0, now_s=lambda: now_s[0])
    assert consent.answer(ASKED) is None
    person.answers_now()
    assert consent.answer(ASKED) is None
    assert person.asked == [ASKED]
    now_s[0] = 60.0
    assert consent.answer(ASKED) is None
    assert person.woken.wait(SOON_S)
    assert person.asked == [ASKED, ASKED]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_function_that_fails_has_not_answered():
    woken = threading.Event()

    def broken(request: Request) -> Word | None:
        raise ValueError("no display")

    consent = ThreadConsent(broken, woken.set)
    assert consent.answer(ASKED) is None
    assert woken.wait(SOON_S)
    for thread in set(threading.enumerate()) - {threading.current_thread()}:
        thread.join(SOON_S)
    assert consent.answer(ASKED) is None


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (Chose((1,)), Word.YES),
        (Chose((2,)), Word.LATER),
        (Chose((3,)), Word.NO),
        (Chose((4,)), None),
        (Chose((1, 3)), None),
        (Said.CANCELLED, Word.LATER),
        (Said.TIMED_OUT, None),
        (Said.NOBODY, None),
        (Typed("yes"), None),
    ],
)
def test_a_user_is_asked_as_by_a_ui_alert(reply: Reply, word):
    user = ScriptedUser(reply)
    assert by_user(user)(ASKED) is word
    assert [one.code for one in user.asked] == [AlertCode.SINGLE_CHOICE]
    assert len(user.asked[0].choices) == 3


def test_only_what_may_be_answered_is_offered():
    assert question(OTHER).choices == ("yes, now",)
    assert word_of(OTHER, Chose((2,))) is None


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_its_question(stage):
    assert Request(1, stage, "./x", WORDS).text.endswith("?")


def program(folder, code: int) -> Callable[[Request], Word | None]:
    script = folder / "ask"
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {folder}/told\nexit {code}\n')
    script.chmod(0o700)
    return by_command([str(script), "--window"])


@pytest.mark.parametrize(
    ("code", "word"), [(0, Word.YES), (1, Word.NO), (75, Word.LATER), (2, None), (127, None)]
)
def test_a_program_answers_by_its_exit_code(tmp_path, code, word):
    assert program(tmp_path, code)(ASKED) is word
    told = (tmp_path / "told").read_text().split("|")
    assert told[:3] == ["--window", "install", "./FwUpdate/Primary"]


def test_a_program_cannot_answer_what_was_not_offered(tmp_path):
    assert program(tmp_path, 1)(OTHER) is None


def test_a_program_that_is_not_there_or_hangs_has_not_answered(tmp_path):
    assert by_command([str(tmp_path / "none")])(ASKED) is None
    assert by_command(["/bin/sh", "-c", "sleep 30"], wait_s=0.1)(ASKED) is None


class Slow:
    """Takes until it may answer."""

    def __init__(self) -> None:
        self.at_work = 0
        self.at_once_max = 0
        self.may_answer = threading.Event()

    def ask(self, question: Question) -> Reply:
        self.at_work += 1
        self.at_once_max = max(self.at_once_max, self.at_work)
        self.may_answer.wait(SOON_S)
        self.at_work -= 1
        return Said.YES


def test_two_questions_never_stand_on_one_screen():
    slow = Slow()
    user = OneAtATime(slow)
    first = threading.Thread(target=user.ask, args=(question(ASKED),))
    first.start()
    while not slow.at_work:
        time.sleep(0.01)
    impatient = Question(AlertCode.CONFIRM, "?", wait_s=0)
    assert user.ask(impatient) is Said.TIMED_OUT
    slow.may_answer.set()
    first.join()
    assert user.ask(impatient) is Said.YES
    assert slow.at_once_max == 1


def test_a_program_that_asks_is_handed_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("FUMO_DEVICE_SERVER_PASSWORD", "s3cret")
    told = tmp_path / "told"
    assert by_command(["/bin/sh", "-c", f"env > {told}"])(ASKED) is Word.YES
    assert "PATH=" in told.read_text()
    assert "FUMO_DEVICE" not in told.read_text()
