"""The mark of an installer that cannot be looked into: what was begun, and what came of it.

Written before the installer starts, so that after any cut it is known that it may have run: from
there on it is never started again for that token. One small file, replaced whole and durably.
"""

from enum import StrEnum

import msgspec
from msgspec import Struct

from fumo.device.files import Files
from fumo.errors import DecodeError

MARK = "installer"
LENGTH_MAX = 4096


class Stage(StrEnum):
    """How far an install came."""

    NOTHING = "nothing"  # never begun, or it said that it touched nothing
    BEGUN = "begun"  # it may have done anything
    FAILED = "failed"  # it said so
    STAGED = "staged"  # whole; a start of the machine brings it up
    INSTALLED = "installed"  # whole, and running
    GOOD = "good"
    GAVE_UP = "gave up"  # undone, as far as that can be


class Mark(Struct, frozen=True):
    """`trials` are the starts that saw it run, `boot` is the machine's start that staged it;
    `security_counter` outlives every token."""

    token: str = ""
    stage: Stage = Stage.NOTHING
    cause: str = ""
    result: int = 0
    trials: int = 0
    boot: str = ""
    security_counter: int = 0


def read(files: Files) -> Mark:
    """The mark that stands. DecodeError: it rotted, and nobody knows what was begun."""
    data = files.read(MARK, 0, LENGTH_MAX)
    if not data and not files.exists(MARK):
        return Mark()
    try:
        return msgspec.json.decode(data, type=Mark)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"the installer's mark cannot be read: {error}", MARK) from error


def write(files: Files, mark: Mark) -> None:
    """In place of the one before."""
    files.replace(MARK, msgspec.json.encode(mark))
