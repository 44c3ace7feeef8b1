"""WBXML as the field writes it: every variant reads as the same value (C-WBX)."""

from base64 import b64encode

import pytest
from hypothesis import given

from fumo.dm import WBXML, XML, Message, decode, encode
from fumo.dm.message import Chal, Header, Item, Location, Meta, Replace, Status
from fumo.errors import DecodeError
from tests.dm.assembler import (
    FPI,
    HEADER,
    Assembler,
    Table,
    entities,
    in_pieces,
    inline,
    number,
    opaque,
)
from tests.dm.golden import GOLDEN
from tests.dm.meaning import meaning
from tests.dm.strategies import messages
from tests.dm.variants import VARIANTS, Variant

pytestmark = pytest.mark.clause("C-WBX")
NAMES = [name for name, golden in GOLDEN.items() if golden.in_xml]


def assembled(message: Message, header: bytes = HEADER, **how: object) -> bytes:
    """The message, written by hand."""
    return header + Assembler(**how).body(encode(message, XML))


def with_table(message: Message) -> bytes:
    """The message with all its text in the string table."""
    table = Table()
    body = Assembler(table.text).body(encode(message, XML))
    return bytes.fromhex("02 A4 01 6A") + number(len(table.strings)) + table.strings + body


@pytest.mark.clause(
    "C-WBX-02",
    "R3-01",
    "R3-02",
    "R3-03",
    "R3-04",
    "R3-05",
    "R3-06",
    "R3-07",
    "R3-08",
    "R3-09",
    "R3-10",
    "R3-11",
    "R3-12",
    "R3-13",
    "R3-14",
    "R3-15",
)
@pytest.mark.parametrize(
    "variant",
    [pytest.param(each, id=f"{each.row}: {each.what}") for each in VARIANTS if each.reads],
)
def test_each_way_to_write_reads_as_what_was_meant(variant: Variant):
    assert variant.reads is not None
    assert meaning(decode(variant.body, WBXML)) == meaning(variant.reads)


@pytest.mark.clause("C-WBX-02", "R3-16", "R3-17", "R3-18")
@pytest.mark.parametrize(
    "variant",
    [pytest.param(each, id=f"{each.row}: {each.what}") for each in VARIANTS if not each.reads],
)
def test_each_way_that_no_reader_can_follow_is_refused_with_a_reason(variant: Variant):
    with pytest.raises(DecodeError) as fault:
        decode(variant.body, WBXML)
    assert variant.says
    assert variant.says in str(fault.value)


HEADERS = {
    "public id 1.2": "02 A4 01 6A 00",
    "public id 1.1": "02 9F 53 6A 00",
    "public id 1.0": "02 9F 51 6A 00",
    "public id unknown": "02 01 6A 00",
    "public id in five bytes": "02 80 80 80 A4 01 6A 00",
    "WBXML 1.0": "00 A4 01 6A 00",
    "WBXML 1.1": "01 A4 01 6A 00",
    "WBXML 1.3": "03 A4 01 6A 00",
    "charset US-ASCII": "02 A4 01 03 00",
    "charset unknown": "02 A4 01 00 00",
    "written out with NUL": "02 00 00 6A 1E" + FPI.hex() + "00",
    "written out without NUL": "02 00 00 6A 1D" + FPI.hex(),
    "written out after another string": "03 00 02 6A 20 41 00" + FPI.hex() + "00",
    "written out by OMA": "02 00 00 6A 1B" + b"-//OMA//DTD SyncML 1.2//EN\0".hex(),
    "written out in small letters": "02 00 00 6A 1D" + FPI.lower().hex(),
    "a table nobody uses": "02 A4 01 6A 03 61 62 63",
}


@pytest.mark.clause("R2-04", "R3-01", "R3-02", "R3-03", "R3-04", "R3-05", "R3-06", "R3-07")
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_every_header_of_the_field(header: str):
    message = GOLDEN["package1-md5"].message
    assert decode(assembled(message, bytes.fromhex(header)), WBXML) == message


@pytest.mark.clause("R3-08", "R3-12")
@pytest.mark.parametrize("text", [inline, opaque, entities, in_pieces])
@pytest.mark.parametrize("name", NAMES)
def test_every_way_to_write_text(name: str, text: object):
    message = GOLDEN[name].message
    if text in (opaque, in_pieces):
        message = without_nonce(message)
    assert decode(assembled(message, text=text), WBXML) == message


