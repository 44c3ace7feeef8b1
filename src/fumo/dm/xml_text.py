"""Text as XML writes it. Pure."""

import re

from fumo.errors import MisuseError

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write."""
NEEDS_ESCAPE = re.compile("[&<>\r]")
SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
IN_QUOTES = str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
"""What must not stand as it is between quotes, besides."""


def escaped(text: str) -> str:
    """The text, with whatever means something to XML written as a reference."""
    if text.isprintable() and "&" not in text and "<" not in text and ">" not in text:
        return text  # most are, and this is sooner seen than with an expression
    if UNWRITABLE.search(text):
        raise MisuseError(f"XML cannot carry this text: {text[:40]!r}")
    return text.translate(SPECIAL) if NEEDS_ESCAPE.search(text) else text


def quoted(text: str) -> str:
    """The text as the value of an attribute."""
    return f'"{escaped(text).translate(IN_QUOTES)}"'
