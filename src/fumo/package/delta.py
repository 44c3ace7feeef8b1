"""A delta as its maker made it: whether it is worth it, and how it stands in signed words. Pure.

A delta leads from one image, the bytes that a slot holds, to the whole file of another package.
"""

from msgspec import Struct

from fumo.errors import FumoError
from fumo.package.listing import Route
from fumo.package.plan import Format

WORTH_PERCENT = 70
FOLDER = "deltas"
"""Where deltas lie, beside the address of their package."""


class NotMade(FumoError):
    """There is no delta. `final`: nor will there be, however often it is tried."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        """`why` is one short sentence."""
        super().__init__(why)
        self.final = final


class Made(Struct, frozen=True):
    """A delta and what it cost: `seconds` by the clock, `memory_bytes` at the most."""

    format: Format
    length: int
    sha256: str
    base_length: int
    base_sha256: str
    seconds: float
    memory_bytes: int


def is_worth_it(length: int, full: int, percent: int = WORTH_PERCENT) -> bool:
    """Is the delta so much smaller than the package that devices should look at it?"""
    return length * 100 < full * percent


def route(made: Made) -> Route:
    """What stands about it in `deltas` of the package's signed words."""
    return Route(
        url=f"{FOLDER}/{made.sha256}",
        format=made.format.value,
        length=made.length,
        sha256=made.sha256,
        base_sha256=made.base_sha256,
        base_length=made.base_length,
    )
