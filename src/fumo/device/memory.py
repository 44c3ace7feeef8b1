"""What the device knows: its targets and what servers wrote, always as the journal would tell.

`happens` and `writes` are the ways to change it: save, and only then believe. A journal that fails
to save raises; the agent ends then and is built anew from disk, since nobody knows what was saved.
"""

from collections.abc import Iterable, Mapping

from fumo.device.ports import Journal, Log
from fumo.tree.written import Written
from fumo.update.duty import Report, reports
from fumo.update.happening import (
    AlertAcknowledged,
    AlertRefused,
    AttemptBegun,
    ExecAccepted,
    Failed,
    Happening,
    Inspected,
    PackageReplaced,
    Progressed,
    Woke,
)
from fumo.update.operation import Phase, Policy, Target
from fumo.update.records import records
from fumo.update.step import step
from fumo.update.target import attempts_in, find, open_operation
from fumo.update.view import state


class Memory:
    """The targets with their journal; boot_id is this life of the agent.

    Also an object that the device has no longer is known as long as the journal tells of it: its
    results are still owed.
    """

    def __init__(self, journal: Journal, objects: Iterable[str], policy: Policy, log: Log) -> None:
        """Read what is on disk, and count a boot. `objects` are the addresses of those it has."""
        self.journal = journal
        self.boot_id = journal.new_boot()
        known = journal.load()
        self.targets: dict[str, Target] = {uri: Target() for uri in objects} | dict(known)
        """Each FUMO object's own, by address."""
        self.written: Mapping[str, Written] = journal.nodes()
        """What servers wrote into the tree, by address."""
        self._policy = policy
        self._log = log

    @property
    def next_op_id(self) -> int:
        """The number of the next operation, whichever object it is ordered of."""
        return 1 + max((one.last_op_id for one in self.targets.values()), default=0)

    def reports(self) -> tuple[Report, ...]:
        """The alerts that are owed, of all objects, oldest first."""
        owed = (report for target in self.targets.values() for report in reports(target))
        return tuple(sorted(owed, key=lambda report: report.op_id))

    def at_rest(self) -> bool:
        """Nothing goes on, of any object."""
        return all(open_operation(target) is None for target in self.targets.values())

    def object_of(self, op_id: int) -> str | None:
        """Whose operation that is; None: it is forgotten."""
        for uri, target in self.targets.items():
            if op_id <= target.last_op_id and find(target, op_id) is not None:
                return uri
        return None

    def wakes(self, at_s: float) -> None:
        """A life begins: known to every object before any duty."""
        for uri in self.targets:
            self.happens(uri, Woke(self.boot_id, at_s))

    def happens(self, uri: str, happening: Happening) -> None:
        """Step, save, believe, tell: in this order."""
        before = self.targets[uri]
        after = step(before, happening, self._policy)
        added = records(before, after)
        if added:
            self.journal.save(uri, added)
        self.targets[uri] = after
        self._tell(uri, before, happening)

    def ends(self, target: Target, happening: Happening) -> bool:
        """Would this seal what is open of a target? Nothing is saved."""
        return open_operation(step(target, happening, self._policy)) is None

    def writes(self, changes: Mapping[str, Written | None]) -> None:
        """A server wrote these nodes, or with None removed them: all in one commit."""
        self.journal.save_nodes(changes)
        after = {**self.written, **changes}
        self.written = {uri: one for uri, one in after.items() if one is not None}

    def _tell(self, uri: str, before: Target, happening: Happening) -> None:
        after = self.targets[uri]
        if isinstance(happening, PackageReplaced):
            length = happening.held.length if happening.held else 0
            self._log("PackageReplaced", bytes=length, object=uri)
        if (values := _told(happening, after)) is not None:
            self._log(type(happening).__name__, **values)
        if (now := state(after)) is not state(before):
            self._log("State", value=int(now), name=now.name, object=uri)
        known = {report.op_id for report in reports(before)}
        for report in reports(after):
            if report.op_id not in known:
                self._log("Sealed", operation=report.op_id, result=report.alert.result)


def _told(happening: Happening, after: Target) -> dict[str, object] | None:
    """What people want to read of a happening; None for one of little interest."""
    match happening:
        case ExecAccepted(order):
            return {
                "operation": order.op_id,
                "kind": order.kind,
                "correlator": order.correlator,
                "object": order.object_uri,
            }
        case AttemptBegun(op_id, phase):
            return {"operation": op_id, "phase": phase, "n": _count(after, phase)}
        case Progressed(op_id, checkpoint) if checkpoint is not None:
            told = {"received": checkpoint.length, "total": checkpoint.total}
            return {"operation": op_id, **told}
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


def _count(target: Target, phase: Phase) -> int:
    operation = open_operation(target)
    return attempts_in(operation, phase) if operation else 0
