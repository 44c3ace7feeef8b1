"""WSP pushes: hand-made and gateway-made, with and without an SMS header, whole and cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.dm.wsp import (
    CONNECTIVITY,
    DM_WBXML,
    NOTIFICATION,
    SEC_NAMES,
    UDH_SENT,
    Push,
    build,
    parameters_of,
    parse,
)
from fumo.errors import DecodeError, MisuseError

BODY = bytes.fromhex("13185cb26659c088f413170fb26a65bf02d80000001234046d676d74")
NOTICE = Push(NOTIFICATION, {}, 7, BODY)
SHORT_FORM = bytes.fromhex("010603c4af87")

# As a gateway writes it: the type as text, headers of its own, the application, a length.
GATEWAY_HEADERS = (
    b"application/vnd.syncml.notification\0"
    b"\xa9Gateway/1.4\0"
    b"X-Wap-Note\0some words\0"
    b"\xaf\x87"
    b"\x8d\x9c"
)
GATEWAY = b"\0\x06" + bytes([len(GATEWAY_HEADERS)]) + GATEWAY_HEADERS + BODY

tokens = st.text("abcxyz-/.0189+", min_size=1, max_size=40).filter(lambda t: not t.startswith("-"))
pushes = st.builds(
    Push,
    st.sampled_from((NOTIFICATION, CONNECTIVITY, DM_WBXML)) | tokens.map("text/x{}".format),
    st.dictionaries(st.sampled_from(("SEC", "MAC", "OTHER")), st.sampled_from(SEC_NAMES) | tokens),
    st.none() | st.integers(0, 127),
    st.binary(max_size=300),
)


@pytest.mark.clause("S-NOT", "N2-01")
def test_a_notification_travels_in_six_bytes_of_headers():
    assert build(NOTICE) == SHORT_FORM + BODY
    assert len(UDH_SENT + build(NOTICE)) == 41


@pytest.mark.clause("C-NOT", "N2-02")
@pytest.mark.parametrize("data", [SHORT_FORM + BODY, UDH_SENT + SHORT_FORM + BODY, GATEWAY])
def test_both_forms_of_a_notification_are_read(data: bytes):
    assert parse(data) == NOTICE


@pytest.mark.clause("B2-04")
def test_a_bootstrap_push_carries_sec_and_mac():
    mac = "0123456789ABCDEF0123456789ABCDEF01234567"
    data = bytes.fromhex("01062f1f2db6918192") + mac.encode() + b"\0" + b"document"
    push = Push(CONNECTIVITY, {"SEC": "USERPIN", "MAC": mac}, None, b"document")
    assert parse(data) == push
    assert build(push) == data


@given(pushes, st.booleans(), st.integers(0, 255))
def test_what_is_built_is_read(push: Push, well_known: bool, tid: int):
    assert parse(build(push, well_known, tid)) == push


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(data: bytes):
    for datagram in (data, b"\1\x06" + data, UDH_SENT + b"\1\6" + data):
        try:
            push = parse(datagram)
        except DecodeError:
            continue
        assert datagram.endswith(push.body)


@pytest.mark.parametrize("data", [SHORT_FORM, GATEWAY])
def test_a_cut_one_is_refused(data: bytes):
    headers = len(data) - (len(BODY) if data is GATEWAY else 0)
    for length in range(headers):
        with pytest.raises(DecodeError):
            parse(data[:length])


def headers(*octets: bytes) -> bytes:
    joined = b"".join(octets)
    return b"\1\x06" + bytes([len(joined)]) + joined


@pytest.mark.parametrize(
    ("data", "media_type", "application"),
    [
        (headers(b"\xc4", b"\xafx-wap-application:syncml.dm\0"), NOTIFICATION, 7),
        (headers(b"\xc4", b"\xafx-wap-application:other\0"), NOTIFICATION, -1),
        (headers(b"\xc4", b"\xaf\x02\x00\x07"), NOTIFICATION, 7),
        (headers(b"\xc4", b"\x7f\x02", b"\x05", b"\xaf\x82"), NOTIFICATION, 2),
        (headers(b"\xc4"), NOTIFICATION, None),
        (headers(b"\x01\xc4"), NOTIFICATION, None),
        (headers(b"\x02\x01\x44"), NOTIFICATION, None),
        (headers(b"\x04\xc2\x81\x01\x6a"), DM_WBXML, None),
        (headers(b"\xc4\x91\x1f\x02ab"), NOTIFICATION, None),
        (headers(b'\x0f\xc2SEC\0"NETWPIN"\0'), DM_WBXML, None),
        (headers(b"\x7fApplication/X; a=1\0"), "application/x", None),
    ],
)
def test_other_ways_to_write_a_header(data: bytes, media_type: str, application: int | None):
    push = parse(data)
    assert (push.media_type, push.application) == (media_type, application)


def test_a_sec_of_no_name_and_a_parameter_without_a_name():
    assert parse(headers(b"\x03\xc2\x91\x89")).parameters == {"SEC": "9"}
    assert parse(headers(b"\x07\xc2\x01\x00\x80\x91\x01\x02")).parameters == {"SEC": "02"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\1\x05\x03\xc4\xaf\x87", "of type 5"),
        (headers(b"\x83"), "content type 0x3"),
        (b"\1\x06\xff\xff\xff\xff\xff\x7f", "more than five bytes"),
        (b"\1\x06\x05\xc4\xaf\x87", "cut off"),
        (headers(b"application/without-end"), "without an end"),
        (headers(b"\x1f\x30\xc2"), "cut off"),
        (bytes(65_536), "65536 bytes"),
    ],
)
def test_why_it_is_no_push(data: bytes, why: str):
    with pytest.raises(DecodeError, match=why):
        parse(data)


def test_parameters_are_not_without_end():
    many = b"".join(b"%c%c\0\x80" % (97 + n, 97) for n in range(17))
    with pytest.raises(DecodeError, match="more than 16 parameters"):
        parse(headers(b"\x1f", bytes([len(many) + 1]), b"\xc2", many))


def test_a_content_type_as_text():
    line = 'application/vnd.syncml.dm+wbxml; sec=NETWORKID; MAC="AB"; odd'
    assert parameters_of(line) == (DM_WBXML, {"SEC": "NETWORKID", "MAC": "AB", "ODD": ""})


def test_a_long_content_type_has_a_long_length():
    push = Push(CONNECTIVITY, {"LONG": "x" * 300}, None, b"")
    assert parse(build(push)) == push


def test_we_write_no_header_that_nobody_could_read():
    with pytest.raises(MisuseError):
        build(Push("text/\0", {}, None, b""))
