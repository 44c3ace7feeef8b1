"""A device made of the pure rooms alone, for stories: happenings in, duties and records out.

At every happening it checks what must always hold: the records saved so far tell the target, and
State moved along edges of the standard only.
"""

from fumo.codes import Kind, State
from fumo.update import (
    Accept,
    Answer,
    Policy,
    Target,
    durable,
    duty,
    fold,
    judge,
    locked,
    records,
    reports,
    state,
    step,
)
from fumo.update.duty import Duty, Wait
from fumo.update.failures import Cause, failure
from fumo.update.happening import (
    AlertAcknowledged,
    ApplyIntended,
    ExecAccepted,
    Failed,
    Happening,
    HealthOk,
    Inspected,
    MarkedGood,
    PackageReplaced,
    Verified,
    Woke,
)
from fumo.update.operation import Evidence, Held, Intent, Operation, Order
from fumo.update.record import Record
from fumo.update.target import open_operation
from tests.update.edges import PKG_DATA, Step, legal

SERVER, OBJECT, URL = "srv", "./FwUpdate/Pkg1", "http://depot/p/1"


def order(
    kind: Kind, correlator: str | None = "42", url: str | None = URL, op_id: int = 0
) -> Order:
    """An Exec as it comes from the server; its op_id is not given yet."""
    url = None if kind is Kind.UPDATE else url
    return Order(op_id, SERVER, OBJECT, kind, correlator, "1", 2, 3, url)


def held(source: int | None = None, package_id: str = "p") -> Held:
    return Held(package_id, length=20, sha256="ab", source=source)


def intent(boot_id: int) -> Intent:
    return Intent("token", "B", "1.0", "2.0", "cd", 16, boot_id)


def step_of(before: Target, after: Target, happening: Happening) -> Step:
    """What is to be seen of it, for the judge of edges."""
    running = open_operation(after) or open_operation(before)
    done: set[str] = (
        {running.order.kind} if isinstance(happening, ExecAccepted) and running else set()
    )
    if isinstance(happening, PackageReplaced):
        done.add(PKG_DATA)
    kind = running.order.kind if running else None
    return Step(int(state(before)), int(state(after)), frozenset(done), kind)


class Device:
    """One target, its journal as a list, and the boot that runs."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or Policy(backoff_base_s=2.0)
        self.target = Target()
        self.saved: list[Record] = []
        self.boot_id = 0
        self.at_s = 0.0
        self.boot()

    def happen(self, happening) -> None:
        """Step and save."""
        before, after = self.target, step(self.target, happening, self.policy)
        self.saved.extend(records(before, after))
        assert fold(self.saved) == durable(after)
        assert legal(step_of(before, after, happening))
        self.target = after

    def boot(self) -> None:
        """Power cut and start: only what was saved is left, and a new clock."""
        self.boot_id += 1
        self.at_s = 0.0
        self.target = fold(self.saved)
        self.happen(Woke(self.boot_id, self.at_s))

    def exec(
        self, kind: Kind, correlator: str | None = "42", url: str | None = URL
    ) -> Answer | None:
        """The server's Exec; None when it was accepted."""
        judged = judge(self.target, order(kind, correlator, url))
        if isinstance(judged, Accept):
            self.happen(judged.happening)
            return None
        return judged

    def owes(self) -> Duty | Wait | None:
        return duty(self.target, self.at_s, self.boot_id)

    def begin(self) -> Duty:
        """Take the duty that is owed now and save what permits it."""
        owed = self.owes()
        assert isinstance(owed, Duty)
        if owed.permit is not None:
            self.happen(owed.permit)
        return owed

    def fail(self, cause: Cause, jitter: float = 1.0) -> None:
        self.happen(Failed(self.op_id, failure(cause), self.at_s, jitter))

    def fetch(self) -> None:
        """A download attempt that ends well."""
        self.begin()
        self.happen(Verified(self.op_id, held(self.op_id)))

    def intend(self) -> None:
        self.happen(ApplyIntended(self.op_id, intent(self.boot_id)))

    def sees(self, *evidence: Evidence) -> None:
        for one in evidence:
            self.happen(Inspected(self.op_id, one))

    def apply_well(self) -> None:
        """From the intent to the committed slot, with a reboot between."""
        self.intend()
        self.sees(Evidence.NONE, Evidence.WRITTEN, Evidence.FLIPPED)
        self.boot()
        self.sees(Evidence.TRIAL)
        self.happen(HealthOk(self.op_id))
        self.happen(MarkedGood(self.op_id))

    def acknowledge(self, op_id: int | None = None) -> None:
        self.happen(AlertAcknowledged(op_id or self.op_id))

    @property
    def op_id(self) -> int:
        return self.target.last_op_id

    @property
    def newest(self) -> Operation:
        return self.target.operations[-1]

    @property
    def newest_or_none(self) -> Operation | None:
        return self.target.operations[-1] if self.target.operations else None

    @property
    def state(self) -> State:
        return state(self.target)

    @property
    def locked(self) -> bool:
        return locked(self.target)

    @property
    def told(self) -> list[int]:
        """The results whose alerts are owed."""
        return [report.alert.result for report in reports(self.target)]
