"""What the depot needs of the world: a store of contents, each named by its SHA-256.

A `Store` is called from any thread, and by any number of processes at once. What `add` gave back is
whole, durable, and never changed in place; the same content twice is one.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from msgspec import Struct

PIECE = 1024 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")
WORD = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
"""A SHA-256 as a plain file names it."""
UPLOAD = re.compile(r"[0-9a-f]{32}")
PLAIN = re.compile(r"(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
"""The name of a plain file: a path of simple words, which leads nowhere else."""


class Readable(Protocol):
    """What bytes come out of, piece by piece."""

    def read(self, size: int, /) -> bytes:
        """The next piece; empty at the end."""


class Stored(Struct, frozen=True):
    """A content that was added."""

    sha256: str
    length: int


class Found(Struct, frozen=True):
    """A content that is there. `path` is its file, in a folder.

    `mark` is another one as soon as its bytes were written again. `tag` is the ETag of the store's
    own server, which sees whoever is led there.
    """

    sha256: str
    length: int
    mark: str
    path: Path | None = None
    tag: str = ""


class Named(Struct, frozen=True):
    """A content in a listing; `at_s` is when it was added last."""

    sha256: str
    length: int
    at_s: float


class Part(Struct, frozen=True):
    """A piece of an upload that is durable."""

    number: int
    length: int


class Store(Protocol):
    """Contents, parts of those on their way, and plain files beside them.

    `is_near`: `find` never waits for anybody.
    """

    is_near: bool

    def add(self, content: Readable) -> Stored:
        """Durable when it returns; nothing is kept when reading fails."""

    def find(self, sha256: str) -> Found | None:
        """A content, or None; None too for what is no SHA-256."""

    def read(self, sha256: str, start: int = 0, count: int | None = None) -> Iterator[bytes]:
        """Its bytes from `start`, so many (None: all that follow); OSError when it is gone."""

    def checked(self, found: Found) -> bool | None:
        """Was it what its name says when `check` read it? None: not read as it is; never waits."""

    def check(self, found: Found) -> bool:
        """Read it all: is it still what its name says?"""

    def lead(self, sha256: str, seconds: int) -> str | None:
        """An address that leads to its bytes for so long; None: only we can give them."""

    def names(self) -> Iterator[Named]:
        """Every content."""

    def named(self) -> Iterator[str]:
        """The SHA-256 of every content that a plain file names; more than those do no harm."""

    def remove(self, sha256: str, before_s: float) -> bool:
        """Take it away if it was added before this moment; was it?"""

    def put_part(self, upload: str, number: int, content: bytes) -> None:
        """Keep a piece of an upload, durable when it returns; one of this number is replaced."""

    def parts(self, upload: str) -> list[Part]:
        """Its pieces, by number."""

    def read_part(self, upload: str, number: int) -> bytes:
        """One piece; OSError when it is gone."""

    def drop(self, upload: str) -> None:
        """Forget an upload's pieces."""

    def uploads(self) -> Iterator[str]:
        """Every upload of which there are pieces."""

    def put_plain(self, name: str, content: bytes) -> None:
        """Write a small file of this name, such as `metadata/root.json`, whole or not at all."""

    def plain(self, name: str) -> bytes | None:
        """What was written under this name last; None: nothing, or no such name can be."""
