"""What is owed now. Pure.

`duty(target, at_s, boot_id)` is the first thing owed that need not wait, else a `Wait`, else
None. A normal run and the recovery after a power cut are the same loop: load, ask, do, go on.
Each duty carries in `permit` the happening to save *before* its effect, or None.
"""

from typing import TypeAlias

from msgspec import Struct

from fumo.update.happening import Happening
from fumo.update.operation import Alert, Intent, Order


class Report(Struct, frozen=True, tag=True):
    """Tell the server the sealed result; any number of times, always the same."""

    op_id: int
    alert: Alert
    permit: Happening | None = None


class Download(Struct, frozen=True, tag=True):
    """Fetch up to one checkpoint more of the package."""

    op_id: int
    order: Order
    permit: Happening | None = None


class Conclude(Struct, frozen=True, tag=True):
    """Nothing to do but to save the permit: a Download has what it was ordered to fetch."""

    op_id: int
    permit: Happening | None = None


class Prepare(Struct, frozen=True, tag=True):
    """Judge what is held and make the intent; ends in ApplyIntended or Failed."""

    op_id: int
    order: Order
    permit: Happening | None = None


class Inspect(Struct, frozen=True, tag=True):
    """Ask the update agent for evidence: it decides, never the memory."""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class Write(Struct, frozen=True, tag=True):
    """Write the image into the inactive slot, sync it, read it back."""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class Flip(Struct, frozen=True, tag=True):
    """Make the boot environment try the slot at the next boot (record D5 is that write)."""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class Reboot(Struct, frozen=True, tag=True):
    """End the agent; the environment chooses what starts next."""

    op_id: int
    permit: Happening | None = None


class CheckHealth(Struct, frozen=True, tag=True):
    """Is the image that runs on trial the one that was intended, and is it well?"""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class MarkGood(Struct, frozen=True, tag=True):
    """Commit the boot environment to the running slot (record D6)."""

    op_id: int
    intent: Intent
    permit: Happening | None = None


class CleanUp(Struct, frozen=True, tag=True):
    """Delete the package a settled update leaves behind."""

    op_id: int
    permit: Happening | None = None


Duty: TypeAlias = (
    Report
    | Download
    | Conclude
    | Prepare
    | Inspect
    | Write
    | Flip
    | Reboot
    | CheckHealth
    | MarkGood
    | CleanUp
)


class Wait(Struct, frozen=True):
    """Nothing is owed before `until_s` (monotonic); `reason` is for people."""

    until_s: float
    reason: str
