"""What follows: `step(target, happening, policy) -> Target`. Pure.

The life of an operation is the table below: which happening fits which state, and the rule that
says what follows. What is not in the table does not happen: it raises `MisuseError`, so a late
effect of an operation that moved on can change nothing.

Save, then act: `records(before, after)` of every step are durable before the next effect.
"""

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from fumo.errors import MisuseError
from fumo.update import applying, downloading, ordering, sealing, waiting, waking
from fumo.update.happening import (
    AlertAcknowledged,
    AlertRefused,
    ApplyIntended,
    AttemptBegun,
    CleanedUp,
    Concluded,
    ExecAccepted,
    Failed,
    GivenUp,
    Happening,
    HealthFailed,
    HealthOk,
    Inspected,
    MarkedGood,
    PackageReplaced,
    Progressed,
    Tallied,
    Verified,
    Woke,
)
from fumo.update.operation import Accepted, Applying, Attempting, Policy, Sealed, Settled, Target
from fumo.update.target import find

# Any: each rule takes exactly the state and the happening of its key.
TARGET_RULES: Mapping[type, Callable[[Target, Any, Policy], Target]] = {
    Woke: waking.woke,
    ExecAccepted: ordering.ordered,
    PackageReplaced: ordering.package_replaced,
}
RULES: Mapping[tuple[type, type], Callable[[Target, Any, Any, Policy], Target]] = {
    (Accepted, AttemptBegun): downloading.download_begun,
    (Accepted, ApplyIntended): downloading.apply_intended,
    (Accepted, Failed): downloading.unfit,
    (Accepted, GivenUp): waiting.given_up,
    (Accepted, Tallied): waiting.tallied,
    (Attempting, Progressed): downloading.progressed,
    (Attempting, Failed): downloading.download_failed,
    (Attempting, GivenUp): waiting.given_up,
    (Attempting, Tallied): waiting.tallied,
    (Attempting, Verified): downloading.verified,
    (Attempting, Concluded): downloading.concluded,
    (Attempting, ApplyIntended): downloading.apply_intended,
    (Applying, AttemptBegun): applying.rewrite_begun,
    (Applying, Failed): applying.apply_failed,
    (Applying, Tallied): waiting.tallied,
    (Applying, Inspected): applying.inspected,
    (Applying, HealthOk): applying.health_ok,
    (Applying, HealthFailed): applying.health_failed,
    (Applying, MarkedGood): applying.marked_good,
    (Sealed, AlertAcknowledged): sealing.acknowledged,
    (Sealed, AlertRefused): sealing.refused,
    (Settled, AlertAcknowledged): sealing.told_again,
    (Settled, AlertRefused): sealing.told_again,
    (Settled, CleanedUp): sealing.cleaned_up,
    (NoneType, AlertAcknowledged): sealing.told_again,
    (NoneType, AlertRefused): sealing.told_again,
}
"""(state, happening) → rule; NoneType is an operation that was settled and is forgotten."""


def step(target: Target, happening: Happening, policy: Policy) -> Target:
    """The target after the happening; MisuseError if it cannot have happened."""
    if isinstance(happening, (Woke, ExecAccepted, PackageReplaced)):
        return TARGET_RULES[type(happening)](target, happening, policy)
    operation = find(target, happening.op_id)
    rule = RULES.get((type(operation), type(happening)))
    if rule is None:
        deed, state = type(happening).__name__, type(operation).__name__
        raise MisuseError(f"{deed} does not fit operation {happening.op_id}, which is {state}")
    return rule(target, operation, happening, policy)
