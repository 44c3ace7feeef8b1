"""Designs that are wrong in one place each. The checker must find every one of them.

They break the *order of moves*, which belongs to the agent and the server; what is broken in the
pure rooms themselves is tried by editing copies of them (`tests/mutants`).
"""

from msgspec.structs import replace

from fumo.update.happening import AttemptBegun, HealthOk, Inspected, MarkedGood
from fumo.update.operation import Evidence, Order
from fumo.update.record import Closed, Seal
from tests.model import slots
from tests.model.device import Device, Moves
from tests.model.server import ServerSide
from tests.model.talk import ACCEPTED, Talk, answering, order_of
from tests.model.world import NOTHING, Query, Session, World


class SplitSeal(Device):
    """The outcome is committed, and only then the outbox: nobody owes the alert of the first."""

    def _finish(self, world: World) -> Moves:
        for text, after in super()._finish(world):
            yield text, after
            rows = self.rooms.value(after.rows)
            new = set(rows) - set(self.rooms.value(world.rows))
            halves = tuple(Closed(row.op_id, False) for row in new if isinstance(row, Seal))
            if halves:
                half = after._replace(rows=self.rooms.number((*rows, *halves)))
                yield f"{text} by half, power cut", half.off()


class CountAfter(Device):
    """The attempt is counted together with what came of it."""

    def _begin(self, world: World) -> Moves:
        owed = self.rooms.duty(world.memory, world.boots)
        if owed is None or not isinstance(owed.permit, AttemptBegun):
            yield from super()._begin(world)
            return
        permit = self.rooms.number(owed.permit)
        for text, after in self._effects(world, owed):
            both = self.rooms.number((permit, after.outcome))
            yield text, after._replace(outcome=both)

    def save(self, world: World, happening: int) -> World:
        value = self.rooms.value(happening)
        if isinstance(value, tuple):
            return super().save(super().save(world, value[0]), value[1])
        return super().save(world, happening)


class SealBeforeGood(Device):
    """A well image is success enough."""

    def save(self, world: World, happening: int) -> World:
        after = super().save(world, happening)
        value = self.rooms.value(happening)
        if isinstance(value, HealthOk):
            return super().save(after, self.rooms.number(MarkedGood(value.op_id)))
        return after


class FlipAgain(Device):
    """After a boot what was flipped is taken for merely written."""

    def inspect(self, world: World, owed):
        seen = slots.evidence(world.slots, owed.op_id)
        seen = Evidence.WRITTEN if seen is Evidence.FLIPPED else seen
        yield f"takes it for {seen}", world, Inspected(owed.op_id, seen)


class ForgetsTheWait(Device):
    """What waited begins, and the journal still says that it waits."""

    def _begin(self, world: World) -> Moves:
        yield from super()._begin(world)
        owed = self.rooms.duty(world.memory, world.boots)
        if owed is not None and any(one.waiting for one in self.rooms.value(world.memory).tallies):
            yield from self._work(world, owed)


class SendBeforeSeal(Talk):
    """What is about to be sealed is told already."""

    def owed(self, world: World) -> tuple:
        if world.outcome == NOTHING:
            return super().owed(world)
        return self.rooms.reports(self.rooms.step(world.memory, world.outcome))


class NeverTells(Talk):
    """The result is kept to itself: nothing is done wrong, and nothing ever arrives (I10)."""

    def owed(self, world: World) -> tuple:
        return ()


class AnswerBeforeSave(Talk):
    """202 is owed at once, the Exec saved when there is time."""

    def execute(self, world: World, number: int) -> Moves:
        _, happening = self.judge(world, order_of(self.config.kinds[number], number))
        if happening == NOTHING or world.outcome != NOTHING:
            yield from super().execute(world, number)
        else:
            unsaved = world._replace(outcome=happening)
            yield f"promises Exec {number}", answering(unsaved, number, ACCEPTED)


class NoLockStep(Talk):
    """Any reply will do."""

    def hears(self, session: Session, reply) -> bool:
        return True


class NoDuplicateCheck(Talk):
    """The Correlator is copied into the alert and otherwise not looked at."""

    def judge(self, world: World, order: Order) -> tuple[int, int]:
        code, happening = super().judge(world, replace(order, correlator=None))
        if happening == NOTHING:
            return code, happening
        accepted = self.rooms.value(happening)
        known = replace(accepted.order, correlator=order.correlator)
        return code, self.rooms.number(replace(accepted, order=known))


class AcknowledgeFirst(ServerSide):
    """The reply leaves, and the commit may fail."""

    def answers(self, world: World, query: Query) -> Moves:
        for text, after in super().answers(world, query):
            yield text, after
            yield f"{text} and saves nothing", world._replace(net=after.net)


class CountTwice(ServerSide):
    """Every alert is a result."""

    def with_alerts(self, intentions: tuple, query: Query) -> tuple:
        known = list(super().with_alerts(intentions, query))
        for correlator, _, _ in query.alerts:
            number = int(correlator)
            if intentions[number].result:
                known[number] = known[number]._replace(counted=known[number].counted + 1)
        return tuple(known)


DEVICES = {
    "split seal": SplitSeal,
    "count after": CountAfter,
    "seal before good": SealBeforeGood,
    "flip again": FlipAgain,
    "forgets the wait": ForgetsTheWait,
}
TALKS = {
    "send before seal": SendBeforeSeal,
    "202 before save": AnswerBeforeSave,
    "no lock-step": NoLockStep,
    "no duplicate check": NoDuplicateCheck,
}
SERVERS = {"acknowledge first": AcknowledgeFirst, "count twice": CountTwice}
FLAWS = (*DEVICES, *TALKS, *SERVERS)
