"""UI alerts as questions, what was typed as replies, replies as Statuses (DM Protocol §10)."""

import pytest

from fumo.codes import AlertCode, Status
from fumo.dm import ui
from fumo.dm.message import Alert, Item
from fumo.dm.ui import Chose, Input, Question, Said, Typed

CONFIRM = Question(AlertCode.CONFIRM, "Sure?")
TEXT = Question(AlertCode.TEXT_INPUT, "Name?", length_max=5)
ONE = Question(AlertCode.SINGLE_CHOICE, "Which?", ("a", "b", "c"))
MANY = Question(AlertCode.MULTIPLE_CHOICE, "Which?", ("a", "b", "c"))
SHOWN = Question(AlertCode.DISPLAY, "News")


def asked(code: AlertCode, *data: str | bytes | None) -> Question | Status:
    return ui.question(Alert(code, items=tuple(Item(data=one) for one in data)))


@pytest.mark.clause("P6-02")
def test_options_come_first_then_the_words_then_the_choices():
    question = asked(AlertCode.SINGLE_CHOICE, "", "Which?", "one", b"zw\xc3\xb6lf", None)
    assert question == Question(AlertCode.SINGLE_CHOICE, "Which?", ("one", "zwölf", ""))
    assert asked(AlertCode.DISPLAY, None, "News", "more") == SHOWN


@pytest.mark.clause("P6-03")
def test_all_options_are_understood():
    options = "MINDT=10&MAXDT=20&DR=a%20b%26&MAXLEN=7&IT=N&ET=P"
    assert asked(AlertCode.TEXT_INPUT, options, "PIN?") == Question(
        AlertCode.TEXT_INPUT,
        "PIN?",
        shown_s=10,
        wait_s=20,
        default="a b&",
        length_max=7,
        input=Input.NUMBER,
        hidden=True,
    )


@pytest.mark.clause("P6-03")
@pytest.mark.parametrize(
    "options",
    ["", "X=1", "MINDT=-1&MAXDT=soon&MAXLEN=0", "IT=Z&ET=X", "&&=&MAXDT", "MAXDT=²&MINDT=1e3"],
)
def test_options_that_make_no_sense_are_passed_by(options: str):
    assert asked(AlertCode.CONFIRM, options, "Sure?") == CONFIRM


def test_an_option_that_is_no_utf8_stays_as_it_is():
    question = asked(AlertCode.TEXT_INPUT, "DR=%FF", "?")
    assert isinstance(question, Question)
    assert question.default == "%FF"


@pytest.mark.clause("P6-05")
def test_nobody_is_waited_for_without_end():
    question = asked(AlertCode.CONFIRM, "MAXDT=999999999&MINDT=999999999", "Sure?")
    assert isinstance(question, Question)
    assert (question.wait_s, question.shown_s) == (ui.WAIT_MAX_S, ui.SHOWN_MAX_S)
    assert CONFIRM.wait_s == ui.WAIT_S


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (AlertCode.DISPLAY, ()),
        (AlertCode.CONFIRM, ("MINDT=1",)),
        (AlertCode.SINGLE_CHOICE, ("", "Which?")),
        (AlertCode.MULTIPLE_CHOICE, ("", "Which?")),
    ],
)
def test_a_question_without_its_words_is_incomplete(code: AlertCode, data: tuple[str, ...]):
    assert asked(code, *data) is Status.INCOMPLETE


