"""The durable records of a target, D0b to D10 (`docs/reference/records.md`). Pure values.

The journal stores each record as a row of the table of its name and knows nothing else.
"""

from typing import TypeAlias

from msgspec import Struct

from fumo.update.operation import Alert, Attempt, Checkpoint, Held, Intent, Order, Phase
from fumo.update.tally import Tally


class Boot(Struct, frozen=True, tag=True):
    """D0b: the agent woke in the middle of an operation."""

    op_id: int
    phase: str
    boot_id: int


class ExecIn(Struct, frozen=True, tag=True):
    """D1: an accepted Exec."""

    order: Order


class AttemptRow(Struct, frozen=True, tag=True):
    """D2: an attempt, saved again with its failure once it failed (key: op_id, phase, n)."""

    op_id: int
    attempt: Attempt


class CheckpointRow(Struct, frozen=True, tag=True):
    """D3: how far a download is safe; None throws the row away (key: op_id)."""

    op_id: int
    checkpoint: Checkpoint | None


class HeldRow(Struct, frozen=True, tag=True):
    """D3h: what the target holds, or that it holds nothing any more (one row a target).

    `emptied_after`: see `Target`.
    """

    held: Held | None
    emptied_after: int = 0


class ApplyIntent(Struct, frozen=True, tag=True):
    """D4: what is about to be written, and where."""

    op_id: int
    intent: Intent


class TallyRow(Struct, frozen=True, tag=True):
    """D10: what the open operation waited and heard at one stage (key: op_id, stage)."""

    op_id: int
    tally: Tally


class Seal(Struct, frozen=True, tag=True):
    """D7: outcome and outbox in one: no attempt can follow. `reached`: see `Sealed`."""

    op_id: int
    alert: Alert
    reached: Phase = Phase.DOWNLOAD


class Refusal(Struct, frozen=True, tag=True):
    """A counted refusal of a sealed alert (key: op_id; the count only grows)."""

    op_id: int
    refusals: int


class Closed(Struct, frozen=True, tag=True):
    """D8: acknowledged, or refused for good. `clean_up_owed` until CleanedUp."""

    op_id: int
    clean_up_owed: bool


class Forgotten(Struct, frozen=True, tag=True):
    """D9's bound: the rows of an old, settled operation may go."""

    op_id: int


Record: TypeAlias = (
    Boot
    | ExecIn
    | AttemptRow
    | CheckpointRow
    | HeldRow
    | ApplyIntent
    | TallyRow
    | Seal
    | Refusal
    | Closed
    | Forgotten
)
