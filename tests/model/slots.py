"""The boot environment: which slot runs after a boot, and what can be seen of a token."""

from collections.abc import Iterator

from fumo.update.operation import Evidence
from tests.model.world import Slots


def boots(slots: Slots) -> Iterator[tuple[str, Slots]]:
    """What a boot may bring: a trial is counted before it runs, and may not even start."""
    if not slots.trial:
        yield "boots", slots
    elif not slots.left:
        yield "falls back", _fallen(slots)
    else:
        counted = slots._replace(left=slots.left - 1)
        yield "boots on trial", counted._replace(runs_trial=True)
        still_old = counted._replace(runs_trial=False)
        yield "does not start on trial", still_old if counted.left else _fallen(counted)


def _fallen(slots: Slots) -> Slots:
    return slots._replace(trial=0, left=0, runs_trial=False, fell=slots.trial)


def evidence(slots: Slots, token: int) -> Evidence:
    """What can be seen of a token."""
    if slots.good == token:
        return Evidence.GOOD
    if slots.trial == token:
        return Evidence.TRIAL if slots.runs_trial else Evidence.FLIPPED
    if slots.fell == token:
        return Evidence.FELL_BACK
    return Evidence.WRITTEN if slots.other == token else Evidence.NONE


def written(slots: Slots, token: int) -> Slots:
    return slots._replace(other=token)


def flipped(slots: Slots, token: int, trials: int) -> Slots:
    return slots._replace(trial=token, left=trials)


def marked_good(slots: Slots) -> Slots:
    return Slots(good=slots.trial)
