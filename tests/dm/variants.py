"""Every way to write WBXML that the field knows, one by one: a row for each.

Each alternative in a row is a vector of its own, under the row's words. It reads as a message, or
is refused for a reason. The bytes are made by hand (`assembler`), not by our writer.
"""

from base64 import b64encode

from msgspec import Struct
from msgspec.structs import replace

from fumo.dm import XML, Message, encode
from fumo.dm.message import Add, Chal, Exec, Get, Header, Item, Location, Meta, Replace, Status
from fumo.dm.tnds import TndsNode, TndsTree, encode_tnds
from tests.dm.assembler import (
    FPI,
    HEADER,
    Assembler,
    Table,
    entities,
    inline,
    number,
    opaque,
)
from tests.dm.golden import GOLDEN

TNDS_XML = "application/vnd.syncml.dmtnds+xml"
TNDS_WBXML = "application/vnd.syncml.dmtnds+wbxml"
EITHER = {"xml": Meta("xml", TNDS_WBXML), "bin": Meta("bin", TNDS_WBXML)}
ALERT = GOLDEN["alert-failure"].message
NONCE = bytes(range(200, 216))
TREE = TndsTree((TndsNode("A", format="node", children=(TndsNode("B", format="chr", value="x"),)),))


class Variant(Struct, frozen=True):
    """One way to write a message: what it reads as, or what the refusal says."""

    row: str
    what: str
    body: bytes
    reads: Message | None = None
    says: str = ""


def by_hand(message: Message, header: str = HEADER.hex(), **how: object) -> bytes:
    """The message, written by hand."""
    return bytes.fromhex(header) + Assembler(**how).body(encode(message, XML))


def same(row: str, what: str, header: str = HEADER.hex(), **how: object) -> Variant:
    """The alert written in this way is the alert."""
    return Variant(row, what, by_hand(ALERT, header, **how), ALERT)


def holding(data: str | bytes | None, meta: Meta | None = None, command: type = Add) -> Message:
    """A message with one item."""
    header = Header("1", 1, Location("a"), Location("b"))
    items = (Item(Location("./A"), meta=meta, data=data),)
    return Message(header, (command(items, 1),), final=True)


def with_piece(message: Message, piece: bytes) -> bytes:
    """The message with this in the place of its only text `PIECE`."""
    return by_hand(message).replace(inline("PIECE"), piece)


def with_table() -> bytes:
    """All text from the string table."""
    table = Table()
    body = Assembler(table.text).body(encode(ALERT, XML))
    return bytes.fromhex("02 A4 01 6A") + number(len(table.strings)) + table.strings + body


def table_of(fpi: bytes) -> str:
    """A header whose table holds the public identifier alone."""
    return f"02 00 00 6A {number(len(fpi)).hex()} {fpi.hex()}"


def nested(depth: int) -> bytes:
    """So many tags within each other."""
    return HEADER + bytes.fromhex("6D 6C 65 03 31 00 01 5B 03 31 00 01 01 6B") + b"\x54" * depth


def challenge(nonce: str) -> Message:
    """A challenge with this nonce."""
    status = Status(1, 0, "SyncHdr", 401, 1, chal=Chal(Meta("b64", next_nonce=nonce)))
    return replace(holding(None), commands=(status,))


def embedded(piece: bytes, meta: Meta) -> bytes:
    """An Add with this as its data."""
    return with_piece(holding("PIECE", meta), piece)


DOCUMENT = encode_tnds(TREE, TNDS_WBXML)
DOCUMENT_XML = encode_tnds(TREE, TNDS_XML).decode()
PLAIN_TREE = DOCUMENT[DOCUMENT.index(b"\0\x02") :]
"""The document without its header, from the switch to its code page on."""
GARBAGE = b"\0\0garbage\x01"
NOKIA = bytes.fromhex("02 A4 01 6A 06") + b"xmlns\0"
NOKIA_ROOT = bytes.fromhex("ED 04 00 03") + b"SYNCML:SYNCML1.2\0\x01"
OPAQUE_OVER = b"\xc3\xff\xff\x7f" + b"x"

