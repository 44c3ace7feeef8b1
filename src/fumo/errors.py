"""Whose fault it is. Every error Fumo raises on purpose is one of these.

    FumoError
    ├── PeerError       the other side broke the protocol; its session ends
    │   └── DecodeError its bytes are no message we may read
    └── MisuseError     our own bug; caught only where it must not spread

A peer's *bad command* is none of these: it is answered with a Status and the session goes on.
"""


class FumoError(Exception):
    """Anything Fumo raises on purpose."""


class PeerError(FumoError):
    """The other side broke the rules; the text says what and where."""


class DecodeError(PeerError):
    """Bytes that are no message: what is wrong, and where in the bytes or the document."""

    def __init__(self, what: str, where: str = "") -> None:
        """`what` is one short sentence; `where` is an offset or a path of elements."""
        super().__init__(f"{what} (at {where})" if where else what)
        self.what = what
        self.where = where


class MisuseError(FumoError):
    """We called our own code wrongly."""
