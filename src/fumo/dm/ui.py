"""Questions to the user: UI alerts 1100 to 1104 (DM Protocol §10, DM RepPro §6). Pure.

    Alert → question → (a `User` asks) → Reply → Status and Items

The first Item holds options, the second the text, the others the choices, numbered from 1. An
option that we do not know, or whose value makes no sense, is passed by without a word. Nobody is
waited for without end: MAXDT is bounded, and has a default.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum, StrEnum
from typing import TypeAlias

from msgspec import Struct

from fumo.codes import AlertCode, Status
from fumo.dm.message import Alert, Item

WAIT_S = 30
WAIT_MAX_S = 120
SHOWN_MAX_S = 60
KINDS = frozenset(AlertCode(code) for code in range(1100, 1105))
CHOICES = (AlertCode.SINGLE_CHOICE, AlertCode.MULTIPLE_CHOICE)
YES, NO, CANCEL = ("y", "yes", "1"), ("n", "no", "0"), ("c", "cancel")


class Input(StrEnum):
    """IT: what may be typed."""

    ANY = "A"
    NUMBER = "N"
    DATE = "D"
    TIME = "T"
    PHONE = "P"
    ADDRESS = "I"


SHAPES: Mapping[Input, re.Pattern[str]] = {
    Input.ANY: re.compile(r".*", re.DOTALL),
    Input.NUMBER: re.compile(r"[+-]?[0-9]+([.,][0-9]+)?"),
    Input.DATE: re.compile(r"(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])[0-9]{4}"),  # DDMMYYYY
    Input.TIME: re.compile(r"([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"),  # hhmmss
    Input.PHONE: re.compile(r"\+?[0-9*#pws]+"),
    Input.ADDRESS: re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}"),
}


class Question(Struct, frozen=True):
    """What to ask. `default` is chosen beforehand; `hidden` text is not shown while typed."""

    code: AlertCode
    text: str
    choices: tuple[str, ...] = ()
    shown_s: int = 0
    wait_s: int = WAIT_S
    default: str | None = None
    length_max: int | None = None
    input: Input = Input.ANY
    hidden: bool = False


class Said(Enum):
    """What a user does with a question, apart from typing and choosing."""

    YES = Status.OK
    NO = Status.NOT_MODIFIED
    CANCELLED = Status.CANCELLED
    TIMED_OUT = Status.TIMEOUT
    NOBODY = Status.NOT_SUPPORTED


class Typed(Struct, frozen=True):
    """A text was typed."""

    text: str


class Chose(Struct, frozen=True):
    """Choices, by number."""

    numbers: tuple[int, ...]


Reply: TypeAlias = Said | Typed | Chose


def question(alert: Alert) -> Question | Status:
    """What a UI alert asks; 412 when text or choices are missing."""
    code = AlertCode(alert.code)
    options, *texts = [_text(item) for item in alert.items] or [""]
    if not texts or (code in CHOICES and len(texts) < 2):
        return Status.INCOMPLETE
    known = dict(_options(options))
    return Question(
        code,
        texts[0],
        tuple(texts[1:]) if code in CHOICES else (),
        shown_s=min(_number(known.get("MINDT")) or 0, SHOWN_MAX_S),
        wait_s=min(_number(known.get("MAXDT")) or WAIT_S, WAIT_MAX_S),
        default=known.get("DR"),
        length_max=_number(known.get("MAXLEN")),
        input=_input(known.get("IT")),
        hidden=known.get("ET") == "P",
    )


def status(asked: Question, reply: Reply) -> tuple[Status, tuple[Item, ...]]:
    """The Status of the Alert, and its Items; 500 for a reply that does not fit the question."""
    if isinstance(reply, Said):
        fits = reply is not Said.YES or asked.code in (AlertCode.DISPLAY, AlertCode.CONFIRM)
        fits = fits and (reply is not Said.NO or asked.code == AlertCode.CONFIRM)
        return (reply.value if fits else Status.FAILED), ()
    if isinstance(reply, Typed):
        fits = asked.code == AlertCode.TEXT_INPUT and _may_be_typed(asked, reply.text)
        return (Status.OK, (Item(data=reply.text),)) if fits else (Status.FAILED, ())
    if not _may_be_chosen(asked, reply.numbers):
        return Status.FAILED, ()
    return Status.OK, tuple(Item(data=str(number)) for number in reply.numbers)


def understood(asked: Question, line: str) -> Reply | None:
    """What a typed line means; an empty one is the default. None: ask again."""
    line = line.strip() or asked.default or ""
    if asked.code == AlertCode.DISPLAY:
        return Said.YES
    if asked.code == AlertCode.TEXT_INPUT:
        return Typed(line) if _may_be_typed(asked, line) else None
    if line.lower() in CANCEL:
        return Said.CANCELLED
    if asked.code == AlertCode.CONFIRM:
        return _confirmed(line.lower())
    numbers = tuple(_number(word) or 0 for word in re.split(r"[\s,-]+", line))
    return Chose(numbers) if _may_be_chosen(asked, numbers) else None


def _confirmed(word: str) -> Reply | None:
    if word in YES:
        return Said.YES
    return Said.NO if word in NO else None


def _may_be_typed(asked: Question, text: str) -> bool:
    short = asked.length_max is None or len(text) <= asked.length_max
    return short and SHAPES[asked.input].fullmatch(text) is not None


def _may_be_chosen(asked: Question, numbers: tuple[int, ...]) -> bool:
    """Each once, out of those there are; one of a single choice."""
    right = asked.code == AlertCode.MULTIPLE_CHOICE or len(numbers) == 1
    there = all(1 <= number <= len(asked.choices) for number in numbers)
    return bool(asked.choices) and right and there and len(set(numbers)) == len(numbers)


def _options(text: str) -> Iterator[tuple[str, str]]:
    for part in text.strip().split("&"):
        key, _, value = part.partition("=")
        yield key, _decoded(value)


def _decoded(value: str) -> str:
    """Percent-decoded (RFC 2396); what is no UTF-8 stays as it was written."""
    try:
        raw = value.encode()
        octets = re.sub(rb"%([0-9A-Fa-f]{2})", lambda one: bytes.fromhex(one[1].decode()), raw)
        return octets.decode()
    except UnicodeError:
        return value


def _number(text: str | None) -> int | None:
    """A positive number, or None for anything else."""
    plain = text is not None and text.isascii() and text.isdecimal() and len(text) <= 9
    return (int(text or 0) or None) if plain else None


def _input(text: str | None) -> Input:
    return Input(text) if text in set(Input) else Input.ANY


def _text(item: Item) -> str:
    data = item.data or ""
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else data
