"""Provisioning documents (WAP ProvCont, the CP bootstrap): characteristics with parameters. Pure.

A device is given its first account by one of these (DM Bootstrap 5.2; w7 is DM's application).
What it means is for others to say; here it is only read and written, in XML and in WBXML.
Promise: `decode_prov` gives a Provisioning or raises DecodeError; what `encode_prov` writes in
either form, it reads as the same value. Neither recurses.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from msgspec import Struct

from fumo.dm import prov_wbxml, xml
from fumo.dm.bounds import BODY_BYTES_MAX, DEPTH_MAX
from fumo.dm.document_parts import local
from fumo.dm.documents import is_wbxml
from fumo.dm.prov_tables import CHARACTERISTIC, DOCUMENT, NAME, PARM, TYPE, VALUE, VERSION
from fumo.dm.shown import shown
from fumo.dm.xml_text import quoted
from fumo.errors import DecodeError, MisuseError

PROV_XML = "text/vnd.wap.connectivity-xml"
PROV_WBXML = "application/vnd.wap.connectivity-wbxml"


class Parm(Struct, frozen=True):
    """One parameter; names are written in capitals."""

    name: str
    value: str = ""


class Characteristic(Struct, frozen=True, omit_defaults=True):
    """A group of parameters, and of groups."""

    type: str
    parms: tuple[Parm, ...] = ()
    characteristics: tuple["Characteristic", ...] = ()

    def value(self, name: str) -> str | None:
        """The value of a parameter, whatever the case of its name; the first counts."""
        named = (parm.value for parm in self.parms if parm.name.upper() == name.upper())
        return next(named, None)

    def within(self, type_: str) -> tuple["Characteristic", ...]:
        """The groups of a type right in this one."""
        return tuple(of_type(self.characteristics, type_))


class Provisioning(Struct, frozen=True, omit_defaults=True):
    """A whole document."""

    characteristics: tuple[Characteristic, ...]
    version: str = "1.0"

    def within(self, type_: str) -> tuple[Characteristic, ...]:
        """The groups of a type at the top of the document."""
        return tuple(of_type(self.characteristics, type_))


def of_type(among: tuple[Characteristic, ...], type_: str) -> Iterator[Characteristic]:
    """Those of a type, whatever its case."""
    return (each for each in among if each.type.upper() == type_.upper())


def decode_prov(body: bytes) -> Provisioning:
    """Read a document of either form."""
    if len(body) > BODY_BYTES_MAX:
        raise DecodeError(f"a document of {len(body)} bytes, more than {BODY_BYTES_MAX}")
    root = prov_wbxml.parse(body) if is_wbxml(body) else xml.parse_counted(body)
    if local(root) != DOCUMENT:
        raise DecodeError(f"the root element is {shown(local(root))}, not {DOCUMENT}")
    return Provisioning(_groups(root), root.get(VERSION, "1.0"))


def encode_prov(document: Provisioning, media_type: str) -> bytes:
    """Write a document in the form of this media type."""
    root = _element_of(document)
    if media_type == PROV_WBXML:
        return prov_wbxml.written(root)
    if media_type == PROV_XML:
        return _xml_of(root).encode()
    raise MisuseError(f"the media type {media_type!r} is not a provisioning document's")


# --- reading ----------------------------------------------------------------------------------


def _groups(root: Element) -> tuple[Characteristic, ...]:
    """Backwards the groups in a group come before it, so that nothing needs to recurse."""
    built: dict[Element, Characteristic] = {}
    for element in reversed([each for each in root.iter() if local(each) == CHARACTERISTIC]):
        type_ = element.get(TYPE)
        if not type_:
            raise DecodeError("a characteristic without a type")
        parms = tuple(_parm(each, type_) for each in element if local(each) == PARM)
        inner = tuple(built[each] for each in element if each in built)
        built[element] = Characteristic(type_, parms, inner)
    return tuple(built[each] for each in root if each in built)


def _parm(element: Element, type_: str) -> Parm:
    name = element.get(NAME)
    if not name:
        raise DecodeError("a parm without a name", f"characteristic {shown(type_)}")
    return Parm(name, element.get(VALUE, ""))


# --- writing ----------------------------------------------------------------------------------


def _element_of(document: Provisioning) -> Element:
    root = Element(DOCUMENT, {VERSION: document.version})
    waiting = [(root, group, 2) for group in document.characteristics]
    for parent, group, depth in waiting:  # grows while it is read: siblings stay in order
        if depth >= DEPTH_MAX:
            raise MisuseError(f"characteristics more than {DEPTH_MAX} deep")
        element = SubElement(parent, CHARACTERISTIC, {TYPE: group.type})
        for parm in group.parms:
            SubElement(element, PARM, {NAME: parm.name, VALUE: parm.value})
        waiting += ((element, inner, depth + 1) for inner in group.characteristics)
    return root


def _xml_of(root: Element) -> str:
    parts: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>']
    waiting: list[Element | str] = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            parts.append(each)
            continue
        attributes = "".join(f" {name}={quoted(value)}" for name, value in each.items())
        parts.append(f"<{each.tag}{attributes}{'>' if len(each) else '/>'}")
        waiting += (f"</{each.tag}>", *reversed(each)) if len(each) else ()
    return "".join(parts)
