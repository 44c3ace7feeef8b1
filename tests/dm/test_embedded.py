"""Documents inside messages: as elements, as text, as opaque data, and between the two forms.

What libwbxml and tshark make of trees (TNDS) are vectors here, each with its outcome.
"""

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from fumo.dm import WBXML, XML, Message, decode, encode
from fumo.dm.ddf import Ddf, DdfNode, decode_ddf, encode_ddf
from fumo.dm.documents import DDF_WBXML, DDF_XML, TNDS_WBXML, TNDS_XML
from fumo.dm.message import Add, Header, Item, Location, Meta
from fumo.dm.tnds import TndsNode, TndsTree, decode_tnds, encode_tnds
from fumo.errors import DecodeError
from tests.dm.assembler import number
from tests.dm.document_golden import MAIL
from tests.dm.document_strategies import trees

IN_XML = encode_tnds(MAIL, TNDS_XML).decode()
IN_WBXML = encode_tnds(MAIL, TNDS_WBXML)
PLACE = "PLACE"
FORMS = (XML, WBXML)


def message(item: Item, meta: Meta | None = None) -> Message:
    """A message that adds one Item."""
    header = Header("1", 1, Location("./device"), Location("server"))
    return Message(header, (Add((item,), 1, meta),), final=True)


def with_document(data: str | bytes | None, type_: str | None, format_: str | None = "xml") -> Item:
    """An Item with a document."""
    return Item(Location("./A"), meta=Meta(format_, type_), data=data)


def read(body: bytes, form: str) -> Item:
    """The one Item in a message."""
    return decode(body, form).commands[0].items[0]


def in_xml(data: str, type_: str = TNDS_XML, format_: str = "xml") -> Item:
    """What is read of an XML message with this inside its Data."""
    body = encode(message(with_document(PLACE, type_, format_)), XML)
    return read(body.replace(PLACE.encode(), data.encode()), XML)


def in_wbxml(data: bytes, type_: str = TNDS_WBXML, format_: str = "xml") -> Item:
    """What is read of a WBXML message with this inside its Data."""
    body = encode(message(with_document(PLACE, type_, format_)), WBXML)
    return read(body.replace(b"\x03PLACE\0", data), WBXML)


def opaque(data: bytes) -> bytes:
    """Data as OPAQUE."""
    return b"\xc3" + number(len(data)) + data


def on_page_2(document: bytes) -> bytes:
    """A document without its header, inside the code pages of a message."""
    return document[5 + document[4] :] + b"\x00\x00"


# --- the vectors of 6.3 -----------------------------------------------------------------------

OPAQUES = {
    "Format xml": opaque(IN_WBXML),
    "its identifier with NUL": opaque(IN_WBXML.replace(b"j\x1b-", b"j\x1b-")),
    "its identifier without NUL": opaque(
        IN_WBXML.replace(b"j\x1b-", b"j\x1a-").replace(b"N\0", b"N")
    ),
    "XML in it, whatever its Type says": opaque(IN_XML.encode()),
    "base64 in it": opaque(b64encode(IN_WBXML)),
}


@pytest.mark.clause("R3-14", "C-WBX-02", "T6-06")
@pytest.mark.parametrize("format_", ["xml", "bin", "b64"])
@pytest.mark.parametrize("data", OPAQUES.values(), ids=OPAQUES)
def test_a_tree_as_an_opaque_document_of_any_format(data: bytes, format_: str):
    item = in_wbxml(data, TNDS_WBXML, format_)
    assert decode_tnds(item.data, item.meta.type) == MAIL


@pytest.mark.clause("R3-14", "C-WBX-02")
def test_a_tree_stays_bytes_also_when_the_command_names_its_type():
    meta = Meta("xml", TNDS_WBXML)
    body = encode(message(Item(Location("./A"), data=PLACE), meta), WBXML)
    ascii_only = encode_tnds(TndsTree((TndsNode("A"),)), TNDS_WBXML)
    item = read(body.replace(b"\x03PLACE\0", opaque(ascii_only)), WBXML)
    assert item.data == ascii_only


@pytest.mark.clause("R3-15", "C-WBX-02", "R2-02")
@pytest.mark.parametrize("type_", [TNDS_XML, TNDS_WBXML])
def test_a_tree_on_page_2_of_the_message_itself(type_: str):
    item = in_wbxml(on_page_2(IN_WBXML), type_)
    assert item.data == IN_XML
    assert decode_tnds(item.data, item.meta.type) == MAIL


