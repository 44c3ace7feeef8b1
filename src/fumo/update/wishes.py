"""What a person may ask of an operation: cancel it, put it off, agree to it. Pure.

Each gives the happening that does so, or in a few words why it cannot be done. Nothing is taken
back once the intent stands (record D4): then only the restart can be put off.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.update.duty import Download, Duty, Flip, Prepare, Reboot, Write
from fumo.update.failures import Cause, failure
from fumo.update.gates import told, words_for
from fumo.update.happening import GivenUp, Tallied
from fumo.update.operation import Accepted, Applying, Attempting, Evidence, Order, Target
from fumo.update.rule import Gates, defer_until_s, may_defer
from fumo.update.tally import Stage, Tally, Word, deferred, tally_at
from fumo.update.target import holds_own, open_operation

STAGES: Mapping[type, Stage] = {
    Download: Stage.DOWNLOAD,
    Prepare: Stage.INSTALL,
    Write: Stage.WRITE,
    Flip: Stage.WRITE,
    Reboot: Stage.REBOOT,
}
"""Duties before which gates stand; to look, to judge health and to commit never waits."""

NOTHING = "nothing is going on"
TOO_LATE = "it is too late for that"


def stage_before(owed: Duty, target: Target) -> Stage | None:
    """At which gates this duty waits. A sick image is left at once."""
    operation = open_operation(target)
    if isinstance(operation, Applying) and operation.healthy is False:
        return None
    return STAGES.get(type(owed))


def stage_now(target: Target) -> Stage | None:
    """Which gates the open operation comes to next, if a person can do anything about it."""
    match open_operation(target):
        case Accepted(order=order):
            return Stage.INSTALL if order.kind is Kind.UPDATE else Stage.DOWNLOAD
        case Attempting(order=order) if not holds_own(target, order.op_id):
            return Stage.DOWNLOAD
        case Attempting(order=order):
            return None if order.kind is Kind.DOWNLOAD else Stage.INSTALL
        case Applying(evidence=evidence) if evidence not in ON_THE_WAY:
            return None
        case Applying():
            return Stage.REBOOT
    return None


ON_THE_WAY = (None, Evidence.NONE, Evidence.WRITTEN, Evidence.FLIPPED)


def cancel(target: Target) -> GivenUp | str:
    """The user does not want it (FUMO 6.2: 401)."""
    stage, operation = stage_now(target), open_operation(target)
    if operation is None:
        return NOTHING
    if stage not in (Stage.DOWNLOAD, Stage.INSTALL):
        return TOO_LATE
    return GivenUp(operation.order.op_id, failure(Cause.CANCELLED))


def refuse(target: Target) -> Tallied | str:
    """The same while an effect runs: the no is saved at once, and heard when the effect ends."""
    wish, stage = cancel(target), stage_now(target)
    if isinstance(wish, str) or stage is None:
        return wish if isinstance(wish, str) else TOO_LATE
    return Tallied(wish.op_id, replace(tally_at(target.tallies, stage), word=Word.NO))


def defer(target: Target, gates: Gates, seconds: float | None = None) -> Tallied | str:
    """Not now: wait so much longer, or as long as the rule says."""
    stage, operation = stage_now(target), open_operation(target)
    if operation is None:
        return NOTHING
    if stage is None:
        return TOO_LATE
    rule, tally = gates.at(stage), tally_at(target.tallies, stage)
    if not may_defer(rule, tally):
        return f"it was put off {tally.deferrals} times: that is all there is"
    later = deferred(tally, defer_until_s(rule, tally, seconds))
    return Tallied(operation.order.op_id, later)


def answer(target: Target, gates: Gates, word: Word) -> Tallied | str:
    """A person's word, from elsewhere than where it was asked for."""
    stage, operation = stage_now(target), open_operation(target)
    if operation is None:
        return NOTHING
    if stage is None:
        return TOO_LATE
    rule, tally = gates.at(stage), tally_at(target.tallies, stage)
    if tally.word not in (None, word):
        return f"{tally.word} was said already"
    if word not in words_for(stage, rule, tally):
        return f"{word} cannot be said any more"
    return Tallied(operation.order.op_id, told(stage, rule, tally, word))


def agreed(order: Order, gates: Gates) -> tuple[Tallied, ...]:
    """A person agreed to this order before it came; the restart is asked about when it is due."""
    stages = [stage for stage, kinds in ASKED_BEFORE.items() if order.kind in kinds]
    asking = (stage for stage in stages if gates.at(stage).consent)
    return tuple(Tallied(order.op_id, Tally(stage, word=Word.YES)) for stage in asking)


ASKED_BEFORE: Mapping[Stage, tuple[Kind, ...]] = {
    Stage.DOWNLOAD: (Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE),
    Stage.INSTALL: (Kind.UPDATE, Kind.DOWNLOAD_AND_UPDATE),
}
