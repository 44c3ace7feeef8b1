"""A stranger reads what we write, and we read what the stranger writes: Debian's libwbxml.

`xml2wbxml` and `wbxml2xml` are another implementation of the same tables. Both directions must give
the same message, up to the faults of libwbxml that are listed here.
"""

import re
import shutil
import subprocess
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from fumo.dm import WBXML, XML, Message, decode, encode
from tests.dm.golden import GOLDEN
from tests.dm.meaning import meaning
from tests.dm.strategies import messages

NEEDS = ("xml2wbxml", "wbxml2xml")
MISSING = [name for name in NEEDS if not shutil.which(name)]
pytestmark = [
    pytest.mark.clause("C-WBX"),
    pytest.mark.skipif(bool(MISSING), reason="needs libwbxml2-utils (Debian)"),
]
NAMES = [name for name, golden in GOLDEN.items() if golden.in_xml]
few = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])

Change = Callable[[str], str]
FAULTS: dict[str, Change] = {
    "makes CR LF of a line feed in the Data of Add and Replace (a kindness to vCards); and writes"
    " a carriage return into XML as it is, where it reads as a line feed": (
        lambda text: re.sub(r"[\r\n]+", "\n", text)
    ),
    "cuts blanks at both ends of any text, and drops text of blanks alone": (
        lambda text: text.strip(" \t\r\n")
    ),
}
"""What libwbxml 0.11.8 does to text, each as what undoes the difference."""

BROKEN = {0x85, 0xA0}
"""It takes these bytes for blanks also in the middle of a character, and cuts the character in two:
characters with such a byte are left out."""

NO_TABLE = "-n"
"""It miscounts its string table when a text that comes twice begins or ends with a blank: any text
goes without a table, and the golden messages with one."""


def spared(message: Message) -> Message:
    """The message without the characters that libwbxml breaks."""
    text = encode(message, XML).decode()
    kept = "".join(each if BROKEN.isdisjoint(each.encode()) else "?" for each in text)
    return decode(kept.encode(), XML)


def forgiven(value: object) -> object:
    """A message as plain values, with the known faults applied to every text."""
    match value:
        case str():
            for change in FAULTS.values():
                value = change(value)
            return value
        case tuple():
            return [forgiven(held) for held in value]
        case msgspec.Struct():
            fields = {name: getattr(value, name) for name in value.__struct_fields__}
            return {"is": type(value).__name__} | {n: forgiven(v) for n, v in fields.items()}
    return value


def run(program: str, *options: str, body: bytes) -> bytes:
    """What a program of libwbxml makes of a body."""
    words = [program, *options, "-o", "-", "-"]
    done = subprocess.run(words, input=body, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_they_read(message: Message) -> Message:
    """We write WBXML, they make XML of it, we read that."""
    return decode(run("wbxml2xml", body=encode(message, WBXML)), XML)


def as_they_write(message: Message, *options: str) -> Message:
    """We write XML, they make WBXML of it, we read that."""
    return decode(run("xml2wbxml", *options, body=encode(message, XML)), WBXML)


@pytest.mark.clause("R2-01")
@pytest.mark.parametrize("name", NAMES)
def test_they_read_our_golden_messages(name: str):
    message = GOLDEN[name].message
    assert forgiven(meaning(as_they_read(message))) == forgiven(meaning(message))


@pytest.mark.parametrize("options", [(), (NO_TABLE,), ("-v", "1.1"), ("-v", "1.3", "-k")])
@pytest.mark.parametrize("name", NAMES)
def test_we_read_their_golden_messages(name: str, options: tuple[str, ...]):
    message = GOLDEN[name].message
    assert forgiven(meaning(as_they_write(message, *options))) == forgiven(meaning(message))


@few
@given(messages().map(spared))
def test_they_read_any_message_of_ours(message: Message):
    assert forgiven(as_they_read(message)) == forgiven(message)


@few
@given(messages().map(spared))
def test_we_read_any_message_of_theirs(message: Message):
    assert forgiven(as_they_write(message, NO_TABLE)) == forgiven(message)
