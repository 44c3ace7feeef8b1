"""bsdiff patches: what the field's own maker makes, and what a stranger might."""

import bz2
import random
from itertools import repeat

import bsdiff4
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.errors import DecodeError
from fumo.package import bsdiff


def reader(data):
    return lambda offset, length: data[offset : offset + length]


def applied(old: bytes, patch: bytes, length: int) -> bytes:
    return b"".join(bsdiff.apply(reader(old), len(old), reader(patch), length))


def patch_of(steps, diff: bytes = b"", extra: bytes = b"", length: int = 4) -> bytes:
    control = bz2.compress(b"".join(bsdiff.octets(one) for step in steps for one in step))
    packed = bz2.compress(diff)
    head = (
        bsdiff.MAGIC
        + bsdiff.octets(len(control))
        + bsdiff.octets(len(packed))
        + bsdiff.octets(length)
    )
    return head + control + packed + bz2.compress(extra)


@given(st.binary(max_size=400), st.binary(max_size=400), st.integers(0, 400))
def test_what_bsdiff4_makes_gives_the_new_file(old, fresh, cut):
    new = old[cut:] + fresh + old[:cut]
    assert applied(old, bsdiff4.diff(old, new), len(new)) == new


def test_a_file_of_many_pieces_with_changes_everywhere():
    dice = random.Random(4)
    old = dice.randbytes(900_000)
    new = bytearray(old[300_000:] + dice.randbytes(5000) + old[:300_000])
    for at in range(0, len(new), 977):
        new[at] = (new[at] + 200) % 256
    patch = bsdiff4.diff(old, bytes(new))
    pieces = list(bsdiff.apply(reader(old), len(old), reader(patch), len(new)))
    assert b"".join(pieces) == new
    assert max(map(len, pieces)) <= 2 * bsdiff.PIECE


def test_bytes_are_added_without_a_carry():
    old, diff = bytes(range(256)), bytes((7 * one) % 256 for one in range(256))
    patch = patch_of([(256, 0, 0)], diff, length=256)
    wanted = bytes((one + other) % 256 for one, other in zip(old, diff, strict=True))
    assert applied(old, patch, 256) == wanted


def test_outside_of_the_old_file_there_are_zeros():
    patch = patch_of([(0, 0, -2), (6, 0, 0)], b"\1" * 6, length=6)
    assert applied(b"ab", patch, 6) == bytes([1, 1, ord("b"), ord("c"), 1, 1])


GOOD = patch_of([(4, 0, 0)], bytes(4))
BAD = {
    "nothing at all": b"",
    "another format": b"BSDIFF41" + GOOD[8:],
    "no more than a head": GOOD[:32],
    "control is cut": GOOD[:40],
    "the last block is missing": patch_of([(2, 2, 0)], bytes(2), b"xy")[:-30],
    "control is no bzip2": GOOD[:32] + b"x" * (len(GOOD) - 32),
    "a longer new file than was signed": patch_of([(4, 0, 0)], bytes(4), length=5),
    "a negative length of control": GOOD[:8] + bsdiff.octets(-9) + GOOD[16:],
    "a negative length of diff": GOOD[:16] + bsdiff.octets(-9) + GOOD[24:],
    "more bytes than were announced": patch_of([(2, 3, 0)], bytes(2), b"xyz"),
    "a negative count to add": patch_of([(-1, 5, 0)], b"", b"xyzuv"),
    "a negative count to copy": patch_of([(5, -1, 0)], bytes(5)),
    "control ends early": patch_of([(2, 0, 0)], bytes(2)),
    "diff ends early": patch_of([(4, 0, 0)], bytes(3)),
    "extra ends early": patch_of([(0, 4, 0)], b"", b"xyz"),
    "steps that lead nowhere": patch_of(repeat((0, 0, 1), 5000)),
}


@pytest.mark.parametrize("patch", BAD.values(), ids=BAD)
def test_a19_a_patch_that_lies_is_refused(patch):
    with pytest.raises(DecodeError):
        applied(b"abcd", patch, 4)


def test_a19_no_byte_beyond_the_length_is_made_of_a_bomb():
    bomb = patch_of([(0, 1 << 40, 0)], b"", bytes(1000), length=1000)
    with pytest.raises(DecodeError):
        applied(b"", bomb, 1000)


def test_an_old_file_that_ends_before_its_length_is_told():
    with pytest.raises(DecodeError, match="old file"):
        b"".join(bsdiff.apply(reader(b"ab"), 4, reader(GOOD), 4))


def test_each_flipped_byte_is_noticed_or_changes_only_content():
    """Whatever is flipped: exactly the length comes, or a refusal by name."""
    old = b"the quick brown fox " * 10
    patch = bsdiff4.diff(old, old[::-1])
    for at in range(len(patch)):
        bent = patch[:at] + bytes([patch[at] ^ 0x41]) + patch[at + 1 :]
        try:
            assert len(applied(old, bent, len(old))) == len(old)
        except DecodeError:
            continue
