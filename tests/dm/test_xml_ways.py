"""The quick way through XML and the careful one see the same message, or the same is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.dm import XML, Message, decode, encode, xml
from fumo.dm.reading import read_message
from fumo.errors import DecodeError
from tests.dm.golden import GOLDEN

pytestmark = pytest.mark.clause("C-XML")
BODIES = [encode(golden.message, XML) for golden in GOLDEN.values() if golden.in_xml]
PIECES = (
    *(b"<?x y?>", b"<?x?>", b"&#65;", b"&a;", b"<x:y/>", b"\xff", b" ", b"\n"),
    *(b"<Item/>", b"<Final/>", b"<Meta>", b"</Meta>", b"<MetInf>", b"</MetInf>", b"<Data>"),
)


def carefully(body: bytes) -> Message | None:
    """What the careful way reads in a body in UTF-8; None when it refuses."""
    with suppress(DecodeError):
        return read_message(xml.Careful().parse(body))
    return None


def usually(body: bytes) -> Message | None:
    """What the codec reads; None when it refuses."""
    with suppress(DecodeError):
        return decode(body, XML)
    return None


@pytest.mark.parametrize("body", BODIES)
def test_both_see_the_same_in_every_golden_message(body: bytes):
    assert usually(body) == carefully(body) is not None


@given(
    st.sampled_from(BODIES),
    st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(PIECES)), min_size=1, max_size=3),
)
def test_both_see_the_same_where_something_was_put_in(
    body: bytes, changes: list[tuple[int, bytes]]
):
    start = body.index(b"<SyncML")
    for place, piece in changes:
        at = body.find(b"<", start + place % (len(body) - start))
        at = len(body) if at < 0 else at
        body = body[:at] + piece + body[at:]
    assert usually(body) == carefully(body)
