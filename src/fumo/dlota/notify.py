"""What the server of a package is told of its transfer: install-notify. Pure.

A report is one line, a code and words for people. It is about the transfer alone: what became of
the firmware is told by the alert of DM, and neither waits for the other.
"""

from enum import IntEnum

from fumo.errors import DecodeError

DIGITS = 3


class Code(IntEnum):
    """The codes of OMA Download 1.0; 904 was never given away."""

    SUCCESS = 900
    INSUFFICIENT_MEMORY = 901
    USER_CANCELLED = 902
    LOSS_OF_SERVICE = 903
    ATTRIBUTE_MISMATCH = 905
    INVALID_DESCRIPTOR = 906
    INVALID_VERSION = 951
    DEVICE_ABORTED = 952
    NON_ACCEPTABLE_CONTENT = 953
    LOADER_ERROR = 954


WORDS = {
    Code.SUCCESS: "Success",
    Code.INSUFFICIENT_MEMORY: "Insufficient memory",
    Code.USER_CANCELLED: "User Cancelled",
    Code.LOSS_OF_SERVICE: "Loss of Service",
    Code.ATTRIBUTE_MISMATCH: "Attribute mismatch",
    Code.INVALID_DESCRIPTOR: "Invalid descriptor",
    Code.INVALID_VERSION: "Invalid DDVersion",
    Code.DEVICE_ABORTED: "Device Aborted",
    Code.NON_ACCEPTABLE_CONTENT: "Non-Acceptable Content",
    Code.LOADER_ERROR: "Loader Error",
}


def words_of(code: int) -> str:
    """What a code means; a number that nobody gave a meaning says so."""
    return WORDS[Code(code)] if code in WORDS else "Not a code of the standard"


def report(code: Code) -> bytes:
    """The body of the POST; the line ends as the standard writes it."""
    return f"{code.value} {WORDS[code]}\n\r".encode()


def read(body: bytes) -> int:
    """The code in a report, known or not: devices spell the words in their own ways."""
    number = body.lstrip()[: DIGITS + 1].rstrip()
    digits, rest = number[:DIGITS], number[DIGITS:]
    if not (len(digits) == DIGITS and digits.isdigit()) or rest.isdigit():
        raise DecodeError("a report that does not begin with a code of three digits")
    return int(digits)
