"""The device's moves: it asks what is owed, saves the permit, acts, saves what came of it.

The power may be cut between any two moves. `flaws.py` breaks the order of these moves on purpose.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from fumo.errors import MisuseError
from fumo.update import Cause, failure
from fumo.update.duty import (
    CheckHealth,
    CleanUp,
    Conclude,
    Download,
    Flip,
    Inspect,
    MarkGood,
    Prepare,
    Reboot,
    Write,
)
from fumo.update.happening import (
    ApplyIntended,
    CleanedUp,
    Failed,
    GivenUp,
    HealthFailed,
    HealthOk,
    Inspected,
    MarkedGood,
    Progressed,
    Tallied,
    Verified,
)
from fumo.update.operation import Checkpoint, Evidence, Held, Intent
from fumo.update.tally import Stage, tally_at
from fumo.update.wishes import stage_before
from tests.model import promises, slots
from tests.model.configs import Config
from tests.model.rooms import Rooms
from tests.model.world import NOTHING, Broken, World

Moves = Iterator[tuple[str, World]]


class Device:
    """Moves of the device, in every world."""

    def __init__(self, rooms: Rooms, config: Config) -> None:
        self.rooms = rooms
        self.config = config

    def moves(self, world: World) -> Moves:
        """Everything the device, or its power supply, may do next."""
        if world.memory == NOTHING:
            yield from self._start(world)
            return
        if world.crashes < self.config.crashes:
            yield "power cut", world.off()._replace(crashes=world.crashes + 1)
        if world.outcome != NOTHING:
            yield from self._finish(world)
        elif world.doing != NOTHING:
            yield from self._effects(world, self.rooms.value(world.doing))
        else:
            yield from self._begin(world)

    def save(self, world: World, happening: int) -> World:
        """Step, and commit what it added."""
        try:
            after = self.rooms.step(world.memory, happening)
        except MisuseError as error:
            raise Broken(f"misuse: {error}") from error
        rows = self.rooms.save(world.rows, world.memory, after)
        return world._replace(rows=rows, memory=after, outcome=NOTHING)

    def _finish(self, world: World) -> Moves:
        happening = self.rooms.value(world.outcome)
        yield f"saves {_name(happening)}", self.save(world, world.outcome)

    def _start(self, world: World) -> Moves:
        for how, found in slots.boots(world.slots):
            boot = world.boots + 1
            rows, memory = self.rooms.wake(world.rows, boot)
            yield how, world._replace(slots=found, boots=boot, rows=rows, memory=memory)

    def _begin(self, world: World) -> Moves:
        owed = self.rooms.duty(world.memory, world.boots)
        if owed is None:
            return
        target = self.rooms.value(world.memory)
        stage = stage_before(owed, target) if self.config.waits else None
        if stage is not None:
            yield from self._at_gate(world, owed.op_id, stage)
            if tally_at(target.tallies, stage).waiting:
                return
        yield from self._work(world, owed)

    def _at_gate(self, world: World, op_id: int, stage: Stage) -> Moves:
        """It is shut (once), it opens again, or nobody waits any longer."""
        tallies = self.rooms.value(world.memory).tallies
        tally = tally_at(tallies, stage)
        if tally not in tallies or tally.waiting:
            moves = {"waits": True} if tally not in tallies else {"goes on": False}
            for text, waiting in moves.items():
                heard = Tallied(op_id, replace(tally, waiting=waiting))
                yield f"{text}: {stage}", self.save(world, self.rooms.number(heard))
        if stage is not Stage.REBOOT:
            end = Failed if stage is Stage.WRITE else GivenUp
            ended = self.rooms.number(end(op_id, failure(Cause.GATE_SHUT)))
            yield f"is ended: {stage}", self.save(world, ended)

    def _work(self, world: World, owed) -> Moves:
        if owed.permit is None:
            yield from self._effects(world, owed)
            return
        permitted = self.save(world, self.rooms.number(owed.permit))
        if isinstance(owed, Conclude):
            yield "concludes", permitted
        else:
            doing = self.rooms.number(owed)
            yield f"saves the permit of {_name(owed)}", permitted._replace(doing=doing)

    def _effects(self, world: World, owed) -> Moves:
        """The effect of a duty in the world, and the happening it brings, not saved yet."""
        done = world._replace(doing=NOTHING)
        if isinstance(owed, Reboot):
            yield "reboots", done.off()
            return
        for text, after, happening in getattr(self, EFFECTS[type(owed)])(done, owed):
            outcome = self.rooms.number(happening)
            yield f"{_name(owed)}: {text}", after._replace(outcome=outcome)

    def download(self, world: World, owed: Download):
        op_id = owed.op_id
        promises.effect_may_begin(world, op_id, "a fetch")
        if not world.connected:
            world = world.noting(op_id, fetches=world.of(op_id).fetches + 1)
            promises.not_too_often(world, self.config, op_id)
        lost = world._replace(connected=False)
        held = Held("p", length=2, sha256="ab", source=op_id)
        yield "whole", lost, Verified(op_id, held)
        yield "connection lost", lost, Failed(op_id, failure(Cause.RESET))
        yield "not there", lost, Failed(op_id, failure(Cause.NOT_THERE))
        if self.config.checkpoints and self.rooms.value(world.memory).checkpoint is None:
            part = Progressed(op_id, Checkpoint(1, None))
            yield "a piece", world._replace(connected=True), part

    def prepare(self, world: World, owed: Prepare):
        op_id = owed.op_id
        intent = Intent(str(op_id), "B", "1", "2", "cd", 1, world.boots)
        yield "fits", world, ApplyIntended(op_id, intent)
        yield "does not fit", world, Failed(op_id, failure(Cause.UNFIT))

    def inspect(self, world: World, owed: Inspect):
        seen = slots.evidence(world.slots, owed.op_id)
        yield f"sees {seen}", world, Inspected(owed.op_id, seen)

    def write(self, world: World, owed: Write):
        op_id = owed.op_id
        promises.effect_may_begin(world, op_id, "a write")
        world = world.noting(op_id, writes=world.of(op_id).writes + 1)
        promises.not_too_often(world, self.config, op_id)
        whole = world._replace(slots=slots.written(world.slots, op_id))
        torn = world._replace(slots=slots.written(world.slots, 0))
        yield "whole", whole, Inspected(op_id, Evidence.WRITTEN)
        yield "torn", torn, Failed(op_id, failure(Cause.WRITE_ERROR))

    def flip(self, world: World, owed: Flip):
        op_id = owed.op_id
        promises.effect_may_begin(world, op_id, "a flip")
        flipped = slots.flipped(world.slots, op_id, self.config.trials)
        done = world.noting(op_id, flips=world.of(op_id).flips + 1)._replace(slots=flipped)
        promises.not_too_often(done, self.config, op_id)
        yield "done", done, Inspected(op_id, Evidence.FLIPPED)
        if self.config.raising:
            yield "raises, done", done, Failed(op_id, failure(Cause.WRITE_ERROR))
            yield "raises, not done", world, Failed(op_id, failure(Cause.WRITE_ERROR))

    def check_health(self, world: World, owed: CheckHealth):
        yield "well", world, HealthOk(owed.op_id)
        yield "ill", world, HealthFailed(owed.op_id)

    def mark_good(self, world: World, owed: MarkGood):
        op_id = owed.op_id
        promises.effect_may_begin(world, op_id, "a mark-good")
        good = world.noting(op_id, committed=True)._replace(slots=slots.marked_good(world.slots))
        yield "done", good, MarkedGood(op_id)
        if self.config.raising:
            yield "raises, done", good, Failed(op_id, failure(Cause.WRITE_ERROR))
            yield "raises, not done", world, Failed(op_id, failure(Cause.WRITE_ERROR))

    def clean_up(self, world: World, owed: CleanUp):
        yield "deletes the package", world, CleanedUp(owed.op_id)


EFFECTS = {
    Download: "download",
    Prepare: "prepare",
    Inspect: "inspect",
    Write: "write",
    Flip: "flip",
    CheckHealth: "check_health",
    MarkGood: "mark_good",
    CleanUp: "clean_up",
}


def _name(value) -> str:
    return type(value).__name__
