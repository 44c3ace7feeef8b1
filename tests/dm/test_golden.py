"""The golden messages: bytes on disk, values in `golden.py`, lines as `fumo decode` prints them.

`UPDATE_GOLDEN=1` writes the files anew; the difference is then for the reviewer to read.
"""

import os
from pathlib import Path

import pytest

from fumo.dm import WBXML, XML, decode, encode
from fumo.dm.render import render
from tests.dm.golden import GOLDEN, Golden
from tests.dm.meaning import meaning

FOLDER = Path(__file__).parents[1] / "golden"
ENDINGS = {XML: "xml", WBXML: "wbxml"}
BODIES = [
    (name, form)
    for name, golden in GOLDEN.items()
    for form in (XML, WBXML)
    if golden.in_xml or form == WBXML
]


def files_of(name: str, golden: Golden) -> dict[Path, bytes]:
    """What belongs on disk for one message."""
    lines = [f"# {golden.origin}", *render(golden.message)]
    files = {FOLDER / f"{name}.txt": "".join(f"{line}\n" for line in lines).encode()}
    for form, ending in ENDINGS.items():
        if golden.in_xml or form == WBXML:
            files[FOLDER / f"{name}.{ending}"] = encode(golden.message, form)
    return files


if os.environ.get("UPDATE_GOLDEN"):
    FOLDER.mkdir(exist_ok=True)
    for name, golden in GOLDEN.items():
        for path, body in files_of(name, golden).items():
            path.write_bytes(body)


@pytest.mark.clause("C-XML", "C-WBX", "R2-01")
@pytest.mark.parametrize(("name", "form"), BODIES)
def test_the_bytes_read_as_the_value(name: str, form: str):
    body = (FOLDER / f"{name}.{ENDINGS[form]}").read_bytes()
    assert meaning(decode(body, form)) == meaning(GOLDEN[name].message)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_value_is_written_and_shown_as_it_was(name: str):
    files = files_of(name, GOLDEN[name])
    assert {path: path.read_bytes() for path in files} == files


def test_no_file_is_left_over():
    expected = {path for name, golden in GOLDEN.items() for path in files_of(name, golden)}
    assert set(FOLDER.iterdir()) == expected
