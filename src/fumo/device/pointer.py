"""What a PkgURL says of the package that it leads to. Pure.

    http://depot.example/packages/7/#target=lamp-2.pkg       a name among signed packages
    http://depot.example/lamp-2.pkg                          the same: the last segment is the name
    http://old.example/fw.bin#sha256=9f86d0…                 its digest, told by the DM server: the
                                                             name, too, unless a target is told

The part behind `#` is never sent to the download server (RFC 3986 3.5), so it may say what only
the device needs. A name is no path: nothing on this device is ever called by it.
"""

from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from fumo.package.manifest import is_digest

NAME_LENGTH_MAX = 256
FIELDS_MAX = 8


class Pointer(Struct, frozen=True):
    """`name` None: there is none, or none that could be one. `malformed`: its words behind `#`."""

    name: str | None = None
    sha256: str | None = None
    malformed: bool = False


MALFORMED = Pointer(malformed=True)


def read_pointer(url: str) -> Pointer:
    """Total: any text gives a pointer."""
    try:
        parts = urlsplit(url)
        fields = parse_qsl(
            parts.fragment, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
        )
    except ValueError:
        return MALFORMED
    told = dict(fields)
    sha256 = told.get("sha256")
    name = told.get("target", sha256 or _last_of(parts.path))
    if len(told) != len(fields) or (sha256 is not None and not is_digest(sha256)):
        return MALFORMED
    return Pointer(name if is_name(name) else None, sha256)


def _last_of(path: str) -> str:
    """The last segment, decoded once."""
    try:
        return unquote(path.rpartition("/")[2], errors="strict")
    except UnicodeDecodeError:
        return ""


def is_name(text: str) -> bool:
    """One segment, printable, that leads nowhere else."""
    plain = text.isprintable() and not set(text) & set("/\\\0")
    return plain and 0 < len(text) <= NAME_LENGTH_MAX and text.strip(".") != ""
