"""Bodies made to hurt, by name. Run as a program it decodes them all and tells what that cost.

Each must end in DecodeError, for the reason that stands beside it. The program prints as JSON the
memory that came on top of an idle process, and the slowest body.
"""

import json
import resource
import time
from collections.abc import Callable
from contextlib import suppress

from fumo.dm import WBXML, XML, decode
from fumo.dm.bounds import BODY_BYTES_MAX
from fumo.errors import DecodeError

MIB = 1 << 20
START = "<SyncML><SyncHdr><SessionID>1</SessionID><MsgID>1</MsgID></SyncHdr><SyncBody>"
END = "</SyncBody></SyncML>"
WBXML_HEADER = bytes.fromhex("02 A4 01 6A 00")
WBXML_TOP = bytes.fromhex("6D 6C 65 03 31 00 01 5B 03 31 00 01 01 6B")
WBXML_START = WBXML_HEADER + WBXML_TOP
LONG = "a" * 50_000
OF_ITS_OWN = "declarations of its own"
TOO_DEEP = "more than 64 deep"
TOO_MANY = "more than 20000 elements"
Maker = Callable[[], bytes]


def full(piece: str, start: str = START, end: str = END) -> bytes:
    """As much of a piece as fits into a body."""
    times = (BODY_BYTES_MAX - len(start) - len(end)) // len(piece.encode())
    return (start + piece * times + end).encode()


def nested(name: str, depth: int) -> Maker:
    """Elements of one name within each other, properly closed."""
    return lambda: (START + f"<{name}>" * depth + f"</{name}>" * depth + END).encode()