@pytest.mark.clause("R3-15")
def test_opaque_text_and_bytes_on_page_2_are_told_apart_by_their_format():
    tree = TndsTree((TndsNode("A", format="bin", value=b"\xff"), TndsNode("B", value="x")))
    document = encode_tnds(tree, TNDS_WBXML).replace(b"\x03x\0", opaque(b"x"))
    assert decode_tnds(in_wbxml(on_page_2(document)).data) == tree


INLINE = {
    "an element": IN_XML,
    "an element without a namespace": IN_XML.replace(' xmlns="syncml:dmddf1.2"', ""),
    "an element among blanks": f"\n  {IN_XML}\n  ",
    "CDATA": f"<![CDATA[{IN_XML}]]>",
    "CDATA with a declaration": f'<![CDATA[<?xml version="1.0"?>\n{IN_XML}]]>',
    "escaped text": IN_XML.replace("&", "&amp;").replace("<", "&lt;"),
    "base64 of WBXML": b64encode(IN_WBXML).decode(),
    "base64 of WBXML in lines": b64encode(IN_WBXML).decode().replace("A", "A\n", 3),
}


@pytest.mark.clause("C-WBX-02", "T6-02")
@pytest.mark.parametrize("type_", [TNDS_XML, TNDS_WBXML])
@pytest.mark.parametrize("data", INLINE.values(), ids=INLINE)
def test_a_tree_in_an_xml_message(data: str, type_: str):
    item = in_xml(data, type_)
    assert decode_tnds(item.data, item.meta.type) == MAIL


@pytest.mark.clause("T7-01")
@pytest.mark.parametrize("form", FORMS)
def test_a_description_in_a_message(form: str):
    ddf = Ddf((DdfNode("A", format="bin", value=b"\xff", access=("Get",)),))
    item = with_document(encode_ddf(ddf, DDF_XML).decode(), DDF_XML)
    sent = read(encode(message(item), form), form)
    assert sent.meta.type == (DDF_XML if form == XML else DDF_WBXML)
    assert decode_ddf(sent.data, sent.meta.type) == ddf


# --- written in the form of the message -------------------------------------------------------


@pytest.mark.clause("T6-06")
@pytest.mark.parametrize("type_", [TNDS_XML, TNDS_WBXML])
@pytest.mark.parametrize(
    "data",
    [IN_XML, IN_XML.encode(), IN_WBXML, b64encode(IN_WBXML).decode()],
    ids=["text", "XML as bytes", "WBXML", "base64"],
)
def test_whatever_a_document_was_it_goes_in_the_form_of_its_message(data: str | bytes, type_: str):
    item = with_document(data, type_, "bin")
    as_xml = read(encode(message(item), XML), XML)
    assert (as_xml.meta, as_xml.data) == (Meta("xml", TNDS_XML), IN_XML)
    as_wbxml = read(encode(message(item), WBXML), WBXML)
    assert (as_wbxml.meta, as_wbxml.data) == (Meta("xml", TNDS_WBXML), IN_WBXML)


@pytest.mark.clause("T6-06")
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(trees)
def test_any_tree_arrives_in_either_form_whichever_it_was_given_in(tree: TndsTree):
    text = encode_tnds(tree, TNDS_XML).decode()
    for given_as in (text, encode_tnds(tree, TNDS_WBXML)):
        for form in FORMS:
            item = read(encode(message(with_document(given_as, TNDS_XML)), form), form)
            assert decode_tnds(item.data, item.meta.type) == tree


AS_THEY_ARE = {
    "no document": with_document("x", TNDS_XML),
    "an empty one": with_document("", TNDS_XML),
    "none at all": with_document(None, TNDS_XML),
    "elements that WBXML has no token for": with_document("<MgmtTree><X/></MgmtTree>", TNDS_WBXML),
    "a part": Item(meta=Meta("xml", TNDS_XML), data=IN_XML[:90], more_data=True),
    "another type": with_document(IN_XML, "text/xml"),
    "no type": with_document(IN_XML, None),
    "bytes that begin like WBXML": Item(meta=Meta("bin", "image/x+y"), data=b"\x00\xff"),
    "no format": with_document("x", TNDS_XML, None),
}


