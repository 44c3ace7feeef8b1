"""Implements `Log`: what happens, one event a line on stderr, for people or for programs.

Promises: a line is bounded, whatever a peer wrote into its values, and holds no control character;
a log that cannot be written stops nothing. On a terminal the progress of a download is a bar on
the last line instead of lines of its own.
"""

import contextlib
import sys
import time
from collections.abc import Mapping
from typing import IO

import msgspec

from fumo.device.ports import Log
from fumo.device.progress import bar

FIELDS_MAX = 20
VALUE_MAX = 400  # characters; a peer's words may be as long as a message
CLEAR = "\r\x1b[K"
PROGRESS = "Progressed"


def log_of(form: str, name: str, stream: IO[str] | None = None) -> Log:
    """`auto`: text where somebody looks, JSON where something reads."""
    out = stream or sys.stderr
    people = out.isatty()
    if form == "text" or (form == "auto" and people):
        return TextLog(name, out, bar=people)
    return JsonLog(name, out)


class TextLog:
    """`<UTC time> <device> <event> name=value …`."""

    def __init__(self, name: str, stream: IO[str], bar: bool = False) -> None:
        """`name` tells the lines of several devices apart."""
        self._name, self._stream, self._bar = name, stream, bar
        self._drawn = False

    def __call__(self, event: str, **values: object) -> None:
        """Write the line at once."""
        if self._bar and event == PROGRESS:
            self._drawn = True
            return _write(self._stream, CLEAR + _drawn(values))
        told = "".join(f" {name}={_word(value)}" for name, value in _bounded(values).items())
        cleared, self._drawn = CLEAR if self._drawn else "", False
        return _write(self._stream, f"{cleared}{_now()} {_word(self._name)} {event}{told}\n")


class JsonLog:
    """One object a line: `at`, `device`, `event`, and the values beside them."""

    def __init__(self, name: str, stream: IO[str]) -> None:
        """`name` tells the lines of several devices apart."""
        self._name, self._stream = name, stream

    def __call__(self, event: str, **values: object) -> None:
        """Write the line at once."""
        line = {"at": _now(), "device": self._name, "event": event, **_bounded(values)}
        _write(self._stream, msgspec.json.encode(line).decode() + "\n")


def _drawn(values: Mapping[str, object]) -> str:
    received, total = values.get("received"), values.get("total")
    if not isinstance(received, int):
        return ""  # what there was is thrown away
    return bar(received, total if isinstance(total, int) else None)


def _bounded(values: Mapping[str, object]) -> dict[str, object]:
    """Plain values; texts cut, with what was cut away told."""
    return {name: _plain(value) for name, value in list(values.items())[:FIELDS_MAX]}


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value).encode("utf-8", "replace").decode()
    return text if len(text) <= VALUE_MAX else f"{text[:VALUE_MAX]}… ({len(text)} characters)"


def _word(value: object) -> str:
    """A value as one word; quoted where it holds blanks or controls."""
    text = str(value)
    return text if text.isprintable() and " " not in text and text else repr(text)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _write(stream: IO[str], text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody reads; the work goes on
        stream.write(text)
        stream.flush()