VARIANTS = (
    same("pubid 0x1201, no strtbl", "as most write it"),
    same("string-table FPI with NUL", "1E bytes", table_of(FPI + b"\0")),
    same("string-table FPI without NUL (AOSP)", "1D bytes", table_of(FPI)),
    same("pubid 0x01 unknown / FPI of OMA", "unknown", "02 01 6A 00"),
    same(
        "pubid 0x01 unknown / FPI of OMA",
        "-//OMA//DTD SyncML 1.2//EN",
        table_of(b"-//OMA//DTD SyncML 1.2//EN"),
    ),
    same("pubid 1.1/1.0 with 1.2 tags", "1.1", "02 9F 53 6A 00"),
    same("pubid 1.1/1.0 with 1.2 tags", "1.0", "02 9F 51 6A 00"),
    same("WBXML version byte 0,2,3; charset 03", "version 1.0", "00 A4 01 6A 00"),
    same("WBXML version byte 0,2,3; charset 03", "version 1.2", "02 A4 01 6A 00"),
    same("WBXML version byte 0,2,3; charset 03", "version 1.3", "03 A4 01 6A 00"),
    same("WBXML version byte 0,2,3; charset 03", "charset US-ASCII", "02 A4 01 03 00"),
    same("charset 00", "unknown, which is UTF-8", "02 A4 01 00 00"),
    same("all text as OPAQUE", "every text", text=opaque),
    Variant(
        "OPAQUE binary in Data",
        "with NUL and bytes that are no text",
        embedded(b"\xc3\x04\x00\xff\x01\x00", Meta("bin")),
        holding(b"\x00\xff\x01\x00", Meta("bin")),
    ),
    Variant(
        "OPAQUE in NextNonce",
        "its bytes, as base64",
        with_piece(challenge("PIECE"), b"\xc3\x10" + NONCE),
        challenge(b64encode(NONCE).decode()),
    ),
    Variant("STR_T content; …", "STR_T content", with_table(), ALERT),
    same("STR_T content; …", "redundant page switch", eager=True),
    Variant("STR_T content; …", "52 01 for empty Final", by_hand(ALERT, empty="content"), ALERT),
    Variant("STR_T content; …", "trailing garbage", by_hand(ALERT) + GARBAGE, ALERT),
    Variant("STR_T content; …", "empty 0F", by_hand(holding("")), holding("")),
    Variant(
        "ENTITY in Data",
        "the euro sign",
        with_piece(holding("PIECE", command=Get), entities("€")),
        holding("€", command=Get),
    ),
    Variant(
        "ENTITY in Data",
        "among text",
        with_piece(holding("PIECE"), inline("5 ") + entities("€") + inline(".")),
        holding("5 €."),
    ),
    Variant(
        "Nokia xmlns attribute on root",
        "ED 04 xx 03 SYNCML:SYNCML1.2 00 01",
        NOKIA + NOKIA_ROOT + by_hand(ALERT)[len(HEADER) + 1 :],
        ALERT,
    ),
    *(
        Variant(
            "TNDS as OPAQUE sub-document, Type dmtnds+wbxml",
            f"Format {format_}",
            embedded(b"\xc3" + number(len(DOCUMENT)) + DOCUMENT, meta),
            holding(DOCUMENT, meta),
        )
        for format_, meta in EITHER.items()
    ),
    Variant(
        "TNDS inline via page 2 in same doc",
        "elements in Data",
        embedded(PLAIN_TREE + b"\0\0", Meta("xml", TNDS_WBXML)),
        holding(DOCUMENT_XML, Meta("xml", TNDS_XML)),
    ),
    Variant(
        "unknown token 3F",
        "with content",
        by_hand(ALERT).replace(b"\x6b", b"\x6b\x7f\x01", 1),
        says="the unknown token 0x7F on code page 0",
    ),
    Variant(
        "unknown token 3F",
        "without content",
        by_hand(ALERT).replace(b"\x6b", b"\x6b\x3f", 1),
        says="the unknown token 0x3F on code page 0",
    ),
    Variant(
        "opaque length overflow / truncated",
        "a length beyond the end",
        embedded(OPAQUE_OVER, Meta("bin")),
        says="opaque data of 2097151 bytes where",
    ),
    Variant(
        "opaque length overflow / truncated",
        "a length of more than 32 bits",
        embedded(b"\xc3\xff\xff\xff\xff\x7f", Meta("bin")),
        says="a number of more than 32 bits",
    ),
    Variant(
        "opaque length overflow / truncated",
        "cut off",
        by_hand(ALERT)[:-20],
        says="the message is cut off",
    ),
    Variant("200,000 nested tags", "200,000", nested(200_000), says="more than 64 deep"),
    Variant("200,000 nested tags", "20,000", nested(20_000), says="more than 64 deep"),
    Variant("200,000 nested tags", "100", nested(100), says="more than 64 deep"),
    *(
        Variant(
            "Data inside Add/Replace is always written as OPAQUE",
            command.__name__,
            with_piece(holding("PIECE", Meta("chr"), command), opaque("two\r\nlines")),
            holding("two\r\nlines", Meta("chr"), command),
        )
        for command in (Add, Replace)
    ),
    *(
        Variant(
            "Data in Exec/Get/… stays STR_I",
            command.__name__,
            with_piece(holding("PIECE", command=command), inline("two\nlines")),
            holding("two\nlines", command=command),
        )
        for command in (Exec, Get)
    ),
    Variant(
        "TNDS in CDATA: Type rewritten, body left XML",
        "OPAQUE",
        embedded(opaque(DOCUMENT_XML), Meta("xml", TNDS_WBXML)),
        holding(DOCUMENT_XML, Meta("xml", TNDS_WBXML)),
    ),
    Variant(
        "Format bin + base64 text is not turned to raw bytes",
        "STR_I",
        embedded(inline("AP8="), Meta("bin")),
        holding("AP8=", Meta("bin")),
    ),
)
