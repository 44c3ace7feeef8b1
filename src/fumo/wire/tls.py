"""TLS of both ends: 1.2 or newer, names always checked, certificates of devices if they are wanted.

DM Security §5.2 names protocols and ciphers that nobody may use any more (RFC 8996, RFC 7465); what
this Python's OpenSSL takes for safe serves instead. OSError: a file cannot be read or is none.
"""

import ssl
from pathlib import Path

from msgspec import Struct

OLDEST = ssl.TLSVersion.TLSv1_2


class Certificate(Struct, frozen=True):
    """Files in PEM: a certificate with its chain, and its key."""

    chain: Path
    key: Path


def device_side(roots: Path | None, own: Certificate | None) -> ssl.SSLContext:
    """`roots` whom to believe instead of the system's; `own` proves the device, where asked for."""
    context = ssl.create_default_context(cafile=roots)
    context.minimum_version = OLDEST
    if own is not None:
        context.load_cert_chain(own.chain, own.key)
    return context


def package_side(roots: Path | None) -> ssl.SSLContext:
    """`roots` whom to believe about packages, beside the system's: they may be anywhere."""
    context = ssl.create_default_context()
    context.minimum_version = OLDEST
    if roots is not None:
        context.load_verify_locations(roots)
    return context


def server_side(
    own: Certificate, devices: Path | None, *, optional: bool = False
) -> ssl.SSLContext:
    """`devices` are the roots of devices' certificates; nobody gets in without one, or with a false
    one, unless it is `optional`: then who shows none gets in, too.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = OLDEST
    context.load_cert_chain(own.chain, own.key)
    if devices is not None:
        context.load_verify_locations(devices)
        context.verify_mode = ssl.CERT_OPTIONAL if optional else ssl.CERT_REQUIRED
    return context
