"""What is written is read as the same value, in both forms; and how it is written."""

import re

import pytest
from hypothesis import given

from fumo.dm import WBXML, XML, Message, decode, encode, form_of, sniff
from fumo.dm.message import Alert, Exec, Header, Item, Location, Meta, Replace, Unknown
from fumo.errors import DecodeError, MisuseError
from tests.dm.strategies import messages

HEADER = Header("A7", 1, Location("http://dm.example/"), Location("IMEI:1"))
FORMS = (XML, WBXML)


def with_data(data: str | bytes | None, meta: Meta | None = None) -> Message:
    """A message whose one command carries this data."""
    item = Item(target=Location("./Some/Node"), meta=meta, data=data)
    return Message(HEADER, (Replace((item,), 1),), final=True)


def data_of(message: Message) -> str | bytes | None:
    """The data of such a message."""
    return message.commands[0].items[0].data


@pytest.mark.clause("C-XML", "C-WBX")
@given(messages())
def test_both_forms_carry_any_message(message: Message):
    assert decode(encode(message, XML), XML) == message
    assert decode(encode(message, WBXML), WBXML) == message


@pytest.mark.clause("C-WBX")
@given(messages(raw=True))
def test_wbxml_carries_raw_bytes_too(message: Message):
    assert decode(encode(message, WBXML), WBXML) == message


@given(messages(raw=True))
def test_the_form_of_a_body_shows(message: Message):
    assert [sniff(encode(message, form)) for form in FORMS] == [XML, WBXML]


@pytest.mark.clause("T4-02")
def test_in_xml_raw_bytes_are_base64_and_say_so():
    message = decode(encode(with_data(b"\0\xff", Meta(format="bin", type="x/y")), XML), XML)
    assert message.commands[0].items[0] == Item(
        target=Location("./Some/Node"), meta=Meta(format="b64", type="x/y"), data="AP8="
    )


@pytest.mark.clause("T4-02")
def test_in_wbxml_raw_bytes_are_opaque_and_say_so():
    body = encode(with_data(b"\0\xff"), WBXML)
    assert body.count(b"\xc3\x02\0\xff") == 1
    assert decode(body, WBXML) == with_data(b"\0\xff", Meta(format="bin"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("data", [None, "", " ", "a\r\nb\n", "]]>", "<&>", "é€😀", "x" * 100_000])
def test_text_arrives_as_it_was_sent(data: str | None, form: str):
    assert data_of(decode(encode(with_data(data), form), form)) == data


@pytest.mark.clause("R1-05")
def test_a_nul_in_text_travels_in_wbxml_and_not_in_xml():
    assert data_of(decode(encode(with_data("a\0b"), WBXML), WBXML)) == "a\0b"
    with pytest.raises(MisuseError, match="cannot carry"):
        encode(with_data("a\0b"), XML)


@pytest.mark.clause("R1-05")
@pytest.mark.parametrize("form", FORMS)
def test_half_a_character_is_our_mistake(form: str):
    with pytest.raises(MisuseError):
        encode(with_data("\ud800"), form)


@pytest.mark.clause("R2-03")
def test_wbxml_is_written_in_the_form_that_everybody_reads():
    body = encode(with_data("text"), WBXML)
    assert body.startswith(bytes.fromhex("02A4016A00 6D 6C 71 03"))
    assert b"\x4f\x03text\0\x01" in body


def test_wbxml_has_no_word_for_a_command_it_never_heard_of():
    with pytest.raises(MisuseError, match="no token for Fly"):
        encode(Message(HEADER, (Unknown("Fly", 1),)), WBXML)


@pytest.mark.clause("P2-01", "P6-14", "R1-01")
def test_elements_come_in_the_order_of_the_standard():
    exec_item = Item(target=Location("./FUMO/Download"))
    alert_item = Item(source=Location("./FUMO"), meta=Meta("chr", "t", "critical"), data="410")
    message = Message(
        HEADER,
        (Exec((exec_item,), 1, Meta(type="t"), "42"), Alert(1226, 2, "42", (alert_item,))),
        final=True,
    )
    text = encode(message, XML).decode().partition("<SyncBody>")[2]
    assert " ".join(re.findall(r"<(\w+)", text)) == (
        "Exec CmdID Meta Type Correlator Item Target LocURI "
        "Alert CmdID Data Correlator Item Source LocURI Meta Format Type Mark Data Final"
    )


@pytest.mark.clause("R1-01")
def test_each_child_of_meta_states_its_namespace():
    text = encode(with_data("1", Meta(format="int")), XML).decode()
    assert '<SyncML xmlns="SYNCML:SYNCML1.2">' in text
    assert '<Meta><Format xmlns="syncml:metinf">int</Format></Meta>' in text


def test_a_command_without_a_number_has_no_CmdID():
    assert b"CmdID" not in encode(Message(HEADER, (Alert(1201),)), XML)


@pytest.mark.clause("R4-02")
@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        (XML, XML),
        (WBXML, WBXML),
        ("application/vnd.syncml.dm+xml; charset=utf-8", XML),
        ("Application/VND.SyncML.DM+WBXML ; charset=UTF-8", WBXML),
        ("application/vnd.syncml+xml", XML),
        ("application/vnd.syncml+wbxml;x=y", WBXML),
        ("text/xml", None),
        ("", None),
    ],
)
def test_media_types(media_type: str, form: str | None):
    assert form_of(media_type) == form


def test_an_unknown_media_type_is_refused_in_both_directions():
    with pytest.raises(DecodeError, match="text/html"):
        decode(b"<SyncML/>", "text/html")
    with pytest.raises(MisuseError, match="text/html"):
        encode(with_data(None), "text/html")


def test_what_is_neither_form_has_no_media_type():
    for body in (b"", b"GET / HTTP/1.1", b"\x7fELF"):
        with pytest.raises(DecodeError, match="neither"):
            sniff(body)
