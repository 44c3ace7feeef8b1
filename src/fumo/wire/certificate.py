"""What we look at in a peer's certificate: its public key, and its common name. No effects.

Whoever calls has it from a handshake, or from a proxy that had: nothing is proven here. DER is read
as far as the key and no further (RFC 5280 4.1): `Certificate`, `TBSCertificate`, then in turn
version, serial, algorithm, issuer, validity, subject and `SubjectPublicKeyInfo`, whose SHA-256
stays the same when a certificate is renewed for the same key.
"""

import ssl
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

from fumo.dm.message import Shown

SEQUENCE, SET, OID, VERSION = 0x30, 0x31, 0x06, 0xA0
COMMON_NAME = b"\x55\x04\x03"
TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x14: "latin-1", 0x1E: "utf-16-be"}
"""UTF8String, PrintableString, IA5String, TeletexString and BMPString."""
PEM_LENGTH_MAX = 32_768


class Part(NamedTuple):
    """One value of DER: its tag, what is in it, and the octets that it is."""

    tag: int
    content: bytes
    whole: bytes


def of_der(der: bytes) -> Shown:
    """Of a certificate in DER; ValueError: it is none."""
    tbs = _parts(_parts(_one(der).content)[0].content)
    at = 1 if tbs[0].tag == VERSION else 0
    if len(tbs) < at + 6:
        raise ValueError("a certificate without a key")
    subject, key = tbs[at + 4], tbs[at + 5]
    return Shown(sha256(key.whole).hexdigest(), _name(subject))


def of_pem(text: str) -> Shown:
    """Of the first certificate in PEM, as it is or escaped for a URL; ValueError: it is none."""
    if len(text) > PEM_LENGTH_MAX:
        raise ValueError("a certificate of no reasonable length")
    begun = unquote(text).partition(ssl.PEM_HEADER)[2]
    whole = begun.partition(ssl.PEM_FOOTER)[0]
    return of_der(ssl.PEM_cert_to_DER_cert(f"{ssl.PEM_HEADER}{whole}{ssl.PEM_FOOTER}"))


def _name(subject: Part) -> str:
    """The one common name; a subject with two of them names nobody."""
    pairs = [
        _parts(pair.content) for rdn in _parts(subject.content) for pair in _parts(rdn.content)
    ]
    found = [value for type_, value in pairs if (type_.tag, type_.content) == (OID, COMMON_NAME)]
    if len(found) != 1 or found[0].tag not in TEXTS:
        return ""
    name = found[0].content.decode(TEXTS[found[0].tag], "replace")
    return name if name.isprintable() else ""


def _one(data: bytes) -> Part:
    parts = _parts(data)
    if len(parts) != 1:
        raise ValueError("more than a certificate")
    return parts[0]


def _parts(data: bytes) -> list[Part]:
    """The values in a constructed one."""
    found = []
    while data:
        part = _first(data)
        found.append(part)
        data = data[len(part.whole) :]
    if not found:
        raise ValueError("a certificate with nothing in it")
    return found


def _first(data: bytes) -> Part:
    begin, length = 2, data[1] if len(data) > 1 else 0
    if length & 0x80:
        begin += length & 0x7F
        length = int.from_bytes(data[2:begin], "big")
    whole = data[: begin + length]
    if len(data) < 2 or begin > 6 or len(whole) < begin + length:
        raise ValueError("a certificate that is cut short")
    return Part(data[0], whole[begin:], whole)
