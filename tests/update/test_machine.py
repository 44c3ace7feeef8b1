"""Any life of a device, as hypothesis makes it up: legal effects in any order, power cuts anywhere.

`Device.happen` checks at every step that the saved records tell the target and that State moves
along edges of the standard. Here stand the invariants of one operation: I1 to I5.
"""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.update import Policy, reports
from fumo.update.duty import (
    CheckHealth,
    CleanUp,
    Conclude,
    Download,
    Duty,
    Flip,
    Inspect,
    MarkGood,
    Prepare,
    Reboot,
    Wait,
    Write,
)
from fumo.update.failures import Cause, failure
from fumo.update.happening import (
    AlertAcknowledged,
    AlertRefused,
    ApplyIntended,
    CleanedUp,
    Failed,
    GivenUp,
    HealthFailed,
    HealthOk,
    Inspected,
    MarkedGood,
    PackageReplaced,
    Progressed,
    Tallied,
    Verified,
)
from fumo.update.operation import (
    Checkpoint,
    Evidence,
    Phase,
    Sealed,
    Settled,
)
from fumo.update.tally import Stage, Word, deferred, tally_at, waited
from fumo.update.wishes import cancel
from tests.update.story import Device, held, intent

POLICY = Policy(
    download_attempts_max=3,
    apply_attempts_max=2,
    backoff_base_s=1.0,
    boots_max=6,
    refusals_max=3,
    tombstones_max=2,
)
CAUSES = st.sampled_from(Cause)
EVIDENCE = st.sampled_from(Evidence)
CORRELATORS = st.sampled_from(["1", "2", "3", None])


class Life(RuleBasedStateMachine):
    """One device, and what an observer outside wrote down about it."""

    def __init__(self) -> None:
        super().__init__()
        self.device = Device(POLICY)
        self.alerts: dict[int, object] = {}
        self.tries: Counter[tuple[int, Phase]] = Counter()
        self.committed: set[int] = set()

    # what a server does
    @rule(kind=st.sampled_from(Kind), correlator=CORRELATORS)
    def exec(self, kind, correlator):
        self.device.exec(kind, correlator)

    @precondition(lambda self: not self.device.locked)
    @rule(empty=st.booleans())
    def package_data(self, empty):
        self.device.happen(PackageReplaced(None if empty else held()))

    @precondition(lambda self: self.device.op_id > 0)
    @rule(data=st.data(), refused=st.booleans())
    def answers(self, data, refused):
        op_id = data.draw(st.sampled_from(self.closed()) if self.closed() else st.none())
        if op_id is not None:
            answer = AlertRefused(op_id, 406) if refused else AlertAcknowledged(op_id)
            self.device.happen(answer)

    # what the world does
    @rule()
    def power_cut(self):
        self.device.boot()

    @rule(seconds=st.integers(1, 8))
    def time_passes(self, seconds):
        self.device.at_s += seconds

    @precondition(lambda self: self.device.locked)
    @rule(
        stage=st.sampled_from(Stage),
        seconds=st.floats(0.0, 100.0),
        word=st.sampled_from([None, *Word]),
    )
    def waits(self, stage, seconds, word):
        """A gate is shut: time passes there, and a person may say something."""
        tally = waited(tally_at(self.device.target.tallies, stage), seconds)
        if word is Word.LATER:
            tally = deferred(tally, seconds)
        elif tally.word is None or word is Word.NO:
            tally = replace(tally, word=word)
        self.device.happen(Tallied(self.device.op_id, replace(tally, waiting=True)))

    @precondition(lambda self: isinstance(cancel(self.device.target), GivenUp))
    @rule(cause=st.sampled_from([Cause.CANCELLED, Cause.GATE_SHUT]))
    def gives_up(self, cause):
        self.device.happen(GivenUp(self.device.op_id, failure(cause)))

    @rule(well=st.booleans(), cause=CAUSES, seen=EVIDENCE, lost=st.booleans())
    def works(self, well, cause, seen, lost):
        """Do what is owed; `lost`: the power goes after the permit, whatever the effect did."""
        owed = self.device.owes()
        if owed is None or isinstance(owed, Wait):
            return
        self.goes_on()
        self.device.begin()
        self.observe(owed)
        if lost or isinstance(owed, Reboot):
            self.device.boot()
        elif not isinstance(owed, Conclude):
            self.effect(owed, well, cause, seen)

    def goes_on(self) -> None:
        """No effect begins before the journal knows that nothing waits any more."""
        for tally in self.device.target.tallies:
            if tally.waiting:
                going = replace(tally, waiting=False)
                self.device.happen(Tallied(self.device.op_id, going))

    def observe(self, owed: Duty) -> None:
        """An effect begins: nothing that was told may begin, nothing begins too often."""
        assert owed.op_id not in self.alerts or isinstance(owed, CleanUp)  # I1
        if isinstance(owed, Download) and owed.permit is not None:
            self.tries[owed.op_id, Phase.DOWNLOAD] += 1
        if isinstance(owed, Write):
            self.tries[owed.op_id, Phase.APPLY] += 1
        if isinstance(owed, MarkGood):
            self.committed.add(owed.op_id)

    def effect(self, owed: Duty, well: bool, cause: Cause, seen: Evidence) -> None:
        device, op_id = self.device, owed.op_id
        failed = Failed(op_id, failure(cause), device.at_s)
        known = Evidence.NONE if op_id not in self.committed else Evidence.GOOD
        outcome = {
            Download: Verified(op_id, held()) if seen is Evidence.GOOD else progress(op_id),
            Prepare: ApplyIntended(op_id, intent(device.boot_id)),
            Inspect: Inspected(op_id, seen if known is Evidence.NONE else known),
            Write: Inspected(op_id, Evidence.WRITTEN),
            Flip: Inspected(op_id, Evidence.FLIPPED),
            CheckHealth: HealthOk(op_id),
            MarkGood: MarkedGood(op_id),
            CleanUp: CleanedUp(op_id),
        }[type(owed)]
        if isinstance(outcome, Inspected) and outcome.evidence is Evidence.GOOD:
            self.committed.add(op_id)
        if isinstance(owed, CheckHealth) and not well:
            outcome = HealthFailed(op_id)
        may_fail = isinstance(owed, (Download, Prepare, Write, Flip))
        device.happen(failed if may_fail and not well else outcome)

    def closed(self) -> list[int]:
        return [
            one.order.op_id
            for one in self.device.target.operations
            if isinstance(one, (Sealed, Settled))
        ]

    @invariant()
    def i2_one_result_for_ever(self):
        for report in reports(self.device.target):
            assert self.alerts.setdefault(report.op_id, report.alert) == report.alert

    @invariant()
    def i4_attempts_are_bounded(self):
        for (_, phase), count in self.tries.items():
            bound = {
                Phase.DOWNLOAD: POLICY.download_attempts_max,
                Phase.APPLY: POLICY.apply_attempts_max,
            }
            assert count <= bound[phase]

    @invariant()
    def i5_success_is_real(self):
        for report in reports(self.device.target):
            order = self.order_of(report.op_id)
            if report.alert.result == 200 and order.kind is not Kind.DOWNLOAD:
                assert report.op_id in self.committed

    @invariant()
    def only_the_newest_is_open(self):
        *older, _ = [None, *self.device.target.operations]
        assert all(one is None or isinstance(one, (Sealed, Settled)) for one in older)

    def order_of(self, op_id: int):
        every = self.device.target.operations
        return next(one.order for one in every if one.order.op_id == op_id)


def progress(op_id: int) -> Progressed:
    return Progressed(op_id, Checkpoint(10, None))


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
