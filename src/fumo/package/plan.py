"""What is known of a package before its first byte is asked for. Pure.

A `Plan` comes from whoever vouches for packages (signed metadata), not from the server that
sends them: so the download is bounded by a length that was signed, a wrong package is refused
without a fetch, and smaller ways to the same bytes (deltas) are safe to try.
"""

from enum import StrEnum

from msgspec import Struct


class Format(StrEnum):
    """How a delta makes the new bytes of the old ones."""

    ZSTD = "zstd"  # zstd --patch-from
    BSDIFF4 = "bsdiff4"


class Delta(Struct, frozen=True):
    """One smaller way to the same package, from one base.

    `url` is relative to the package's own URL; `length` and `sha256` are the delta file's,
    `base_sha256` the digest of the bytes it starts from: checked before anything is fetched.
    """

    url: str
    format: Format
    length: int
    sha256: str
    base_sha256: str
    base_length: int


class Plan(Struct, frozen=True):
    """A package as somebody vouched for it; all of it None: nobody did (plain mode).

    `length` and `sha256` are those of the whole file that PkgURL leads to. `manifest` is the
    text of its `Manifest` (JSON), when it was signed apart from the file; None: the file's own
    head has it. `deltas` are in the order in which to try them.
    """

    length: int | None = None
    sha256: str | None = None
    manifest: bytes | None = None
    deltas: tuple[Delta, ...] = ()


UNVOUCHED = Plan()
