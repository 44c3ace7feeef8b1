"""What the elements of an embedded document hold: words, numbers, values. Pure.

Elements are known by their local names, as in messages. Whatever an element holds that it should
not is a DecodeError.
"""

import binascii
from base64 import b64decode
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element, SubElement

from fumo.dm.bounds import DIGITS_MAX
from fumo.dm.shown import shown
from fumo.errors import DecodeError, MisuseError

BINARY = "bin"
FORMATS = ("b64", "bin", "bool", "chr", "date", "float", "int", "node", "null", "time", "xml")
"""What a node may hold (DM TND 7.7.3)."""
BLANKS = " \t\r\n"


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def child(element: Element, name: str) -> Element | None:
    """The first child of this name."""
    return next((each for each in element if local(each) == name), None)


def child_or_empty(element: Element, name: str) -> Element:
    """The first child of this name, or an element that holds nothing."""
    found = child(element, name)
    return Element(name) if found is None else found


def children(element: Element, name: str) -> Iterator[Element]:
    """All children of this name."""
    return (each for each in element if local(each) == name)


def text(element: Element, name: str) -> str | None:
    """The text of a child, blanks around it aside; None when there is no such child."""
    found = child(element, name)
    return None if found is None else text_of(found).strip(BLANKS)


def word(element: Element, name: str) -> str | None:
    """A word that is a child's only child, as in `<Format><chr/></Format>`, or its text."""
    found = child(element, name)
    if found is None:
        return None
    return local(found[0]) if len(found) else text_of(found).strip(BLANKS)


def number(element: Element, name: str, most: int) -> int | None:
    """A natural number in a child."""
    said = text(element, name)
    if said is None:
        return None
    plain = said.isascii() and said.isdigit() and len(said) <= DIGITS_MAX
    if not plain or int(said) > most:
        raise DecodeError(f"'{shown(said)}' is no number up to {most}", name)
    return int(said)


def exact(element: Element, name: str) -> str | None:
    """The text of a child in which every character counts."""
    found = child(element, name)
    return None if found is None else text_of(found)


def format_of(node: Element) -> str | None:
    """The Format among a Node's properties."""
    return one_of(child_or_empty(node, "RTProperties"), "Format", FORMATS)


def one_of(element: Element, name: str, words: Collection[str]) -> str | None:
    """One of these words in a child; None when there is none."""
    said = word(element, name) or None
    if said is not None and said not in words:
        raise DecodeError(f"the {name} {shown(said)}", name)
    return said


def value(node: Element, format_: str | None) -> str | bytes | None:
    """A Node's Value: bytes where the Format is bin, which XML writes in base64 (DM TND 7.7)."""
    found = child(node, "Value")
    if found is None:
        return None
    if format_ != BINARY:
        return text_of(found)
    held: object = found.text or ""
    raw = held if isinstance(held, bytes) else from_base64(str(held).encode())
    if raw is None:
        raise DecodeError("a Value of Format bin that is not base64", "Value")
    return raw


def text_of(element: Element) -> str:
    """The text of an element that holds no elements."""
    if len(element):
        raise DecodeError(f"an element ({shown(local(element[0]))}) where text belongs")
    held: object = element.text or ""
    if not isinstance(held, bytes):
        return str(held)
    try:
        return held.decode()
    except UnicodeDecodeError:
        raise DecodeError("raw bytes where text belongs", local(element)) from None


def from_base64(data: bytes) -> bytes | None:
    """The bytes that this is base64 of, blanks in it aside; None when it is not base64."""
    try:
        return b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return None


def add(parent: Element, name: str, text: str | None) -> None:
    """Write a child with this text, if there is one."""
    if text is not None:
        SubElement(parent, name).text = text


def add_word(parent: Element, name: str, word: str | None, words: Collection[str]) -> None:
    """Write a child that holds one of these words as its only child, if there is one."""
    if word is None:
        return
    if word not in words:
        raise MisuseError(f"{word!r} is no {name}")
    SubElement(SubElement(parent, name), word)


def add_value(node: Element, value: str | bytes, format_: str | None) -> None:
    """Write a Node's Value: bytes for Format bin and for no other."""
    if isinstance(value, str) and format_ == BINARY:
        value = value.encode()
    if isinstance(value, bytes) and format_ != BINARY:
        raise MisuseError(f"raw bytes in a Value of Format {format_}")
    SubElement(node, "Value").text = value  # type: ignore[assignment]  # bytes until written
