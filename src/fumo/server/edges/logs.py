"""The server's log: a line for each thing, as text for people or as JSON for programs, on stderr.

Promises: a line is bounded, whatever a peer wrote into it, and text that came from elsewhere cannot
look like a line of its own. No line holds a secret: nobody who logs has one in his hands.
"""

import logging
import sys
import time
import traceback
from typing import IO, Any

import msgspec

FORMS = ("text", "json")
TEXT_MAX = 1_000
FAULT_MAX = 8_000
"""Characters of a traceback: its end is kept, for there it says what went wrong."""


def begin_log(form: str | None, stream: IO[str] | None = None) -> None:
    """From now on everything is logged in this form; None: warnings alone, as text."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("fumo").setLevel(logging.INFO if form else logging.WARNING)


class JsonLines(logging.Formatter):
    """One object a line: `at`, `level`, `who`, `text`, and `fault` where there was one."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told: dict[str, Any] = {
            "at": _at(record),
            "level": record.levelname.lower(),
            "who": record.name,
            "text": _text(record),
        }
        if record.exc_info:
            told["fault"] = _fault(record)
        return msgspec.json.encode(told).decode()


class TextLines(logging.Formatter):
    """`<UTC time> <level> <who>: <text>`; a traceback follows, each line of it set in."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and those of a traceback."""
        line = f"{_at(record)} {record.levelname.lower()} {record.name}: {_text(record)}"
        if not record.exc_info:
            return line
        return "\n    ".join([line, *(_plain(each) for each in _fault(record).splitlines())])


def _at(record: logging.LogRecord) -> str:
    return (
        f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{record.msecs:03.0f}Z"
    )


def _text(record: logging.LogRecord) -> str:
    text = record.getMessage()
    return _plain(text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…")


def _plain(text: str) -> str:
    """Without anything that moves a cursor or begins a line."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def _fault(record: logging.LogRecord) -> str:
    assert record.exc_info
    return "".join(traceback.format_exception(*record.exc_info))[-FAULT_MAX:].strip()
