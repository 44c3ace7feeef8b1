"""What is read of a certificate is what openssl says of it; what is none is refused in words."""

import hashlib
import ssl
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.dm.message import Shown
from fumo.wire.certificate import of_der, of_pem
from tests.wire.certificates import NEEDED, Authority

pytestmark = NEEDED


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Authority(tmp_path_factory.mktemp("c"), "root").signs("IMEI:7").chain


def key_of(chain: Path) -> str:
    """As `openssl` takes the public key out."""
    said = subprocess.run(
        ["openssl", "x509", "-in", str(chain), "-noout", "-pubkey"], check=True, capture_output=True
    ).stdout.decode()
    der = "".join(line for line in said.splitlines() if "-----" not in line)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(wrapped(der))).hexdigest()


def wrapped(base64: str) -> str:
    return f"{ssl.PEM_HEADER}\n{base64}\n{ssl.PEM_FOOTER}"


def test_the_key_and_the_name_are_those_that_openssl_reads(chain: Path):
    text = chain.read_text()
    assert of_pem(text) == of_pem(quote(text)) == Shown(key_of(chain), "IMEI:7")
    assert of_der(ssl.PEM_cert_to_DER_cert(text)) == of_pem(text)
    assert of_pem(text + text) == of_pem(text), "a chain begins with whose it is"


def test_a_subject_of_two_names_names_nobody(tmp_path: Path):
    made = tmp_path / "two.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(tmp_path / "k"),
             "-out", str(made), "-subj", "/CN=IMEI:1/CN=IMEI:2"]  # fmt: skip
    subprocess.run(words, check=True, capture_output=True)
    assert of_pem(made.read_text()).name == ""


@pytest.mark.parametrize(
    "text", ["", "x", wrapped("AAAA"), wrapped("MAA="), "%2D" * 40_000, wrapped("MAMCAQE=")]
)
def test_what_is_no_certificate_is_refused(text: str):
    with pytest.raises(ValueError, match=r"."):
        of_pem(text)


@given(st.data())
def test_a20_no_broken_octets_are_more_than_refused(chain: Path, data: st.DataObject):
    der = bytearray(ssl.PEM_cert_to_DER_cert(chain.read_text()))
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        shown = of_der(bytes(der[: data.draw(st.integers(0, len(der)))]))
    except ValueError:
        return
    assert len(shown.key_sha256) == 64
