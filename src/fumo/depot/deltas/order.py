"""What the process that makes a delta is told, and what it answers. Pure."""

from msgspec import Struct

from fumo.package.plan import Format

NOT_MADE, NO_MEMORY = 1, 3
"""Exit codes."""


class Order(Struct, frozen=True):
    """From `base_length` bytes of the file `base`, from `base_start` on, to the file `target`."""

    format: Format
    base: str
    base_start: int
    base_length: int
    target: str
    output: str
    level: int
    memory_bytes: int
    seconds: int
    nice: int


class Answer(Struct, frozen=True):
    """The delta that was written, the digest of what it starts from, and memory at the most."""

    length: int
    sha256: str
    base_sha256: str
    memory_bytes: int
