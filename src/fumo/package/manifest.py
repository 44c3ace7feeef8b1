"""An update package: a manifest bound to its image. Pure.

    b"FUMO1\\n" | length of the manifest, 4 bytes, big-endian | the manifest, JSON | the image

The manifest names the image's length and SHA-256, so a package that was cut, patched or swapped
on its way is found out, whatever the server that sent it says.
Guarantee: `read_head` is total: a manifest and where the image starts, or DecodeError.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec
from msgspec import Struct

from fumo.errors import DecodeError, MisuseError

MAGIC = b"FUMO1\n"
MANIFEST_LENGTH_MAX = 64 * 1024
PREFIX_LENGTH = len(MAGIC) + 4
HEAD_LENGTH_MAX = PREFIX_LENGTH + MANIFEST_LENGTH_MAX
NAME_LENGTH_MAX = 256
HARDWARE_MAX = 64
HEX = frozenset("0123456789abcdef")
IMAGE = "image"  # the bytes of a slot
RAUC, SWUPDATE = "rauc", "swupdate"  # bundles, which these installers take


class Manifest(Struct, frozen=True, omit_defaults=True):
    """What a package says of its image.

    `from_version` None: from any version. `length` is the image's, in bytes; `sha256` its digest
    in lower-case hex. `hardware` names the revisions it is for (none: all), `base_sha256` the
    image that must run (None: any). `format` says who installs the image: it may be a bundle.
    Fields that this version does not know are passed over.
    """

    model: str
    version: str
    length: int
    sha256: str
    from_version: str | None = None
    security_counter: int = 0
    hardware: tuple[str, ...] = ()
    base_sha256: str | None = None
    format: str = IMAGE


class NotAPackage(DecodeError):
    """The bytes do not even begin like a package (a broken package is a plain DecodeError)."""


def encode(manifest: Manifest) -> bytes:
    """The manifest as it stands in a package."""
    _check(manifest, MisuseError)
    return msgspec.json.encode(manifest)


def decode(text: bytes) -> Manifest:
    """Read a manifest alone, as `Held` keeps it."""
    try:
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"the manifest cannot be read: {error}", "manifest") from error
    _check(manifest, DecodeError)
    return manifest


def build(manifest: Manifest, image: Iterable[bytes]) -> Iterator[bytes]:
    """The package, piece by piece; the image must be the one the manifest speaks of."""
    text = encode(manifest)
    if len(text) > MANIFEST_LENGTH_MAX:
        raise MisuseError(f"a manifest of {len(text)} bytes is too long")
    yield MAGIC + len(text).to_bytes(4, "big") + text
    yield from image


def head_length(prefix: bytes) -> int:
    """How many bytes of the file the head takes, told by its first `PREFIX_LENGTH` ones."""
    if prefix[: len(MAGIC)] != MAGIC:
        raise NotAPackage("this is no Fumo package", "offset 0")
    if len(prefix) < PREFIX_LENGTH:
        raise DecodeError("the package ends before its manifest", f"offset {len(prefix)}")
    length = int.from_bytes(prefix[len(MAGIC) : PREFIX_LENGTH], "big")
    if not 0 < length <= MANIFEST_LENGTH_MAX:
        raise DecodeError(f"a manifest of {length} bytes is not allowed", f"offset {len(MAGIC)}")
    return PREFIX_LENGTH + length


def read_head(front: bytes) -> tuple[Manifest, int]:
    """The manifest, and where the image begins; `HEAD_LENGTH_MAX` bytes of front always suffice.

    The manifest's own bytes are `front[PREFIX_LENGTH:image_offset]`.
    """
    end = head_length(front[:PREFIX_LENGTH])
    if len(front) < end:
        raise DecodeError("the package ends inside its manifest", f"offset {len(front)}")
    return decode(front[PREFIX_LENGTH:end]), end


def check_image(manifest: Manifest, image: Iterable[bytes]) -> None:
    """DecodeError unless these pieces are the whole image that the manifest speaks of."""
    running, length = sha256(), 0
    for piece in image:
        running.update(piece)
        length += len(piece)
    if length != manifest.length:
        raise DecodeError(f"an image of {length} bytes, where its manifest says {manifest.length}")
    if running.hexdigest() != manifest.sha256:
        raise DecodeError("the image is not the one that its manifest names: SHA-256 differs")


def _check(manifest: Manifest, fault: type[Exception]) -> None:
    """A manifest that cannot be true is refused at the door, ours or theirs."""
    names = (manifest.model, manifest.version, manifest.from_version, manifest.format)
    digests = [one for one in (manifest.sha256, manifest.base_sha256) if one is not None]
    wrong = (
        (not all(map(_is_name, names + manifest.hardware)), "a name is empty or too long"),
        (len(manifest.hardware) > HARDWARE_MAX, "too many revisions of hardware"),
        (manifest.length < 0, "the image's length is negative"),
        (not all(map(is_digest, digests)), "no SHA-256 in hex"),
        (manifest.security_counter < 0, "the security counter is negative"),
    )
    for is_wrong, what in wrong:
        if is_wrong:
            raise fault(f"manifest: {what}")


def _is_name(name: str | None) -> bool:
    return name is None or 0 < len(name) <= NAME_LENGTH_MAX


def is_digest(text: str) -> bool:
    """SHA-256 in lower-case hex."""
    return len(text) == 64 and HEX.issuperset(text)
