"""Package #0: its bytes, what its digest proves, and what is no notification."""

from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.dm.auth import Login
from fumo.dm.notification import (
    BYTES_MAX,
    DIGEST_BYTES,
    RESYNC_NONCE,
    VERSIONS,
    Initiator,
    Trigger,
    UiMode,
    Worth,
    build,
    digest,
    parse,
    session_id_text,
    worth,
)
from fumo.errors import DecodeError, MisuseError

LOGIN, NONCE = Login("mgmt", "secret"), b"nonce"
VECTOR = bytes.fromhex("13185cb26659c088f413170fb26a65bf02d80000001234046d676d74")
SAID = Trigger("mgmt", 0x1234, UiMode.BACKGROUND)

# What a phone maker's test code sends: an operator's server asks for session 0x66E9.
FIELD = bytes.fromhex("109e2e4d1ee2b383a6e183ba4be2ca1402e800000066e906737072696e74")

triggers = st.builds(
    Trigger,
    st.text(min_size=1, max_size=60).filter(lambda name: len(name.encode("utf-8", "ignore")) > 0),
    st.integers(1, 0xFFFF),
    st.sampled_from(UiMode),
    st.sampled_from(Initiator),
    st.sampled_from(VERSIONS),
    st.binary(max_size=100),
).filter(lambda one: one.server_id.isprintable())


@pytest.mark.clause("S-NOT", "N1-01", "N1-06")
def test_a_notification_byte_for_byte():
    assert build(SAID, LOGIN, NONCE) == VECTOR
    assert len(VECTOR) == 28


@pytest.mark.clause("C-NOT")
def test_a_notification_is_read_and_believed():
    heard = parse(VECTOR)
    assert heard.trigger == SAID
    assert worth(heard, LOGIN, NONCE, resync=False) is Worth.GOOD


@pytest.mark.clause("C-NOT", "N1-06")
def test_a_notification_out_of_the_field_is_read():
    assert parse(FIELD).trigger == Trigger("sprint", 0x66E9, UiMode.INFORMATIVE)


@pytest.mark.clause("N1-01", "N1-02")
@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        (Trigger("mgmt", 0x1234, UiMode.BACKGROUND, version=12), "0318000000123404"),
        (Trigger("mgmt", 1, UiMode.INFORMATIVE, Initiator.CLIENT, 10), "02a0000000000104"),
    ],
)
def test_the_bits_of_the_header(trigger: Trigger, words: str):
    data = build(trigger, LOGIN, NONCE)
    assert data[DIGEST_BYTES:].hex() == words + "6d676d74"
    assert parse(data).trigger == trigger


@pytest.mark.clause("S-NOT", "C-NOT", "N1-02", "N1-01", "N1-03")
@given(triggers, st.binary(max_size=20))
def test_what_is_built_is_read_and_proven(trigger: Trigger, nonce: bytes):
    heard = parse(build(trigger, LOGIN, nonce))
    assert heard.trigger == trigger
    assert worth(heard, LOGIN, nonce, resync=False) is Worth.GOOD


@pytest.mark.clause("C-NOT", "N1-05")
def test_no_bit_can_be_changed_the_vendor_part_not_either():
    whole = build(Trigger("mgmt", 0x1234, vendor=b"abc"), LOGIN, NONCE)
    believed = [bit for bit in range(8 * len(whole)) if is_believed(with_bit_changed(whole, bit))]
    assert believed == []
    assert is_believed(whole)


def with_bit_changed(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


def is_believed(data: bytes) -> bool:
    try:
        return worth(parse(data), LOGIN, NONCE, resync=False) is Worth.GOOD
    except DecodeError:
        return False


@pytest.mark.clause("C-NOT")
@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes):
    try:
        heard = parse(data)
    except DecodeError:
        return
    assert data.endswith(heard.covered)
    assert worth(heard, LOGIN, NONCE, resync=True) is Worth.WRONG


@pytest.mark.clause("C-NOT", "N1-07")
@pytest.mark.parametrize("length", [0, 1, 16, 24, 27])
def test_a_cut_one_is_refused(length: int):
    with pytest.raises(DecodeError):
        parse(VECTOR[:length])


@pytest.mark.clause("N1-07", "N1-04")
@pytest.mark.parametrize(
    ("data", "why"),
    [
        (VECTOR + bytes(BYTES_MAX), "bytes, not 25 to"),
        (VECTOR[:16] + b"\x02\x58" + VECTOR[18:], "version 0.9"),
        (VECTOR[:16] + b"\x03\x98" + VECTOR[18:], "version 1.4"),
        (VECTOR[:21] + bytes(2) + VECTOR[23:], "session 0"),
        (VECTOR[:23] + b"\x00" + VECTOR[24:], "server id of 0 bytes"),
        (VECTOR[:23] + b"\x05" + VECTOR[24:], "server id of 5 bytes in 4"),
        (VECTOR[:24] + b"\xff\xfe\xfd\xfc", "not UTF-8"),
    ],
)
def test_why_it_is_no_notification(data: bytes, why: str):
    with pytest.raises(DecodeError, match=why):
        parse(data)


def test_bits_kept_for_the_future_do_not_hinder():
    covered = VECTOR[16:18] + b"\x01\x02\x03" + VECTOR[21:]
    heard = parse(digest(LOGIN, NONCE, covered) + covered)
    assert (heard.trigger, worth(heard, LOGIN, NONCE, False)) == (SAID, Worth.GOOD)


@pytest.mark.clause("C-NOT", "N1-05")
def test_another_secret_nonce_or_name_proves_nothing():
    heard = parse(VECTOR)
    others = [(Login("mgmt", "other"), NONCE), (LOGIN, b"old"), (Login("x", "secret"), NONCE)]
    assert {worth(heard, login, nonce, False) for login, nonce in others} == {Worth.WRONG}
    assert worth(heard, LOGIN, None, False) is Worth.WRONG


@pytest.mark.clause("C-NOT", "N3-01")
def test_the_nonce_that_everybody_knows_counts_only_where_it_is_allowed():
    heard = parse(build(SAID, LOGIN, RESYNC_NONCE))
    assert worth(heard, LOGIN, NONCE, resync=False) is Worth.WRONG
    assert worth(heard, LOGIN, NONCE, resync=True) is Worth.RESYNC
    assert worth(heard, LOGIN, None, resync=True) is Worth.RESYNC


@pytest.mark.clause("N1-05")
def test_the_digest_is_three_hashes_of_plain_md5():
    inner = b"U8CVQMjTUSTRZcoTWfZdcQ=="
    assert digest(Login("a", "b"), b"n", b"t") != md5(inner).digest()
    assert digest(LOGIN, NONCE, VECTOR[16:]) == VECTOR[:16]


@pytest.mark.clause("C-NOT", "P2-06")
@pytest.mark.parametrize(("number", "text"), [(0x1234, "1234"), (0xAB, "AB"), (1, "1")])
def test_the_session_is_named_in_upper_case_hex(number: int, text: str):
    assert session_id_text(number) == text


@pytest.mark.parametrize(
    "trigger",
    [
        Trigger("mgmt", 0),
        Trigger("mgmt", 0x10000),
        Trigger("mgmt", 1, version=9),
        Trigger("mgmt", 1, version=14),
        Trigger("", 1),
        Trigger("é" * 128, 1),
        Trigger("mgmt", 1, vendor=bytes(BYTES_MAX)),
    ],
)
def test_we_build_none_that_nobody_could_read(trigger: Trigger):
    with pytest.raises(MisuseError):
        build(trigger, LOGIN, NONCE)