@pytest.mark.clause("P6-04", "P6-05", "P6-06", "P6-07", "P6-09")
@pytest.mark.parametrize(
    ("question", "reply", "code", "data"),
    [
        (SHOWN, Said.YES, 200, []),
        (SHOWN, Said.NOBODY, 406, []),
        (SHOWN, Said.NO, 500, []),
        (CONFIRM, Said.YES, 200, []),
        (CONFIRM, Said.NO, 304, []),
        (CONFIRM, Said.CANCELLED, 214, []),
        (CONFIRM, Said.TIMED_OUT, 408, []),
        (CONFIRM, Said.NOBODY, 406, []),
        (CONFIRM, Typed("yes"), 500, []),
        (CONFIRM, Chose((1,)), 500, []),
        (TEXT, Typed("CNN"), 200, ["CNN"]),
        (TEXT, Typed("longer"), 500, []),
        (TEXT, Said.YES, 500, []),
        (TEXT, Said.CANCELLED, 214, []),
        (ONE, Chose((2,)), 200, ["2"]),
        (ONE, Chose((1, 2)), 500, []),
        (ONE, Chose(()), 500, []),
        (ONE, Chose((4,)), 500, []),
        (MANY, Chose((3, 2)), 200, ["3", "2"]),
        (MANY, Chose((2, 2)), 500, []),
        (MANY, Chose(()), 200, []),
        (MANY, Said.YES, 500, []),
    ],
)
def test_a_reply_becomes_a_status(question, reply, code, data):
    got, items = ui.status(question, reply)
    assert (got, [item.data for item in items]) == (code, data)


@pytest.mark.clause("P6-05", "P6-06", "P6-07")
@pytest.mark.parametrize(
    ("question", "line", "reply"),
    [
        (SHOWN, "anything", Said.YES),
        (CONFIRM, " Y ", Said.YES),
        (CONFIRM, "no", Said.NO),
        (CONFIRM, "cancel", Said.CANCELLED),
        (CONFIRM, "", None),
        (CONFIRM, "perhaps", None),
        (TEXT, "cnn", Typed("cnn")),
        (TEXT, "c", Typed("c")),
        (TEXT, "longer", None),
        (ONE, "2", Chose((2,))),
        (ONE, "1 2", None),
        (ONE, "4", None),
        (ONE, "c", Said.CANCELLED),
        (ONE, "", None),
        (MANY, "1, 3", Chose((1, 3))),
        (MANY, "2-3", Chose((2, 3))),
        (MANY, "1 x", None),
    ],
)
def test_a_typed_line_is_understood_or_asked_for_again(question, line, reply):
    assert ui.understood(question, line) == reply


@pytest.mark.clause("P6-03", "P6-10")
@pytest.mark.parametrize(
    ("code", "default", "reply"),
    [
        (AlertCode.CONFIRM, "1", Said.YES),
        (AlertCode.CONFIRM, "0", Said.NO),
        (AlertCode.TEXT_INPUT, "name", Typed("name")),
        (AlertCode.SINGLE_CHOICE, "2", Chose((2,))),
        (AlertCode.MULTIPLE_CHOICE, "2-3", Chose((2, 3))),
    ],
)
def test_enter_takes_the_default(code: AlertCode, default: str, reply):
    choices = ("a", "b", "c") if code in ui.CHOICES else ()
    assert ui.understood(Question(code, "?", choices, default=default), "") == reply


@pytest.mark.clause("P6-03", "P6-10")
@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("A", ["", "any thing", "ä"], []),
        ("N", ["7", "-12", "1.5", "+1,5"], ["", "x", "1-2", "1."]),
        ("D", ["28022026", "31121999"], ["2026", "32012026", "01132026", "2802202"]),
        ("T", ["235959", "000000"], ["240000", "236000", "2359"]),
        ("P", ["+4930123", "*100#", "030p12"], ["", "phone", "1+2"]),
        ("I", ["127.0.0.1", "255.255.255.255"], ["::1", "1.2.3", "a.b.c.d"]),
    ],
)
def test_what_may_be_typed(kind: str, good: list[str], bad: list[str]):
    question = asked(AlertCode.TEXT_INPUT, f"IT={kind}", "?")
    assert isinstance(question, Question)
    for text in good:
        assert ui.status(question, Typed(text))[0] == 200, text
    for text in bad:
        assert ui.understood(question, text) is None, text
