"""The firmware operation: what is owed, and what follows. Pure.

target = step(target, happening, policy)        what follows
duty(target, at_s, boot_id), reports(target)    what is owed: work, and results to tell
judge(target, order)                            what an Exec gets
records(before, after), fold(records)           what is saved of it
state(target), locked(target)                   what a server sees of it
"""

from fumo.update.duty import duty, reports
from fumo.update.execute import Accept, Answer, judge
from fumo.update.failures import Cause, failure, http_failure
from fumo.update.operation import Policy, Target
from fumo.update.records import durable, fold, records
from fumo.update.step import step
from fumo.update.view import locked, state

__all__ = [
    "Accept",
    "Answer",
    "Cause",
    "Policy",
    "Target",
    "durable",
    "duty",
    "failure",
    "fold",
    "http_failure",
    "judge",
    "locked",
    "records",
    "reports",
    "state",
    "step",
]