@pytest.mark.parametrize("item", AS_THEY_ARE.values(), ids=AS_THEY_ARE)
def test_what_cannot_be_turned_goes_as_it_is(item: Item):
    assert read(encode(message(item), WBXML), WBXML) == item


def test_the_first_part_of_a_document_is_no_document():
    part = AS_THEY_ARE["a part"]
    assert read(encode(message(part), XML), XML) == part


@pytest.mark.parametrize("data", [IN_WBXML[:50], b"\xff"])
def test_bytes_that_are_no_document_go_as_bytes_go(data: bytes):
    item = with_document(data, TNDS_WBXML)
    assert read(encode(message(item), XML), XML).data == b64encode(data).decode()
    assert read(encode(message(item), WBXML), WBXML).data == data


def test_what_wbxml_alone_can_carry_goes_in_xml_as_base64():
    tree = TndsTree((TndsNode("A", value="\x01"),))
    item = with_document(encode_tnds(tree, TNDS_WBXML), TNDS_WBXML)
    sent = read(encode(message(item), XML), XML)
    assert sent.meta == Meta("b64", TNDS_WBXML)
    assert decode_tnds(sent.data, sent.meta.type) == tree


# --- refused ----------------------------------------------------------------------------------

DEVINF = '<DevInf xmlns="syncml:devinf"><VerDTD>1.2</VerDTD></DevInf>'
Read = Callable[[], Item]
REFUSED: dict[str, tuple[Read, str]] = {
    "another document": (lambda: in_xml(DEVINF), "(DevInf) that is no tree and no description"),
    "two documents": (lambda: in_xml(IN_XML + IN_XML), "(MgmtTree) that is no tree"),
    "bin that is not base64": (
        lambda: in_xml(IN_XML.replace("AA==", "!").replace("ABEi", "!")),
        "not base64",
    ),
    "a character that XML has not": (
        lambda: in_wbxml(on_page_2(IN_WBXML.replace(b"mail.", b"mai\x01."))),
        "XML cannot carry this text",
    ),
    "an unknown token on page 2": (lambda: in_wbxml(b"\0\x02\x60\x3f\x01\0\0"), "token 0x3F"),
}


@pytest.mark.clause("T6-07", "C-WBX-02")
@pytest.mark.parametrize(("attempt", "says"), REFUSED.values(), ids=REFUSED)
def test_a_document_that_a_message_cannot_hold_is_refused_with_its_place(attempt: Read, says: str):
    with pytest.raises(DecodeError) as fault:
        attempt()
    assert says in str(fault.value)


# --- strangers --------------------------------------------------------------------------------

stranger = pytest.mark.skipif(
    not (shutil.which("xml2wbxml") and shutil.which("wbxml2xml")),
    reason="needs libwbxml2-utils (Debian)",
)
NO_RAW = TndsTree((TndsNode("A", format="node", type="", children=(TndsNode("L", value="x"),)),))


def run(program: str, body: bytes) -> bytes:
    """What a program of libwbxml makes of a body."""
    words = [program, "-o", "-", "-"]
    done = subprocess.run(words, input=body, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


@stranger
@pytest.mark.clause("R3-14", "C-WBX-02")
@pytest.mark.parametrize("format_", ["xml", "bin"])
def test_a_stranger_reads_our_document_as_elements_and_we_read_those(format_: str):
    item = with_document(encode_tnds(NO_RAW, TNDS_WBXML), TNDS_WBXML, format_)
    found = read(run("wbxml2xml", encode(message(item), WBXML)), XML)
    assert (found.meta.type, decode_tnds(found.data, found.meta.type)) == (TNDS_XML, NO_RAW)


@stranger
@pytest.mark.clause("R3-14", "C-WBX-02")
@pytest.mark.parametrize("how", ["an element", "escaped text"])
def test_we_read_what_a_stranger_makes_of_our_xml(how: str):
    """It makes an opaque document of an element; text stays as it is, under a Type that lies."""
    item = with_document(PLACE, TNDS_XML)
    body = encode(message(item), XML).replace(PLACE.encode(), INLINE[how].encode())
    found = read(run("xml2wbxml", body), WBXML)
    assert found.meta.type == TNDS_WBXML
    assert isinstance(found.data, bytes if how == "an element" else str)
    assert decode_tnds(found.data, found.meta.type) == MAIL
