"""What can happen to an operation: the only inputs of `step`. Pure values, in the past tense.

Those marked *permit* are saved before the effect they permit; all others after what they tell.
"""

from typing import TypeAlias

from msgspec import Struct

from fumo.update.operation import Checkpoint, Evidence, Failure, Held, Intent, Order, Phase
from fumo.update.tally import Tally


class Woke(Struct, frozen=True, tag=True):
    """The agent started (record D0b); after a new boot nothing is assumed done."""

    boot_id: int
    at_s: float


class ExecAccepted(Struct, frozen=True, tag=True):
    """An Exec was judged acceptable; saved before its Status 202 leaves."""

    order: Order


class AttemptBegun(Struct, frozen=True, tag=True):
    """Permits one download attempt, or one more rewrite of the slot."""

    op_id: int
    phase: Phase
    boot_id: int


class Progressed(Struct, frozen=True, tag=True):
    """A checkpoint's bytes are on disk and synced; None: the part file was thrown away."""

    op_id: int
    checkpoint: Checkpoint | None


class Failed(Struct, frozen=True, tag=True):
    """An attempt ended badly. `jitter` in [0, 1) is the random part of the back-off.

    `wait_min_s` is what a server asked for (Retry-After): no shorter wait, within the policy's cap.
    """

    op_id: int
    failure: Failure
    at_s: float = 0.0
    jitter: float = 1.0
    wait_min_s: float = 0.0


class GivenUp(Struct, frozen=True, tag=True):
    """Nothing more is tried: a person or a gate says so, and nothing is written yet."""

    op_id: int
    failure: Failure


class Tallied(Struct, frozen=True, tag=True):
    """At its gates an operation waited, was put off, or heard a person's word."""

    op_id: int
    tally: Tally


class Verified(Struct, frozen=True, tag=True):
    """The package is whole, is what its manifest says, and is synced to disk."""

    op_id: int
    held: Held


class Concluded(Struct, frozen=True, tag=True):
    """A Download has what it was ordered to fetch: this seals its success."""

    op_id: int


class ApplyIntended(Struct, frozen=True, tag=True):
    """Permits writing the slot: the intent and the first apply attempt in one commit."""

    op_id: int
    intent: Intent


class Inspected(Struct, frozen=True, tag=True):
    """The update agent looked (also right after it wrote or flipped)."""

    op_id: int
    evidence: Evidence


class HealthOk(Struct, frozen=True, tag=True):
    """The new image runs on trial and is well."""

    op_id: int


class HealthFailed(Struct, frozen=True, tag=True):
    """The new image runs on trial and is not well: the environment shall fall back."""

    op_id: int


class MarkedGood(Struct, frozen=True, tag=True):
    """The boot environment commits to the new slot: only now success may be sealed."""

    op_id: int


class AlertAcknowledged(Struct, frozen=True, tag=True):
    """An authenticated server answered the alert with 200 or 202."""

    op_id: int


class AlertRefused(Struct, frozen=True, tag=True):
    """An authenticated server refused the alert itself (not 401, 407, 408, 5xx)."""

    op_id: int
    status: int


class CleanedUp(Struct, frozen=True, tag=True):
    """What was held for a settled update is deleted."""

    op_id: int


class PackageReplaced(Struct, frozen=True, tag=True):
    """PkgData was stored and synced; None empties it."""

    held: Held | None


Happening: TypeAlias = (
    Woke
    | ExecAccepted
    | AttemptBegun
    | Progressed
    | Failed
    | GivenUp
    | Tallied
    | Verified
    | Concluded
    | ApplyIntended
    | Inspected
    | HealthOk
    | HealthFailed
    | MarkedGood
    | AlertAcknowledged
    | AlertRefused
    | CleanedUp
    | PackageReplaced
)
