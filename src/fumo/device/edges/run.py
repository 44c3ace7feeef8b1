"""One download attempt as far as it lives in memory. A restart loses it, and nothing with it."""

from fumo.device.edges.http_body import Body
from fumo.device.edges.intake import Intake
from fumo.device.edges.pace import Limits
from fumo.device.edges.part_file import PartFile
from fumo.device.edges.trouble import Trouble
from fumo.package.plan import Delta, Plan
from fumo.update.operation import Checkpoint


class Run:
    """What is open, and what was found out since the attempt began."""

    def __init__(self, op_id: int, limits: Limits, checkpoint: Checkpoint | None) -> None:
        """Nothing is open yet."""
        self.op_id = op_id
        self.checkpoint = checkpoint
        self.plan: Plan | None = None
        self.delta: Delta | None = None
        """The smaller way that is being gone, if one is."""
        self.size: int | None = None
        """What a descriptor says of the length."""
        self.part: PartFile | None = None
        self.body: Body | None = None
        self.body_is_judged = False
        self.used_s = 0.0
        self.starts_over = 0
        self.got_bytes = False
        self.intake = Intake(limits)
        self.owed: Trouble | None = None

    @property
    def total(self) -> int | None:
        """The length of the whole, if anybody told it."""
        return self.checkpoint.total if self.checkpoint else None

    def turn(self, body: Body | None) -> None:
        """Begin anew with this body, or none: what was fetched so far counts for nothing."""
        self.close_body()
        self.body, self.part, self.checkpoint = body, None, None

    def close_body(self) -> None:
        """Let go of the connection."""
        if self.body is not None:
            self.body.close()
        self.body, self.body_is_judged = None, False
