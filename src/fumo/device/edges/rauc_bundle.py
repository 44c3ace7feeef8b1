"""Why RAUC does not take a bundle, where its service says no more than that it does not.

    squashfs | CMS signature, DER | length of the signature, 8 bytes, big-endian

Judges nothing: RAUC has refused already. It only tells a bundle that was damaged (402) from one
that somebody else signed (404), by the digest that every CMS signature names.
"""

from fumo.device.edges.package_file import digest
from fumo.device.files import Files
from fumo.update.failures import Cause

SQUASHFS = b"hsqs"
TRAILER = 8
SIGNATURE_MAX = 64 * 1024
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d01090431220420")
"""The attribute messageDigest: its name, a set of 34 bytes, a string of 32."""


def why_refused(files: Files, name: str) -> Cause:
    """CORRUPT when the bytes are not those that were signed, else INVALID."""
    size = files.size(name)
    length = int.from_bytes(files.read(name, max(0, size - TRAILER), TRAILER), "big")
    content = size - TRAILER - length
    if files.read(name, 0, 4) != SQUASHFS or not 0 < length <= SIGNATURE_MAX or content <= 0:
        return Cause.CORRUPT
    _, found, rest = files.read(name, content, length).partition(MESSAGE_DIGEST)
    if not found:
        return Cause.INVALID
    same = rest[:32].hex() == digest(files, name, 0, content)
    return Cause.INVALID if same else Cause.CORRUPT
