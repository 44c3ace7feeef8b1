"""Install-notify: a code and words, written one way and read in all."""

import pytest

from fumo.dlota.notify import WORDS, Code, read, report
from fumo.errors import DecodeError


@pytest.mark.parametrize("code", Code)
def test_a_report_is_read_as_it_was_written(code):
    assert read(report(code)) == code


def test_every_code_has_words():
    assert set(WORDS) == set(Code)
    assert report(Code.SUCCESS) == b"900 Success\n\r"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"905 Attirbute mismatch", 905),
        (b"900 Success \n\r", 900),
        (b" 900", 900),
        (b"900\r\n", 900),
        (b"981 of a maker's own", 981),
        (b"900Success", 900),
    ],
)
def test_only_the_number_counts(body, code):
    assert read(body) == code


@pytest.mark.parametrize(
    "body", [b"", b"90", b"Success", b"9000 x", b"-90 x", "\u0669\u0660\u0660".encode()]
)
def test_what_is_no_report(body):
    with pytest.raises(DecodeError):
        read(body)
