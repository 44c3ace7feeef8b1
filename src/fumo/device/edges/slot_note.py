"""What an installer was asked to do with a slot, noted durably before it was asked.

RAUC and SWUpdate know nothing of an operation's token, and what they remember of a slot may be
older than what is in it (RAUC 1.8 says "ok" of a slot that it was overwriting when it was killed).
The note ties the token to what they show. One small file, replaced whole and durably.
"""

from enum import StrEnum

import msgspec
from msgspec import Struct

from fumo.device.files import Files
from fumo.errors import DecodeError

NOTE = "slot-note"
LENGTH_MAX = 4096


class Step(StrEnum):
    """How far the installer was asked to go."""

    NOTHING = "nothing"
    BEGUN = "begun"  # the slot may hold anything
    WRITTEN = "written"  # the installer said that it is whole
    ARMED = "armed"  # the boot loader was told, or was about to be
    GOOD = "good"  # committed


class Note(Struct, frozen=True):
    """`installs` is RAUC's count for the slot before ours; `boot` the start of the machine in
    which it was armed; `length` and `sha256` are what was read back; the counter outlives tokens.
    """

    token: str = ""
    slot: str = ""
    step: Step = Step.NOTHING
    installs: int = 0
    boot: str = ""
    length: int = 0
    sha256: str = ""
    security_counter: int = 0


def read(files: Files) -> Note:
    """The note that stands. DecodeError: it rotted."""
    data = files.read(NOTE, 0, LENGTH_MAX)
    if not data and not files.exists(NOTE):
        return Note()
    try:
        return msgspec.json.decode(data, type=Note)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"the note of the slot cannot be read: {error}", NOTE) from error


def read_for(files: Files, token: str) -> Note:
    """What stands of this token."""
    note = read(files)
    return note if note.token == token else Note(token, security_counter=note.security_counter)


def write(files: Files, note: Note) -> None:
    """In place of the one before."""
    files.replace(NOTE, msgspec.json.encode(note))
