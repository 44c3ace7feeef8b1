"""The golden documents: bytes on disk in `tests/documents/`, values in `document_golden.py`.

`UPDATE_GOLDEN=1` writes the files anew; the difference is then for the reviewer to read.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fumo.dm.ddf import Ddf, decode_ddf, encode_ddf
from fumo.dm.documents import DDF_WBXML, DDF_XML, TNDS_WBXML, TNDS_XML
from fumo.dm.prov import PROV_WBXML, PROV_XML, Provisioning, decode_prov, encode_prov
from fumo.dm.tnds import TndsTree, decode_tnds, encode_tnds
from tests.dm.document_golden import GOLDEN

FOLDER = Path(__file__).parents[1] / "documents"
CODECS = {
    TndsTree: (decode_tnds, encode_tnds, TNDS_XML, TNDS_WBXML),
    Ddf: (decode_ddf, encode_ddf, DDF_XML, DDF_WBXML),
    Provisioning: (decode_prov, encode_prov, PROV_XML, PROV_WBXML),
}
needs_libwbxml = pytest.mark.skipif(
    not (shutil.which("xml2wbxml") and shutil.which("wbxml2xml")),
    reason="needs libwbxml2-utils (Debian)",
)


def files_of(name: str) -> dict[Path, bytes]:
    """What belongs on disk for one document."""
    value = GOLDEN[name].value
    _, encode, xml, wbxml = CODECS[type(value)]
    return {
        FOLDER / f"{name}.xml": encode(value, xml),
        FOLDER / f"{name}.wbxml": encode(value, wbxml),
    }


if os.environ.get("UPDATE_GOLDEN"):
    FOLDER.mkdir(exist_ok=True)
    for name in GOLDEN:
        for path, body in files_of(name).items():
            path.write_bytes(body)


def run(program: str, *options: str, body: bytes) -> bytes:
    """What a program of libwbxml makes of a document."""
    words = [program, *options, "-o", "-", "-"]
    done = subprocess.run(words, input=body, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_raw_bytes(value: object) -> object:
    """A fault of libwbxml 0.11.8: it writes opaque bytes into XML as they are, not as base64."""
    if not isinstance(value, TndsTree):
        return value
    text = encode_tnds(value, TNDS_XML).replace(b"<bin/>", b"<b64/>")
    return decode_tnds(text)


@pytest.mark.clause("T6-01", "T6-02", "T7-01", "B2-03", "R2-02")
@pytest.mark.parametrize("name", GOLDEN)
def test_both_files_read_as_the_value_and_are_written_as_they_are(name: str):
    value = GOLDEN[name].value
    decode = CODECS[type(value)][0]
    for path, body in files_of(name).items():
        assert path.read_bytes() == body
        assert decode(body) == value


def test_no_file_is_left_over():
    assert set(FOLDER.iterdir()) == {path for name in GOLDEN for path in files_of(name)}


@needs_libwbxml
@pytest.mark.clause("R2-02", "T6-02", "B2-03")
@pytest.mark.parametrize("name", GOLDEN)
def test_a_stranger_reads_our_wbxml_and_we_read_what_it_makes_of_it(name: str):
    value = without_raw_bytes(GOLDEN[name].value)
    decode, encode, _, wbxml = CODECS[type(value)]
    assert decode(run("wbxml2xml", body=encode(value, wbxml))) == value


@needs_libwbxml
@pytest.mark.clause("R2-02", "T6-02", "B2-03")
@pytest.mark.parametrize("options", [(), ("-n",)])
@pytest.mark.parametrize("name", GOLDEN)
def test_we_read_the_wbxml_that_a_stranger_writes(name: str, options: tuple[str, ...]):
    value = GOLDEN[name].value
    decode, encode, xml, _ = CODECS[type(value)]
    assert decode(run("xml2wbxml", *options, body=encode(value, xml))) == value


@needs_libwbxml
@pytest.mark.clause("B2-03")
def test_a_provisioning_document_is_byte_by_byte_what_the_stranger_writes():
    value = GOLDEN["w7"].value
    assert run("xml2wbxml", "-n", body=encode_prov(value, PROV_XML)) == encode_prov(
        value, PROV_WBXML
    )
