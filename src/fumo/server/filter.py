"""The filter language: which rows an operator means, as text and as a value. Pure.

    model == "X200" and version < "2.10" and (tag in (lab, field) or not site ~ "north*")

`parsed` gives a `Filter`, or Denied that names the column and what is wanted there. Nothing here
knows which fields there are, or any SQL: who asks a table says that (`edges/filtering`). Length,
depth and tests are bounded, so no text makes anything grow.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NoReturn, TypeAlias

from msgspec import Struct

from fumo.server.rollout import Denied

LENGTH_MAX = 4096
DEPTH_MAX = 16
TESTS_MAX = 64
VALUES_MAX = 500
"""Values of one `in`."""

TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<op>==|!=|<=|>=|<|>|~|\(|\)|,)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<word>[^\s()<>=!~,"']+)""",
    re.VERBOSE | re.DOTALL,
)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
KEYWORDS = frozenset({"and", "or", "not", "in"})


class BadFilter(Denied):
    """A filter that cannot be read, or asks for what is not there."""


class Op(StrEnum):
    """How a value is compared."""

    IS = "=="
    IS_NOT = "!="
    BELOW = "<"
    UP_TO = "<="
    ABOVE = ">"
    FROM = ">="
    LIKE = "~"
    IN = "in"


class Comparison(Struct, frozen=True):
    """One comparison; `column` is where its field stands in the text, from 1."""

    field: str
    op: Op
    values: tuple[str, ...]
    column: int = 0


class All(Struct, frozen=True):
    """Every one of them."""

    of: "tuple[Filter, ...]"


class Any(Struct, frozen=True):
    """One of them at least."""

    of: "tuple[Filter, ...]"


class Not(Struct, frozen=True):
    """Not this one."""

    of: "Filter"


Filter: TypeAlias = Comparison | All | Any | Not


class Token(Struct, frozen=True):
    """A piece of the text; the end has the kind *end*."""

    kind: str
    text: str
    column: int

    @property
    def said(self) -> str:
        """For people."""
        return "the end" if self.kind == "end" else repr(self.text[:40])


def parsed(text: str) -> Filter:
    """What it says; BadFilter otherwise."""
    if len(text) > LENGTH_MAX:
        raise BadFilter(f"a filter has {LENGTH_MAX} characters at most, and this one {len(text)}")
    if "\0" in text:
        raise BadFilter("a filter has no character NUL")
    return _Reader(_tokens(text)).whole()


def bad(column: int, why: str) -> NoReturn:
    """Say where, and what is wrong."""
    raise BadFilter(f"in the filter, column {column}: {why}")


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            why = "this text does not end" if text[at] in "\"'" else f"{text[at]!r} means nothing"
            bad(at + 1, why)
        kind = str(found.lastgroup)
        if kind != "space":
            word = found.group()
            is_op = kind == "word" and word.lower() in KEYWORDS
            tokens.append(Token("op" if is_op else kind, word.lower() if is_op else word, at + 1))
        at = found.end()
    return [*tokens, Token("end", "", len(text) + 1)]


class _Reader:
    """Recursive descent, no deeper than DEPTH_MAX."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = self._depth = self._tests = 0

    def whole(self) -> Filter:
        said = self._either()
        if self._now.kind != "end":
            bad(self._now.column, f"'and', 'or' or the end is wanted, not {self._now.said}")
        return said

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _takes(self, *ops: str) -> Token | None:
        """The next piece, if it is one of these."""
        now = self._now
        if now.kind != "op" or now.text not in ops:
            return None
        self._at += 1
        return now

    def _wants(self, op: str) -> None:
        if self._takes(op) is None:
            bad(self._now.column, f"{op!r} is wanted, not {self._now.said}")

    def _either(self) -> Filter:
        return self._row("or", self._both, Any)

    def _both(self) -> Filter:
        return self._row("and", self._one, All)

    def _row(
        self, word: str, part: Callable[[], Filter], made: Callable[[tuple[Filter, ...]], Filter]
    ) -> Filter:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else made(tuple(parts))

    def _one(self) -> Filter:
        opening = self._takes("(", "not")
        if opening is None:
            return self._test()
        self._depth += 1
        if self._depth > DEPTH_MAX:
            bad(opening.column, f"no more than {DEPTH_MAX} levels")
        if opening.text == "not":
            said: Filter = Not(self._one())
        else:
            said = self._either()
            self._wants(")")
        self._depth -= 1
        return said

    def _test(self) -> Filter:
        field = self._now
        if field.kind != "word":
            bad(field.column, f"the name of a field is wanted, not {field.said}")
        self._at, self._tests = self._at + 1, self._tests + 1
        if self._tests > TESTS_MAX:
            bad(field.column, f"no more than {TESTS_MAX} comparisons")
        if self._takes("not"):
            self._wants("in")
            return Not(Comparison(field.text, Op.IN, self._values(), field.column))
        op = self._takes(*Op)
        if op is None:
            bad(self._now.column, f"a comparison is wanted ({' '.join(Op)}), not {self._now.said}")
        values = self._values() if op.text == Op.IN else (self._value(),)
        return Comparison(field.text, Op(op.text), values, field.column)

    def _values(self) -> tuple[str, ...]:
        self._wants("(")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
            if len(values) > VALUES_MAX:
                bad(self._now.column, f"no more than {VALUES_MAX} values")
        self._wants(")")
        return tuple(values)

    def _value(self) -> str:
        now = self._now
        if now.kind not in ("text", "word"):
            bad(now.column, f'a value is wanted, such as 2.1 or "two words", not {now.said}')
        self._at += 1
        return now.text if now.kind == "word" else ESCAPED.sub(r"\1", now.text[1:-1])
