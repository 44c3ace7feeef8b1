"""How much memory a zstd frame asks for, read before a decoder is made."""

import pytest

from fumo.errors import DecodeError
from fumo.package.zstd_frame import MAGIC, window_bytes

# (flags and what follows, window): RFC 8878, 3.1.1.1
HEADS = [
    (b"\x00\x00", 1 << 10),
    (b"\x00\x01", (1 << 10) + 128),
    (b"\x00\x80", 1 << 26),
    (b"\x00\xff", (1 << 41) + 7 * (1 << 38)),
    (b"\x20\x05", 5),
    (b"\x60\x05\x01", 0x105 + 256),
    (b"\xa0\x05\x01\x00\x00", 0x105),
    (b"\xa4\x05\x01\x00\x00", 0x105),
    (b"\xe0" + bytes(7) + b"\x01", 1 << 56),
    (b"\x21\xaa\x07", 7),
    (b"\x23" + b"\xaa" * 4 + b"\x09", 9),
]


@pytest.mark.parametrize(("head", "window"), HEADS)
def test_a_head_tells_its_window(head, window):
    assert window_bytes(MAGIC + head) == window


@pytest.mark.parametrize("front", [b"", MAGIC, MAGIC + b"\x20", b"\x28\xb5\x2f\xfe\x00\x00"])
def test_what_is_no_frame_is_refused(front):
    with pytest.raises(DecodeError):
        window_bytes(front)


@pytest.mark.parametrize("head", [b"\x60\x05", b"\xa0\x05\x01\x00", b"\xe0\x01\x02", b"\x23\xaa"])
def test_a_head_that_is_cut_is_refused(head):
    with pytest.raises(DecodeError):
        window_bytes(MAGIC + head)