@pytest.mark.clause("R3-11")
@pytest.mark.parametrize("name", NAMES)
def test_text_from_the_string_table(name: str):
    assert decode(with_table(GOLDEN[name].message), WBXML) == GOLDEN[name].message


@pytest.mark.clause("R3-11")
@pytest.mark.parametrize("how", [{"eager": True}, {"empty": "content"}])
@pytest.mark.parametrize("name", NAMES)
def test_needless_page_switches_and_empty_elements_with_content(name: str, how: dict[str, object]):
    assert decode(assembled(GOLDEN[name].message, **how), WBXML) == GOLDEN[name].message


@given(messages())
def test_all_at_once_for_any_message(message: Message):
    body = assembled(without_nonce(message), text=in_pieces, eager=True, empty="content")
    assert decode(body, WBXML) == without_nonce(message)


@pytest.mark.clause("R3-11")
def test_what_follows_the_end_is_ignored():
    message = GOLDEN["abort"].message
    assert decode(encode(message, WBXML) + b"\0\0garbage\x01", WBXML) == message


@pytest.mark.clause("R3-13")
def test_the_namespace_that_one_maker_writes_as_an_attribute():
    message = GOLDEN["abort"].message
    table = bytes.fromhex("02 A4 01 6A 06") + b"xmlns\0"
    root = bytes.fromhex("ED 04 00 03") + b"SYNCML:SYNCML1.2\0\x01"
    body = encode(message, WBXML)
    assert decode(table + root + body[len(HEADER) + 1 :], WBXML) == message


def test_the_last_string_of_a_table_needs_no_end():
    body = bytes.fromhex("02 A4 01 6A 04") + b"1\0A7" + bytes.fromhex("6D 6C 65 83 02 01 5B 83 00")
    message = decode(body + bytes.fromhex("01 01 6B 12 01 01"), WBXML)
    assert (message.header.session_id, message.header.msg_id, message.final) == ("A7", 1, True)


@pytest.mark.clause("R3-10")
def test_an_opaque_nonce_is_base64_of_its_bytes():
    nonce = bytes(range(240, 256))
    text = encode(message_with(Meta(next_nonce="NONCE")), WBXML)
    body = text.replace(inline("NONCE"), b"\xc3\x10" + nonce)
    assert decode(body, WBXML) == message_with(Meta(next_nonce=b64encode(nonce).decode()))


OPAQUES = {
    "text without a format": (b"text", None, None, "text"),
    "text as chr": (b"text", "chr", None, "text"),
    "text as base64": (b"QUI=", "b64", None, "QUI="),
    "bytes as bin": (b"text", "bin", None, b"text"),
    "bytes as bin of the command": (b"text", None, "bin", b"text"),
    "the item's word counts more": (b"text", "chr", "bin", "text"),
    "bytes that are no text": (b"\xff\xfe", None, None, b"\xff\xfe"),
    "no bytes as bin": (b"", "bin", None, b""),
    "no text": (b"", None, None, ""),
}


@pytest.mark.clause("R3-09")
@pytest.mark.parametrize(("sent", "own", "inherited", "read"), OPAQUES.values(), ids=OPAQUES)
def test_opaque_data_is_bytes_only_where_bytes_are_meant(
    sent: bytes, own: str | None, inherited: str | None, read: str | bytes
):
    item = Item(meta=Meta(own) if own else None, data="DATA")
    message = Message(header(), (Replace((item,), 1, Meta(inherited) if inherited else None),))
    body = encode(message, WBXML).replace(inline("DATA"), b"\xc3" + number(len(sent)) + sent)
    assert decode(body, WBXML).commands[0].items[0].data == read


def header() -> Header:
    """Any header."""
    return Header("1", 1, Location("a"), Location("b"))


def message_with(meta: Meta) -> Message:
    """A message that challenges with this."""
    return Message(header(), (Status(1, 0, "SyncHdr", 401, 1, chal=Chal(meta)),))


def without_nonce(message: Message) -> Message:
    """The message without nonces, whose text as an opaque would be a nonce's bytes."""
    body = encode(message, XML).replace(b"NextNonce", b"Type")
    return decode(body, XML)
