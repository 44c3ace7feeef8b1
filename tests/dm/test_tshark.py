"""A second stranger reads WBXML as we do: Wireshark's dissector, where it names what it reads.

It knows the tags of SyncML 1.2 by the public identifier; with another header it has only numbers
for them. Both get the same bytes, ours and libwbxml's, and must see the same elements and texts.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fumo.dm import WBXML, XML, Message, decode, encode, wbxml
from tests.dm import tshark
from tests.dm.assembler import HEADER, Assembler
from tests.dm.golden import GOLDEN
from tests.dm.strategies import messages

pytestmark = [
    pytest.mark.clause("C-WBX", "R2-01"),
    pytest.mark.skipif(tshark.MISSING, reason="needs tshark (Debian)"),
]
SHOWN_MAX = 100
"""Wireshark cuts a line to 240 characters, indentation included: of a text we compare so many."""
few = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])


def as_it_says(body: bytes) -> list[str]:
    """What our reader makes of a body, in Wireshark's words."""
    return list(_said(wbxml.parse(body)))


def _said(element: Element) -> Iterator[str]:
    yield f"<{element.tag}>"
    if isinstance(element.text, bytes):
        yield f"({len(element.text)} bytes of opaque data)"
    elif element.text:
        yield cut(f"'{escaped(element.text)}'")
    for child in element:
        yield from _said(child)
    yield f"</{element.tag}>"


def escaped(text: str) -> str:
    """Line ends and the like, as Wireshark shows them."""
    return text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")


def cut(text: str) -> str:
    """As much of a text as is compared."""
    return text if text.startswith(("<", "(")) else text[:SHOWN_MAX]


def as_they_say(bodies: list[bytes]) -> list[list[str]]:
    """What Wireshark makes of bodies; an element without content is one that holds nothing."""
    return [[each for word in said for each in _both_ends(word)] for said in tshark.read(bodies)]


def _both_ends(word: str) -> list[str]:
    if word.startswith("<") and word.endswith(" />"):
        return [f"{word[:-3]}>", f"</{word[1:-3]}>"]
    return [cut(word)]


def plain(message: Message) -> Message:
    """The message with nothing but printable ASCII in its texts, which everybody shows alike."""
    text = encode(message, XML).decode()
    kept = (each if " " <= each <= "~" and each != "\\" else "?" for each in text)
    return decode("".join(kept).replace("&#13;", "?").encode(), XML)


def test_it_sees_the_same_in_every_golden_message():
    bodies = {name: encode(golden.message, WBXML) for name, golden in GOLDEN.items()}
    said = dict(zip(bodies, as_they_say(list(bodies.values())), strict=True))
    assert said == {name: as_it_says(body) for name, body in bodies.items()}


@few
@given(st.lists(messages().map(plain), min_size=1, max_size=12))
def test_it_sees_the_same_in_any_messages(some: list[Message]):
    bodies = [encode(message, WBXML) for message in some]
    assert as_they_say(bodies) == [as_it_says(body) for body in bodies]


WAYS = {
    "needless page switches": {"eager": True},
    "empty elements with content": {"empty": "content"},
}


@pytest.mark.parametrize("how", WAYS.values(), ids=WAYS)
def test_it_sees_the_same_however_it_is_written(how: dict[str, object]):
    written = [encode(golden.message, XML) for golden in GOLDEN.values() if golden.in_xml]
    bodies = [HEADER + Assembler(**how).body(each) for each in written]
    assert as_they_say(bodies) == [as_it_says(body) for body in bodies]