def many_tokens(piece: bytes, start: bytes = b"") -> bytes:
    """As much of a piece as fits into a body of WBXML."""
    start = WBXML_START + start
    return start + piece * ((BODY_BYTES_MAX - len(start)) // len(piece))


def numbered(pieces: int, piece: str, start: str, end: str) -> bytes:
    """Pieces, each with its own number."""
    return (start + "".join(piece.replace("%", str(n)) for n in range(pieces)) + end).encode()


def laughs() -> bytes:
    """A billion laughs."""
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE SyncML [<!ENTITY l0 "lol">{lines}]><SyncML>&l9;</SyncML>'.encode()


def table_bomb(names: int = 80_000) -> bytes:
    """One long string of the table, named so often."""
    header = bytes.fromhex("02 A4 01 6A A0 80 00") + b"a" * (MIB // 2)
    return header + WBXML_TOP + b"\x5f\x4f\x83\x00\x01\x01" * names + b"\x01\x01"


XML_BODIES: dict[str, tuple[Maker, str]] = {
    "nothing": (lambda: b"", "empty body"),
    "blanks": (lambda: b" \n" * 1000, "no element found"),
    "no XML": (lambda: b"hello", "syntax error"),
    "another language": (lambda: b'{"SyncML": {}}', "not well-formed"),
    "cut off": (lambda: START.encode(), "no element found"),
    "wrongly nested": (lambda: b"<SyncML><SyncHdr></SyncML></SyncHdr>", "mismatched tag"),
    "wrongly nested, under a DOCTYPE": (
        lambda: b'<!DOCTYPE S SYSTEM "x"><S><T></S></T>',
        "mismatched tag",
    ),
    "two roots": (lambda: b"<SyncML/><SyncML/>", "junk after document element"),
    "bytes that are no text": (lambda: b"<SyncML>\xff\xfe</SyncML>", "not well-formed"),
    "half a UTF-16": (lambda: "<SyncML/>".encode("utf-16")[:-1], "not utf-16"),
    "an encoding of its own": (
        lambda: b'<?xml version="1.0" encoding="punycode"?><SyncML/>',
        "encoding punycode",
    ),
    "an undeclared entity": (lambda: b"<SyncML>&foo;</SyncML>", "undefined entity"),
    "an undeclared entity under a DOCTYPE": (
        lambda: b'<!DOCTYPE S SYSTEM "x"><SyncML>&a;</SyncML>',
        "undeclared entity a",
    ),
    "a declared entity": (
        lambda: b'<!DOCTYPE S [<!ENTITY a "b">]><SyncML>&a;</SyncML>',
        OF_ITS_OWN,
    ),
    "an empty inner subset": (lambda: b"<!DOCTYPE SyncML []><SyncML/>", OF_ITS_OWN),
    "an entity from a file": (
        lambda: b'<!DOCTYPE S [<!ENTITY a SYSTEM "file:///etc/passwd">]><SyncML>&a;</SyncML>',
        OF_ITS_OWN,
    ),
    "a parameter entity": (
        lambda: b'<!DOCTYPE S [<!ENTITY % a SYSTEM "http://a/">%a;]><SyncML/>',
        OF_ITS_OWN,
    ),
    "default attributes": (lambda: b"<!DOCTYPE S [<!ATTLIST S a CDATA 'b'>]><S/>", OF_ITS_OWN),
    "a billion laughs": (laughs, OF_ITS_OWN),
    "quadratic growth": (
        lambda: f'<!DOCTYPE S [<!ENTITY a "{LONG}">]><S>{"&a;" * 50_000}</S>'.encode(),
        OF_ITS_OWN,
    ),
    "200,000 deep": (lambda: b"<SyncML>" + b"<a>" * 200_000, TOO_DEEP),
    "deep in an unknown element, small": (nested("a", 2000), TOO_DEEP),
    "a little too deep in an unknown element": (nested("a", 70), TOO_DEEP),
    "deep in Atomics, small": (nested("Atomic", 500), TOO_DEEP),
    "deep in Atomics, large": (nested("Atomic", 40_000), TOO_DEEP),
    "elements without end": (lambda: full("<a/>"), TOO_MANY),
    "commands without end": (lambda: full("<Get/>"), TOO_MANY),
    "attributes without end": (
        lambda: numbered(60_000, ' a%="%"', "<SyncML", "/>"),
        "more than 16 attributes",
    ),
    "17 attributes": (
        lambda: numbered(17, ' a%="%"', "<SyncML", "/>") + b"<!-- -->",
        "more than 16 attributes",
    ),
    "namespaces without end": (
        lambda: numbered(40_000, ' xmlns:a%="b%"', "<SyncML", "/>"),
        "more than 16 attributes",
    ),
    "one long name": (
        lambda: b"<" + b"a" * (BODY_BYTES_MAX - 3) + b"/>",
        "the root element is aaaa",
    ),
    "one long word for a number": (
        lambda: START.replace("<MsgID>1", "<MsgID>" + LONG).encode() + END.encode(),
        "is not a number",
    ),
    "10 MiB": (lambda: b"<SyncML>" + b"a" * (10 * MIB), "a body of 10485768 bytes"),
}
WBXML_BODIES: dict[str, tuple[Maker, str]] = {
    "nothing": (lambda: b"", "empty body"),
    "one byte": (lambda: b"\x02", "cut off"),
    "XML": (lambda: b"<SyncML/>", "not WBXML of a version"),
    "a version to come": (lambda: bytes.fromhex("04 A4 01 6A 00 2D"), "not WBXML of a version"),
    "another document": (lambda: bytes.fromhex("03 0B 6A 00 45 01"), "public identifier 0xB"),
    "another document, written out": (
        lambda: bytes.fromhex("02 00 00 6A 05") + b"DMDDF" + bytes.fromhex("2D"),
        "public identifier DMDDF",
    ),
    "a name beyond the table": (
        lambda: bytes.fromhex("02 00 07 6A 01 00 2D"),
        "string 7 of a table of 1 bytes",
    ),
    "a charset": (lambda: bytes.fromhex("02 A4 01 04 00 2D"), "charset 4"),
    "a number in six bytes": (
        lambda: bytes.fromhex("02 80 80 80 80 80 01 6A 00"),
        "more than 5 bytes",
    ),
    "a number of 33 bits": (lambda: bytes.fromhex("02 90 80 80 80 00 6A 00"), "more than 32 bits"),
    "a table longer than the message": (
        lambda: bytes.fromhex("02 A4 01 6A 8F FF FF FF 7F 2D"),
        "string table of 4294967295 bytes where 1 are left",
    ),
    "no root": (lambda: bytes.fromhex("02 A4 01 6A 00"), "cut off"),
    "nothing but a root": (lambda: bytes.fromhex("02 A4 01 6A 00 2D"), "no SyncHdr"),
    "an empty root": (lambda: bytes.fromhex("02 A4 01 6A 00 6D 01"), "no SyncHdr"),
    "an END too early": (lambda: bytes.fromhex("02 A4 01 6A 00 01"), "END where no element"),
    "text without an element": (
        lambda: bytes.fromhex("02 A4 01 6A 00 03 41 00"),
        "text before the root",
    ),
    "an unknown token": (lambda: WBXML_START + b"\x3f", "unknown token 0x3F"),
    "a reserved token": (lambda: WBXML_START + b"\x30", "unknown token 0x30"),
    "an unknown page": (lambda: WBXML_START + b"\x00\x07", "code page 7"),
    "a page of documents, cut off": (lambda: WBXML_START + b"\x00\x02", "cut off"),
    "LITERAL": (lambda: WBXML_START + b"\x04\x00", "token LITERAL"),
    "EXT_I": (lambda: WBXML_START + b"\x40a\0", "token EXT_I_0"),
    "EXT_T": (lambda: WBXML_START + b"\x80\x00", "token EXT_T_0"),
    "EXT": (lambda: WBXML_START + b"\xc0", "token EXT_0"),
    "PI": (lambda: WBXML_START + b"\x43\x05\x01", "token PI"),
    "opaque over the rest": (
        lambda: WBXML_START + bytes.fromhex("46 4F C3 8F FF FF FF 7F 00"),
        "opaque data of 4294967295 bytes where 1 are left",
    ),
    "a string without end": (lambda: WBXML_START + b"\x46\x4f\x03abc", "cut off"),
    "a string of no table": (lambda: WBXML_START + b"\x46\x4f\x83\x00\x01", "string 0 of a table"),
    "a string from within a character": (
        lambda: bytes.fromhex("02 A4 01 6A 03 C3 A9 00 6D 6C 65 83 01 01"),
        "not UTF-8",
    ),
    "text that is no text": (lambda: WBXML_START + b"\x46\x4f\x03\xff\0\x01", "not UTF-8"),
    "opaque that is no text": (lambda: WBXML_START + b"\x46\x4f\xc3\x01\xff\x01", "not UTF-8"),
    "half a character by number": (
        lambda: WBXML_START + bytes.fromhex("46 4F 02 83 B0 00 01"),
        "character number 55296",
    ),
    "a character beyond all": (
        lambda: WBXML_START + bytes.fromhex("46 4F 02 8F FF FF FF 7F 01"),
        "character number 4294967295",
    ),
    "200,000 deep": (lambda: WBXML_START + b"\x46" * 200_000, TOO_DEEP),
    "deep in Atomics": (lambda: WBXML_START + b"\x48" * 63 + b"\x01" * 65, TOO_DEEP),
    "empty elements without end": (lambda: many_tokens(b"\x06"), TOO_MANY),
    "leaves without end": (lambda: many_tokens(b"\x46\x4b\x031\0\x01\x01"), TOO_MANY),
    "pieces of text without end": (lambda: many_tokens(b"\x02\x41", b"\x46\x4f"), TOO_MANY),
    "page switches without end": (lambda: many_tokens(b"\x00\x01"), "cut off"),
    "attributes without end": (
        lambda: bytes.fromhex("02 A4 01 6A 02 61 00 ED") + b"\x04\x00" * (MIB // 2 - 9),
        "more than 16 attributes",
    ),
    "text in attributes without end": (
        lambda: b"\x02\xa4\x01\x6a\x00\xed" + b"\x03\0" * 500_000,
        "cut off",
    ),
    "an attribute of a page": (lambda: bytes.fromhex("02 A4 01 6A 00 ED 05 01"), "attribute token"),
    "a bomb in the string table": (table_bomb, "bytes of text"),
    "10 MiB": (lambda: WBXML_START + b"\x06" * (10 * MIB), "a body of 10485"),
}
HEAVY: dict[str, tuple[Maker, str]] = {
    "as many commands as may be": (lambda: (START + "<Get/>" * 19_900 + END).encode(), XML),
    "as many items as may be": (
        lambda: (START + "<Get>" + "<Item/>" * 19_900 + "</Get>" + END).encode(),
        XML,
    ),
    "as much text as may be": (lambda: full("a", START + "<Put>", "</Put>" + END), XML),
    "characters by number": (lambda: full("&#65;", START + "<Put>", "</Put>" + END), XML),
    "comments": (lambda: full("<!---->", START, END), XML),
    "instructions": (lambda: full("<?a?>", START, END), XML),
    "CDATA": (lambda: full("<![CDATA[]]>", START, END), XML),
    "a long namespace, named often": (
        lambda: numbered(15_000, "<a%/>", f'<SyncML xmlns="{"n" * 600_000}">', START[8:] + END),
        XML,
    ),
    "a long namespace in a small body": (
        lambda: numbered(1000, "<a%/>", f'<SyncML xmlns="{"n" * 8000}">', START[8:] + END),
        XML,
    ),
    "as many leaves as may be": (
        lambda: WBXML_START + b"\x13" * 19_900 + b"\x01\x01",
        WBXML,
    ),
    "as much text as may be, of the table": (
        lambda: table_bomb(names=1),
        WBXML,
    ),
}
"""Bodies that are messages still, and as heavy as one may be: they are read."""

BODIES = {
    **{("XML", name): (make, XML, says) for name, (make, says) in XML_BODIES.items()},
    **{("WBXML", name): (make, WBXML, says) for name, (make, says) in WBXML_BODIES.items()},
}


def peak_bytes() -> int:
    """The most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def seconds(body: bytes, form: str) -> float:
    """The processor time that a body takes."""
    start = time.process_time()
    with suppress(DecodeError):
        decode(body, form)
    return time.process_time() - start


def main() -> None:
    """Decode them all."""
    bad = {" ".join(name): (make(), form) for name, (make, form, _) in BODIES.items()}
    heavy = {name: (make(), form) for name, (make, form) in HEAVY.items()}
    idle = peak_bytes()
    slowest = max((seconds(*body), name) for name, body in {**bad, **heavy}.items())
    print(json.dumps({"grown_bytes": peak_bytes() - idle, "slowest": slowest}))


if __name__ == "__main__":
    main()
