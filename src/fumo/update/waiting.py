"""The rules of waiting: what an operation heard at its gates, and that it is given up. Pure."""

from collections.abc import Mapping

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.errors import MisuseError
from fumo.update.happening import GivenUp, Tallied
from fumo.update.operation import Accepted, Attempting, Evidence, Open, Policy, Target
from fumo.update.sealing import seal
from fumo.update.tally import Stage, follows, tally_at, with_tally
from fumo.update.target import holds_own


def tallied(target: Target, operation: Open, happening: Tallied, policy: Policy) -> Target:
    """Record D10: counts only grow, and a word that was given stands."""
    tally = happening.tally
    if not follows(tally_at(target.tallies, tally.stage), tally):
        raise MisuseError(f"operation {happening.op_id} would forget what it heard while waiting")
    return replace(target, tallies=with_tally(target.tallies, tally))


def given_up(
    target: Target, operation: Accepted | Attempting, happening: GivenUp, policy: Policy
) -> Target:
    """Before the intent nothing is written yet, so a person or a gate may end it.

    But not a Download that holds its package: it has what it was ordered to fetch.
    """
    order = operation.order
    if order.kind is Kind.DOWNLOAD and holds_own(target, order.op_id):
        raise MisuseError(f"operation {order.op_id} is done, and cannot be given up")
    return seal(target, operation, happening.failure.result)


def is_waiting(target: Target) -> bool:
    """Was a gate shut when the open operation was last saved?"""
    return any(tally.waiting for tally in target.tallies)


BEFORE: Mapping[Evidence, Stage] = {
    Evidence.NONE: Stage.WRITE,
    Evidence.WRITTEN: Stage.WRITE,
    Evidence.FLIPPED: Stage.REBOOT,
}
"""At which gates an operation may wait, by what was seen of it."""


def seen(target: Target, evidence: Evidence) -> Target:
    """Whoever started the machine meanwhile, an operation that went on does not wait any more."""
    still = BEFORE.get(evidence)
    tallies = (replace(one, waiting=one.waiting and one.stage is still) for one in target.tallies)
    return replace(target, tallies=tuple(tallies))
