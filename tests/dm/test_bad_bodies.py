"""What is no message is refused, whatever it is, at a bounded price."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.dm import WBXML, XML, decode, encode
from fumo.dm.render import render
from fumo.errors import DecodeError
from tests.dm.bad_bodies import BODIES, HEAVY
from tests.dm.golden import GOLDEN

pytestmark = pytest.mark.clause("C-WBX", "C-XML", "S-FZZ")
ROOT = Path(__file__).parents[2]
GROWN_BYTES_MAX = 64 << 20
SECONDS_MAX = 5.0
FORMS = st.sampled_from((XML, WBXML))


@pytest.mark.clause("R1-04", "R2-05", "R3-17", "R3-18", "R3-16")
@pytest.mark.parametrize(("form", "name"), BODIES)
def test_a12_a13_a_bad_body_is_refused_in_one_short_line(form: str, name: str):
    make, media_type, says = BODIES[form, name]
    with pytest.raises(DecodeError) as fault:
        decode(make(), media_type)
    assert says in str(fault.value)
    assert len(str(fault.value)) < 200
    assert str(fault.value).isprintable()


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_message_is_read(name: str):
    make, media_type = HEAVY[name]
    assert decode(make(), media_type).header.msg_id == 1


def test_a12_a13_all_of_them_cost_little():
    command = [sys.executable, "-m", "tests.dm.bad_bodies"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    cost = json.loads(done.stdout)
    assert cost["grown_bytes"] <= GROWN_BYTES_MAX, cost
    assert cost["slowest"][0] <= SECONDS_MAX, cost


@pytest.mark.parametrize("form", [XML, WBXML])
@pytest.mark.parametrize("name", ["package1-md5", "package2-order"])
def test_a_message_cut_off_anywhere_is_refused(name: str, form: str):
    body = encode(GOLDEN[name].message, form)
    for length in range(len(body)):
        with pytest.raises(DecodeError):
            decode(body[:length], form)


def outcome(body: bytes, form: str) -> str:
    """What became of a body; either way it can be told in printable lines."""
    try:
        lines, what = render(decode(body, form)), "read"
    except DecodeError as fault:
        lines, what = [str(fault)], "refused"
    assert all(line.isprintable() for line in lines)
    return what


@given(st.binary(max_size=400), FORMS)
def test_random_bytes_are_read_or_refused(body: bytes, form: str):
    assert outcome(body, form) in ("read", "refused")


@given(st.binary(max_size=60))
def test_random_tokens_are_read_or_refused(tokens: bytes):
    body = bytes.fromhex("02 A4 01 6A 02 41 00 6D 6C 65 03 31 00 01 5B 03 31 00 01 01 6B") + tokens
    assert outcome(body + b"\x01" * 9, WBXML) in ("read", "refused")


@given(
    st.sampled_from(sorted(GOLDEN)),
    FORMS,
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_message_with_wrong_bytes_is_read_or_refused(
    name: str, form: str, changes: list[tuple[int, int]]
):
    body = bytearray(encode(GOLDEN[name].message, form))
    for place, byte in changes:
        body[place % len(body)] = byte
    assert outcome(bytes(body), form) in ("read", "refused")
