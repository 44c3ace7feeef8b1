"""The short way through WBXML gives what the careful way gives, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.dm import WBXML, XML, Message, encode, wbxml, wbxml_direct
from fumo.dm.bounds import PLAIN_BYTES_MAX
from fumo.dm.message import Atomic, Header, Item, Location, Meta, Replace, Sequence, Unknown
from fumo.dm.reading import read_message
from fumo.errors import DecodeError
from tests.dm.assembler import FPI, HEADER, Assembler, opaque
from tests.dm.bad_bodies import WBXML_BODIES
from tests.dm.golden import GOLDEN
from tests.dm.strategies import messages

pytestmark = pytest.mark.clause("C-WBX")
HEADER_OF_THEM = Header("1", 1, Location("a"), Location("b"))


def carefully(body: bytes) -> Message | None:
    """What the careful way gives; None when it refuses."""
    try:
        return read_message(wbxml.parse(body))
    except DecodeError:
        return None


def with_data(data: bytes, meta: Meta | None = None) -> Message:
    """A message whose one item holds this."""
    return Message(HEADER_OF_THEM, (Replace((Item(meta=meta, data=data),), 1),))


@pytest.mark.parametrize("name", GOLDEN)
def test_every_golden_message_is_plain_unless_it_nests(name: str):
    body = encode(GOLDEN[name].message, WBXML)
    read = wbxml_direct.read(body)
    assert read is None if GOLDEN[name].nests else read == carefully(body)


@pytest.mark.parametrize(
    "header", ["02 A4 01 6A 00", "03 A4 01 6A 00", f"02 00 00 6A 1D {FPI.hex()}"]
)
def test_the_headers_of_nearly_all_peers_are_plain(header: str):
    message = GOLDEN["package1-md5"].message
    body = bytes.fromhex(header) + encode(message, WBXML)[len(HEADER) :]
    assert wbxml_direct.read(body) == message


@pytest.mark.parametrize("length", [0, 1, 127, 128, 300, 16_000])
def test_opaque_data_of_any_length(length: int):
    message = with_data(b"\xff" * length, Meta("bin"))
    assert wbxml_direct.read(encode(message, WBXML)) == message


def test_opaque_text_is_text():
    message = with_data(b"raw")
    body = encode(message, WBXML).replace(b"bin", b"chr")
    assert wbxml_direct.read(body) == with_data("raw", Meta("chr"))


def test_containers_of_plain_commands_are_plain():
    inner = (Replace((Item(data="x"),), 2), Replace((), 3))
    message = Message(HEADER_OF_THEM, (Sequence(inner, 1), Atomic(inner, 4)), final=True)
    assert wbxml_direct.read(encode(message, WBXML)) == message


LEFT = {
    "text as opaque": HEADER + Assembler(opaque).body(encode(GOLDEN["abort"].message, XML)),
    "an element that we do not know": encode(Message(HEADER_OF_THEM, (Unknown("Put", 1),)), WBXML),
    "another header": b"\0" + encode(GOLDEN["abort"].message, WBXML)[1:],
    "two headers": encode(GOLDEN["abort"].message, WBXML).replace(b"\x01\x6b", b"\x01\x6c\1\x6b"),
    "no body": HEADER + bytes.fromhex("6D 6C 65 03 31 00 01 5B 03 31 00 01 01 01"),
    "no session": encode(GOLDEN["abort"].message, WBXML).replace(b"\x65\x035F\0\1", b""),
    "a large body": encode(with_data(b"a" * PLAIN_BYTES_MAX), WBXML),
    "large opaque data": encode(with_data(b"a"), WBXML).replace(b"\xc3\1a", b"\xc3\x80\x80\1a"),
    "a word for a number": encode(GOLDEN["abort"].message, WBXML).replace(b"1223", b"ten "),
    "text that is not UTF-8": encode(GOLDEN["abort"].message, WBXML).replace(b"5F", b"5\xff"),
    "a page that is none": HEADER + bytes.fromhex("6D 00 07"),
}


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_what_is_not_plain_is_left_to_the_careful_way(body: bytes):
    assert wbxml_direct.read(body) is None


@pytest.mark.parametrize("name", WBXML_BODIES)
def test_it_reads_nothing_that_is_refused(name: str):
    assert wbxml_direct.read(WBXML_BODIES[name][0]()) is None


@given(messages(raw=True))
def test_both_ways_give_the_same_for_any_message(message: Message):
    body = encode(message, WBXML)
    assert wbxml_direct.read(body) in (None, carefully(body))


@given(
    st.sampled_from(sorted(GOLDEN)),
    st.lists(
        st.tuples(st.integers(0, 2000), st.sampled_from("=+-"), st.binary(min_size=1, max_size=3)),
        min_size=1,
        max_size=3,
    ),
)
def test_both_ways_give_the_same_for_broken_messages(
    name: str, changes: list[tuple[int, str, bytes]]
):
    body = encode(GOLDEN[name].message, WBXML)
    for place, how, piece in changes:
        at = place % len(body)
        cut = at if how == "+" else at + len(piece)
        body = body[:at] + (b"" if how == "-" else piece) + body[cut:]
    assert wbxml_direct.read(body) in (None, carefully(body))
