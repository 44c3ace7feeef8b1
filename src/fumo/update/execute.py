"""What an Exec gets: a new operation, or an answer that starts nothing. Pure.

*The same order again* means: same server, same object, same Exec target, and an equal Correlator
present in both. A server that is unsure may repeat its Exec; it never runs twice for that.

| arrives while            | same Correlator       | another, or none                        |
|--------------------------|-----------------------|-----------------------------------------|
| running (not sealed)     | 202, starts nothing   | 403 "busy", starts nothing              |
| sealed, not acknowledged | 202, starts nothing   | a new operation; the alert stays owed   |
| settled                  | a new operation       | a new operation                         |

A refused Exec causes no alert. Exec inside Atomic is refused before it comes here.
"""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind, Status
from fumo.update.happening import ExecAccepted
from fumo.update.operation import Order, Settled, Target
from fumo.update.target import open_operation


class Accept(Struct, frozen=True):
    """Step and save this, then answer 202."""

    happening: ExecAccepted


class Answer(Struct, frozen=True):
    """Answer this Status; nothing starts. `text` is for people and may be empty."""

    code: Status
    text: str = ""


Judgement: TypeAlias = Accept | Answer


def judge(target: Target, order: Order) -> Judgement:
    """Judge an Exec. Its op_id is the least number that is free on the device: no object's
    operations are numbered back, nor twice (`fold` and the journal rely on it).
    """
    if any(_is_same(one.order, order) for one in target.operations if not isinstance(one, Settled)):
        return Answer(Status.ACCEPTED)
    if open_operation(target) is not None:
        return Answer(Status.FORBIDDEN, "busy")
    if not _has_something_to_work_on(target, order):
        return Answer(Status.NOT_ALLOWED, "no package")
    return Accept(ExecAccepted(replace(order, op_id=max(order.op_id, target.last_op_id + 1))))


def _is_same(known: Order, asked: Order) -> bool:
    return known.correlator is not None and _identity(known) == _identity(asked)


def _identity(order: Order) -> tuple[str, str, Kind, str | None]:
    return order.server, order.object_uri, order.kind, order.correlator


def _has_something_to_work_on(target: Target, order: Order) -> bool:
    return target.held is not None if order.kind is Kind.UPDATE else bool(order.url)
