"""The durable records of a target, D0b to D10 (`docs/reference/records.md`). Pure.

`records(before, after)` (`saving`) are the records that one step added; `fold(records)`
(`folding`) is the target they tell; the values themselves stand in `record`.
"""

from fumo.update.folding import durable, fold
from fumo.update.record import (
    ApplyIntent,
    AttemptRow,
    Boot,
    CheckpointRow,
    Closed,
    ExecIn,
    Forgotten,
    HeldRow,
    Record,
    Refusal,
    Seal,
    TallyRow,
)
from fumo.update.saving import records

__all__ = [
    "ApplyIntent",
    "AttemptRow",
    "Boot",
    "CheckpointRow",
    "Closed",
    "ExecIn",
    "Forgotten",
    "HeldRow",
    "Record",
    "Refusal",
    "Seal",
    "TallyRow",
    "durable",
    "fold",
    "records",
]
