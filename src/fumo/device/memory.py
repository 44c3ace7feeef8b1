"""What the device knows: its target and what servers wrote, always as the journal would tell.

`happens` and `writes` are the ways to change it: save, and only then believe. A journal that fails
to save raises; the agent ends then and is built anew from disk, since nobody knows what was saved.
"""

from collections.abc import Mapping

from fumo.device.ports import Journal, Log
from fumo.tree.written import Written
from fumo.update.duty import reports
from fumo.update.happening import (
    AlertAcknowledged,
    AlertRefused,
    AttemptBegun,
    ExecAccepted,
    Failed,
    Happening,
    Inspected,
)
from fumo.update.operation import Phase, Policy, Target
from fumo.update.records import records
from fumo.update.step import step
from fumo.update.target import attempts_in, open_operation
from fumo.update.view import state


class Memory:
    """The target with its journal; boot_id is this life of the agent."""

    def __init__(self, journal: Journal, policy: Policy, log: Log) -> None:
        """Read what is on disk, and count a boot."""
        self.journal = journal
        self.boot_id = journal.new_boot()
        self.target: Target = journal.load()
        self.written: Mapping[str, Written] = journal.nodes()
        """What servers wrote into the tree, by address."""
        self._policy = policy
        self._log = log

    def happens(self, happening: Happening) -> None:
        """Step, save, believe, tell: in this order."""
        before = self.target
        after = step(before, happening, self._policy)
        added = records(before, after)
        if added:
            self.journal.save(added)
        self.target = after
        self._tell(before, happening)

    def writes(self, changes: Mapping[str, Written | None]) -> None:
        """A server wrote these nodes, or with None removed them: all in one commit."""
        self.journal.save_nodes(changes)
        after = {**self.written, **changes}
        self.written = {uri: one for uri, one in after.items() if one is not None}

    def _tell(self, before: Target, happening: Happening) -> None:
        if (values := self._told(happening)) is not None:
            self._log(type(happening).__name__, **values)
        if (now := state(self.target)) is not state(before):
            self._log("State", value=int(now), name=now.name)
        known = {report.op_id for report in reports(before)}
        for report in reports(self.target):
            if report.op_id not in known:
                self._log("Sealed", operation=report.op_id, result=report.alert.result)

    def _told(self, happening: Happening) -> dict[str, object] | None:
        """What people want to read of a happening; None for one of little interest."""
        match happening:
            case ExecAccepted(order):
                kind, correlator = order.kind, order.correlator
                return {"operation": order.op_id, "kind": kind, "correlator": correlator}
            case AttemptBegun(op_id, phase):
                return {"operation": op_id, "phase": phase, "n": self._count(phase)}
            case Failed(op_id, failure):
                how = "temporary" if failure.temporary else "permanent"
                what = {"cause": failure.cause, "result": failure.result, "how": how}
                return {"operation": op_id, **what}
            case Inspected(op_id, evidence):
                return {"operation": op_id, "evidence": evidence}
            case AlertAcknowledged(op_id):
                return {"operation": op_id}
            case AlertRefused(op_id, status):
                return {"operation": op_id, "status": status}
            case _:
                return None

    def _count(self, phase: Phase) -> int:
        operation = open_operation(self.target)
        return attempts_in(operation, phase) if operation else 0
