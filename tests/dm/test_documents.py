"""Trees, descriptions and provisioning documents: one value in both forms, and what is forgiven."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from fumo.dm.bounds import BODY_BYTES_MAX, DEPTH_MAX
from fumo.dm.ddf import Ddf, DdfNode, decode_ddf, encode_ddf
from fumo.dm.document_nodes import NODE_DEPTH_MAX
from fumo.dm.documents import DDF_WBXML, DDF_XML, TNDS_WBXML, TNDS_XML, kind_of, written
from fumo.dm.prov import (
    PROV_WBXML,
    PROV_XML,
    Characteristic,
    Parm,
    Provisioning,
    decode_prov,
    encode_prov,
)
from fumo.dm.tnds import TndsNode, TndsTree, decode_tnds, encode_tnds
from fumo.errors import DecodeError, MisuseError
from tests.dm.document_golden import ACCOUNT, MAIL
from tests.dm.document_strategies import descriptions, provisionings, trees

unhurried = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
FPI = b"-//OMA//DTD-DM-DDF 1.2//EN"
XMLNS = ' xmlns="syncml:dmddf1.2"'


# --- one value, two forms ---------------------------------------------------------------------


@pytest.mark.clause("T6-01", "T6-02", "R2-02")
@unhurried
@given(trees)
def test_any_tree_is_read_as_it_was_written(tree: TndsTree):
    for media_type in (TNDS_XML, TNDS_WBXML):
        assert decode_tnds(encode_tnds(tree, media_type), media_type) == tree


@pytest.mark.clause("T7-01", "T7-02", "R2-02")
@unhurried
@given(descriptions)
def test_any_description_is_read_as_it_was_written(ddf: Ddf):
    for media_type in (DDF_XML, DDF_WBXML):
        assert decode_ddf(encode_ddf(ddf, media_type), media_type) == ddf


@pytest.mark.clause("B2-03")
@unhurried
@given(provisionings)
def test_any_provisioning_document_is_read_as_it_was_written(document: Provisioning):
    for media_type in (PROV_XML, PROV_WBXML):
        assert decode_prov(encode_prov(document, media_type)) == document


@pytest.mark.clause("T6-02")
def test_the_form_is_told_from_the_data_whatever_the_type_says():
    xml, wbxml = encode_tnds(MAIL, TNDS_XML), encode_tnds(MAIL, TNDS_WBXML)
    forms = [xml, wbxml, xml.decode(), b64encode(wbxml).decode(), b64encode(xml), b"\n " + xml]
    for data in forms:
        for media_type in (TNDS_XML, TNDS_WBXML, None, f" {TNDS_XML.upper()} ; charset=utf-8"):
            assert decode_tnds(data, media_type) == MAIL


# --- what is forgiven -------------------------------------------------------------------------

ONE_LEAF = TndsTree((TndsNode("A", format="chr", type="text/plain", value="x"),))


def tree(properties: str, rest: str = "<NodeName>A</NodeName>", value: str = "<Value>x</Value>"):
    """A tree of one leaf."""
    node = f"<Node>{rest}<RTProperties>{properties}</RTProperties>{value}</Node>"
    return f"<MgmtTree{XMLNS}><VerDTD>1.2</VerDTD>{node}</MgmtTree>"


FORMAT, TYPE = "<Format><chr/></Format>", "<Type><MIME>text/plain</MIME></Type>"
FORGIVEN = {
    "nothing": tree(FORMAT + TYPE),
    "another order": tree(TYPE + FORMAT),
    "no namespace": tree(FORMAT + TYPE).replace(XMLNS, ""),
    "a prefix": tree(FORMAT + TYPE)
    .replace("<", "<d:")
    .replace("<d:/", "</d:")
    .replace(XMLNS, ' xmlns:d="syncml:dmddf1.2"'),
    "a word as text": tree("<Format> chr </Format><Type>text/plain</Type>"),
    "blanks": tree(f"\n {FORMAT}\n {TYPE}\n ", "\n <NodeName> A </NodeName>\n "),
    "no VerDTD": tree(FORMAT + TYPE).replace("<VerDTD>1.2</VerDTD>", ""),
    "elements that we do not know": tree(FORMAT + TYPE + "<Size>1</Size><X><Y>z</Y></X>"),
    "a DOCTYPE": f'<!DOCTYPE MgmtTree PUBLIC "{FPI.decode()}" "dm_ddf.dtd">' + tree(FORMAT + TYPE),
    "CDATA": tree(FORMAT + TYPE).replace(">x<", "><![CDATA[x]]><"),
}


@pytest.mark.clause("T6-02")
@pytest.mark.parametrize("text", FORGIVEN.values(), ids=FORGIVEN)
def test_what_careless_writers_do_to_a_tree_does_no_harm(text: str):
    assert decode_tnds(text, TNDS_XML) == ONE_LEAF


@pytest.mark.clause("T6-02", "T6-03")
def test_what_is_not_said_is_none_and_an_empty_name_is_not_a_missing_one():
    bare = (
        "<MgmtTree><Node/><Node><NodeName/><RTProperties><Format/></RTProperties></Node></MgmtTree>"
    )
    assert decode_tnds(bare).nodes == (TndsNode(), TndsNode(""))
    assert TndsNode().interior
    assert not TndsNode(value="").interior


WBXML_HEADERS = {
    "with NUL": "02 00 00 6A 1B" + FPI.hex() + "00",
    "without NUL": "02 00 00 6A 1A" + FPI.hex(),
    "after another string": "03 00 02 6A 1C 41 00" + FPI.hex(),
    "unknown": "01 01 6A 00",
}


@pytest.mark.clause("T6-02", "T6-06", "R2-02")
@pytest.mark.parametrize("header", WBXML_HEADERS.values(), ids=WBXML_HEADERS)
@pytest.mark.parametrize("switch", [True, False])
def test_every_header_of_the_field_with_and_without_a_first_page_switch(header: str, switch: bool):
    body = encode_tnds(MAIL, TNDS_WBXML)
    start = 5 + body[4] + (0 if switch else 2)
    assert decode_tnds(bytes.fromhex(header) + body[start:], TNDS_WBXML) == MAIL


def test_opaque_text_is_text_and_base64_text_of_a_bin_is_its_bytes():
    body = encode_tnds(ONE_LEAF, TNDS_WBXML)
    assert decode_tnds(body.replace(b"\x03x\0", b"\xc3\x01x")) == ONE_LEAF
    raw = TndsTree((TndsNode("A", format="bin", value=b"\xff"),))
    body = encode_tnds(raw, TNDS_WBXML)
    assert decode_tnds(body.replace(b"\xc3\x01\xff", b"\x03/w==\0")) == raw


def test_text_for_a_bin_is_written_as_its_bytes():
    body = encode_tnds(TndsTree((TndsNode("A", format="bin", value="x"),)), TNDS_XML)
    assert decode_tnds(body).nodes[0].value == b"x"


@pytest.mark.clause("T7-02")
def test_a_description_says_its_defaults_when_it_says_nothing():
    bare = "<MgmtTree><Node><NodeName>A</NodeName></Node></MgmtTree>"
    node = decode_ddf(bare, DDF_XML).nodes[0]
    assert (node.occurrence, node.scope, node.access) == ("One", "Dynamic", ())


def test_the_value_in_a_description_has_the_format_that_it_describes():
    node = DdfNode("A", format="bin", value=b"\xff")
    text = encode_ddf(Ddf((node,)), DDF_XML)
    assert decode_ddf(text).nodes[0] == node


def test_the_deepest_tree_that_is_written_can_be_read():
    node = TndsNode("leaf", format="chr", type="text/plain", value="x")
    for _ in range(NODE_DEPTH_MAX - 1):
        node = TndsNode("n", children=(node,))
    deep = TndsTree((node,))
    for media_type in (TNDS_XML, TNDS_WBXML):
        assert decode_tnds(encode_tnds(deep, media_type)) == deep
    with pytest.raises(MisuseError, match="deep"):
        encode_tnds(TndsTree((TndsNode("n", children=(node,)),)), TNDS_XML)


def test_provisioning_is_found_by_its_words_in_any_case():
    group = Characteristic("AppAuth", (Parm("aauthname", "u"),))
    document = Provisioning((Characteristic("APPLICATION", (), (group,)),))
    [application] = document.within("application")
    [found] = application.within("APPAUTH")
    assert (found.value("AAUTHNAME"), found.value("AAUTHDATA")) == ("u", None)


def test_attributes_of_provisioning_come_in_pieces_and_by_their_own_names():
    head = bytes.fromhex("03 00 00 6A 21") + b"-//WAPFORUM//DTD PROV 1.0//EN\0abc"
    # type= as a literal name; value= of "http-", a table string and a character by its number
    parts = "45 00 01 C6 04 1E 03 41 00 01 87 05 03 42 00 06 00 01 91 83 1E 02 21 01 01 01"
    body = head + bytes.fromhex(parts)
    with pytest.raises(DecodeError, match="a characteristic without a type"):
        decode_prov(body)
    body = body.replace(b"\x04\x1e", b"\x50")
    assert decode_prov(body).characteristics == (Characteristic("A", (Parm("B", "HTTP-abc!"),)),)


# --- what is refused --------------------------------------------------------------------------

DEEP = "<Node>" * DEPTH_MAX + "</Node>" * DEPTH_MAX
DDF_NODE = "<MgmtTree><Node><NodeName>A</NodeName><DFProperties>{}</DFProperties></Node></MgmtTree>"
Decode = Callable[[bytes], object]
BAD: dict[str, tuple[Decode, str | bytes, str]] = {
    "nothing": (decode_tnds, b"", "neither XML nor WBXML"),
    "words": (decode_tnds, "a tree", "neither XML nor WBXML nor base64"),
    "base64 of words": (decode_tnds, "YSB0cmVl", "neither XML nor WBXML nor base64"),
    "too much": (decode_tnds, b"<" * (BODY_BYTES_MAX + 1), "more than 1048576"),
    "another root": (decode_tnds, "<DevInf/>", "the root element is DevInf, not MgmtTree"),
    "another version": (
        decode_tnds,
        "<MgmtTree><VerDTD>2.0</VerDTD><Node/></MgmtTree>",
        "version 2.0 (at VerDTD)",
    ),
    "no node": (decode_tnds, "<MgmtTree/>", "without a Node"),
    "no node of its own": (decode_tnds, "<MgmtTree><X><Node/></X></MgmtTree>", "without a Node"),
    "nodes where none belong": (decode_tnds, "<MgmtTree><Man><Node/></Man></MgmtTree>", "Node"),
    "nodes too deep": (decode_tnds, f"<MgmtTree>{DEEP}</MgmtTree>", "more than 64 deep"),
    "a value and nodes": (
        decode_tnds,
        tree(FORMAT, value="<Value/><Node/>"),
        "both a Value and Nodes (at Node A)",
    ),
    "an unknown format": (
        decode_tnds,
        tree("<Format><txt/></Format>"),
        "the Format txt (at Node A/Format)",
    ),
    "a version number too large": (
        decode_tnds,
        tree("<VerNo>65536</VerNo>"),
        "'65536' is no number up to 65535 (at Node A/VerNo)",
    ),
    "a version number in words": (decode_tnds, tree("<VerNo>one</VerNo>"), "'one' is no number"),
    "bin that is not base64": (
        decode_tnds,
        tree("<Format><bin/></Format>"),
        "not base64 (at Node A/Value)",
    ),
    "an element in a value": (
        decode_tnds,
        tree(FORMAT, value="<Value><b/></Value>"),
        "an element (b) where text belongs",
    ),
    "a fault in a node without a name": (
        decode_tnds,
        "<MgmtTree><Node><Value><b/></Value></Node></MgmtTree>",
        "(at Node)",
    ),
    "an entity": (
        decode_tnds,
        f'<!DOCTYPE MgmtTree [<!ENTITY e "x">]>{tree(FORMAT)}',
        "declarations of its own",
    ),
    "raw bytes as text": (
        decode_tnds,
        encode_tnds(ONE_LEAF, TNDS_WBXML).replace(b"\x03x\0", b"\xc3\x01\xff"),
        "raw bytes where text belongs",
    ),
    "a message": (decode_tnds, bytes.fromhex("02 A4 01 6A 00 6D 01"), "identifier 0x1201 is no"),
    "another document in words": (
        decode_tnds,
        bytes.fromhex("02 00 00 6A 04") + b"WML\0\x60\x01",
        "identifier WML is no tree's",
    ),
    "an unknown token": (
        decode_tnds,
        bytes.fromhex("02 01 6A 00 60 7D 01 01"),
        "unknown token 0x7D on code page 2",
    ),
    "a tree cut off": (decode_tnds, encode_tnds(MAIL, TNDS_WBXML)[:-9], "cut off"),
    "an occurrence of one at most": (
        decode_ddf,
        DDF_NODE.format("<Occurrence><ZeroOrN>1</ZeroOrN></Occurrence>"),
        "ZeroOrN of less than 2 (at Node A/Occurrence)",
    ),
    "an occurrence of no number": (
        decode_ddf,
        DDF_NODE.format("<Occurrence>OneOrN</Occurrence>"),
        "OneOrN of less than 2",
    ),
    "an unknown scope": (decode_ddf, DDF_NODE.format("<Scope><Here/></Scope>"), "the Scope Here"),
    "provisioning too large": (decode_prov, b"<" * (BODY_BYTES_MAX + 1), "more than 1048576"),
    "another document": (decode_prov, b"<MgmtTree/>", "not wap-provisioningdoc"),
    "a characteristic without a type": (
        decode_prov,
        b"<wap-provisioningdoc><characteristic/></wap-provisioningdoc>",
        "without a type",
    ),
    "a parm without a name": (
        decode_prov,
        b'<wap-provisioningdoc><characteristic type="A"><parm value="x"/></characteristic>'
        b"</wap-provisioningdoc>",
        "without a name (at characteristic A)",
    ),
    "provisioning of another kind": (decode_prov, b"\x03\x05\x6a\0\x45\x01", "identifier is no"),
    "provisioning of another kind, in words": (
        decode_prov,
        b"\x03\0\0\x6a\x04WML\0\x45\x01",
        "identifier is no",
    ),
    "a tag of no meaning": (decode_prov, b"\x03\x0b\x6a\0\x48\x01", "unknown token 0x48"),
    "a page of tags": (decode_prov, b"\x03\x0b\x6a\0\x45\0\x02", "code page 2"),
    "a page of attributes": (decode_prov, b"\x03\x0b\x6a\0\xc5\0\x02", "code page 2"),
    "a value before a name": (decode_prov, b"\x03\x0b\x6a\0\xc5\x03x\0", "before any attribute"),
    "an attribute of no meaning": (decode_prov, b"\x03\x0b\x6a\0\xc5\x44", "token 0x44"),
    "a value of no meaning": (decode_prov, b"\x03\x0b\x6a\0\xc5\x06\xff", "value token 0xFF"),
    "provisioning cut off": (decode_prov, b"\x03\x0b\x6a\0\xc5\x06", "cut off"),
    "a value that is not UTF-8": (decode_prov, b"\x03\x0b\x6a\0\xc5\x06\x03\xff\0", "not UTF-8"),
    "a text in the document": (decode_prov, b"\x03\x0b\x6a\0\x45\x03\xff\0", "not UTF-8"),
    "17 attributes": (
        decode_prov,
        b"\x03\x0b\x6a\x22"
        + b"".join(b"%c\0" % (97 + n) for n in range(17))
        + b"\xc5"
        + b"".join(b"\x04%c" % (2 * n) for n in range(17))
        + b"\x01",
        "more than 16 attributes",
    ),
    "one string named again and again": (
        decode_prov,
        b"\x03\x0b\x6a\x83\x00" + b"a" * 384 + b"\xc5\x06" + b"\x83\0" * 4000 + b"\x01",
        "more than 1048576 bytes of text",
    ),
}


@pytest.mark.clause("T6-07", "B2-03")
@pytest.mark.parametrize(("decode", "data", "says"), BAD.values(), ids=BAD)
def test_a_bad_document_is_refused_in_one_short_line(decode: Decode, data: bytes, says: str):
    with pytest.raises(DecodeError) as fault:
        decode(data)
    assert says in str(fault.value)
    assert len(str(fault.value)) < 200


def test_the_type_of_another_document_is_refused():
    with pytest.raises(DecodeError, match="text/plain' is not a tree's"):
        decode_tnds(encode_tnds(MAIL, TNDS_XML), "text/plain")
    with pytest.raises(DecodeError, match="is not a description's"):
        decode_ddf(encode_tnds(MAIL, TNDS_XML), TNDS_XML)
    assert (kind_of(None), kind_of("text/plain")) == (None, None)


MISUSED = {
    "a tree as a description": lambda: encode_tnds(MAIL, DDF_XML),
    "a description as a tree": lambda: encode_ddf(Ddf(()), TNDS_XML),
    "a document as text": lambda: written(None, "text/plain"),  # type: ignore[arg-type]
    "provisioning as text": lambda: encode_prov(Provisioning(()), "text/plain"),
    "raw bytes in text": lambda: encode_tnds(TndsTree((TndsNode(value=b""),)), TNDS_XML),
    "a format of our own": lambda: encode_tnds(TndsTree((TndsNode(format="x"),)), TNDS_XML),
    "a character that XML has not": lambda: encode_tnds(
        TndsTree((TndsNode("\x01", value=""),)), TNDS_XML
    ),
    "half a character": lambda: encode_tnds(TndsTree((TndsNode("\ud800"),)), TNDS_WBXML),
    "half a character in a value": lambda: encode_prov(
        Provisioning((Characteristic("\ud800"),)), PROV_WBXML
    ),
    "a NUL in a value": lambda: encode_prov(
        Provisioning((Characteristic("A", (Parm("B", "\0"),)),)), PROV_WBXML
    ),
    "groups too deep": lambda: encode_prov(Provisioning((nested(DEPTH_MAX),)), PROV_XML),
}


def nested(depth: int) -> Characteristic:
    """Groups in each other."""
    group = Characteristic("A")
    for _ in range(depth):
        group = Characteristic("A", (), (group,))
    return group


@pytest.mark.parametrize("misuse", MISUSED.values(), ids=MISUSED)
def test_what_cannot_be_written_is_our_own_fault(misuse: Callable[[], bytes]):
    with pytest.raises(MisuseError):
        misuse()


def test_a_nul_in_text_is_carried_by_wbxml():
    document = TndsTree((TndsNode("A", value="a\0b"),))
    assert decode_tnds(encode_tnds(document, TNDS_WBXML)) == document


def test_the_account_of_a_bootstrap_leaves_its_name_to_the_device():
    assert decode_tnds(encode_tnds(ACCOUNT, TNDS_WBXML)).nodes[0].name == ""
