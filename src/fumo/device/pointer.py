"""What a PkgURL says of the package that it leads to. Pure.

    http://depot.example/packages/7/#target=lamp-2.pkg       a name among signed packages
    http://depot.example/lamp-2.pkg                          the same: the last segment is the name
    http://old.example/fw.bin#sha256=9f86d0…                 its digest, told by the DM server

The part behind `#` is never sent to the download server (RFC 3986 3.5), so it may say what only
the device needs. A name is no path: nothing on this device is ever called by it.
"""

from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from fumo.package.manifest import is_digest

NAME_LENGTH_MAX = 256
FIELDS_MAX = 8


class Pointer(Struct, frozen=True):
    """What was found; None: it is not there, or is none."""

    name: str | None = None
    sha256: str | None = None
    malformed: bool = False


def read_pointer(url: str) -> Pointer:
    """Total: whatever is odd makes it malformed."""
    try:
        parts = urlsplit(url)
        fields = parse_qsl(parts.fragment, max_num_fields=FIELDS_MAX, errors="strict")
        told = dict(fields)
        segment = unquote(parts.path.rpartition("/")[2], errors="strict")
    except ValueError:
        return Pointer(malformed=True)
    sha256, target = told.get("sha256"), told.get("target")
    name = segment if target is None else target
    odd = (target is not None and not is_name(target)) or (name != "" and not is_name(name))
    odd = odd or (sha256 is not None and not is_digest(sha256)) or len(told) != len(fields)
    return Pointer(malformed=True) if odd else Pointer(name or None, sha256)


def is_name(text: str) -> bool:
    """One segment, printable, that leads nowhere else."""
    plain = text.isprintable() and not set(text) & set("/\\\0")
    return plain and 0 < len(text) <= NAME_LENGTH_MAX and text.strip(".") != ""
