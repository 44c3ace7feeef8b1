"""What goes wrong between the processes, as data; the same seed makes the same faults. Pure.

A fault is chosen for the n-th request of a device's n-th order, never by the clock, so how fast a
machine is does not change the story. Bounded: an operation meets at most `per_operation_max`
faults, fewer than its attempts, unless its device is the one that can never download.
"""

from enum import StrEnum
from random import Random

from msgspec import Struct


class FaultKind(StrEnum):
    """What is done to one package request."""

    UNAVAILABLE = "unavailable"  # 503, the depot never hears of it
    RESET = "reset"  # the connection is reset before an answer
    CUT = "cut"  # reset in the middle of the body
    STALL = "stall"  # silent in the middle of the body, then reset
    CORRUPT = "corrupt"  # one octet of the image is another


TEMPORARY = (FaultKind.UNAVAILABLE, FaultKind.RESET, FaultKind.CUT, FaultKind.STALL)
REFUSING = (FaultKind.UNAVAILABLE, FaultKind.RESET)


class Faults(Struct, frozen=True):
    """The weather. `never`, `corrupt` and `drop_reply` name a device, or none; the first two hold
    for its first order only: before the second the cause is removed."""

    seed: int = 8
    share: float = 0.3
    per_operation_max: int = 4
    never: str = ""
    corrupt: str = ""
    drop_reply: str = ""
    rate_bytes_s: int = 5_000_000
    stall_s: float = 0.7


class Fault(Struct, frozen=True):
    """One fault, and at which part of the body it strikes."""

    kind: FaultKind
    part: float


def fault_for(faults: Faults, device: str, order: int, requests: int, met: int) -> Fault | None:
    """What happens to a request, `requests` and `met` faults having been before it."""
    dice = Random(f"{faults.seed}/{device}/{order}/{requests}")
    part = 0.1 + 0.8 * dice.random()
    if device == faults.never and order == 1:
        return Fault(REFUSING[requests % len(REFUSING)], part)
    if met < faults.per_operation_max and dice.random() < faults.share:
        return Fault(dice.choice(TEMPORARY), part)
    if device == faults.corrupt and order == 1:
        return Fault(FaultKind.CORRUPT, part)
    return None
