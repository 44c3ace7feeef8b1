"""The production code behind numbers: every value is kept once, every answer is remembered.

Targets, rows, duties and happenings are big; a world holds their numbers. The functions called
here are the ones that run on a device, untouched.
"""

from functools import lru_cache

from fumo.update import Accept, Policy, durable, duty, fold, judge, records, reports, step
from fumo.update.duty import Wait
from fumo.update.happening import Woke
from fumo.update.operation import Order
from fumo.update.record import (
    AttemptRow,
    Boot,
    ExecIn,
    Forgotten,
    HeldRow,
    Record,
    TallyRow,
)
from tests.model.world import NOTHING, Broken

LATER_S = 1e9  # every wait is over: time is not what is checked here


class Rooms:
    """One policy, and all values met so far."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.known: dict[tuple, int] = {}
        self.values: list[object] = []
        for name in ("step", "save", "duty", "reports", "wake", "judge", "rows"):
            setattr(self, name, lru_cache(maxsize=None)(getattr(self, name)))

    def number(self, value) -> int:
        """The number of a value, always the same."""
        key = (type(value), value)
        if key not in self.known:
            self.known[key] = len(self.values)
            self.values.append(value)
        return self.known[key]

    def value(self, number: int):
        """The value of a number."""
        return self.values[number]

    def step(self, memory: int, happening: int) -> int:
        """What follows."""
        return self.number(step(self.value(memory), self.value(happening), self.policy))

    def save(self, rows: int, before: int, after: int) -> int:
        """The rows after a commit of what a step added; they must tell the new target."""
        table = {key_of(row): row for row in self.value(rows)}
        for record in records(self.value(before), self.value(after)):
            if isinstance(record, Forgotten):
                table = {key: row for key, row in table.items() if key[1] != record.op_id}
            else:
                table[key_of(record)] = record
        saved = tuple(table.values())
        if fold(saved) != durable(self.value(after)):
            raise Broken(f"the records do not tell the target: {saved}")
        return self.number(saved)

    def wake(self, rows: int, boot_id: int) -> tuple[int, int]:
        """(rows, memory) after a start: fold, step Woke, save."""
        asleep = self.number(fold(self.value(rows)))
        awake = self.step(asleep, self.number(Woke(boot_id, 0.0)))
        return self.save(rows, asleep, awake), awake

    def duty(self, memory: int, boot_id: int):
        """The duty that is owed, or None."""
        owed = duty(self.value(memory), LATER_S, boot_id)
        return None if isinstance(owed, Wait) else owed

    def reports(self, memory: int) -> tuple:
        """Alerts that are owed, as (correlator, op_id, result)."""
        owed = reports(self.value(memory))
        return tuple((one.alert.correlator, one.op_id, one.alert.result) for one in owed)

    def judge(self, memory: int, order: Order) -> tuple[int, int]:
        """(Status, the happening to save first or NOTHING)."""
        judged = judge(self.value(memory), order)
        if isinstance(judged, Accept):
            return 202, self.number(judged.happening)
        return int(judged.code), NOTHING

    def rows(self, rows: int, kind: type) -> tuple:
        """All rows of one table."""
        return tuple(row for row in self.value(rows) if isinstance(row, kind))


def key_of(record: Record) -> tuple:
    """What makes two rows of a journal the same row."""
    name = type(record).__name__
    match record:
        case HeldRow():
            return (name, 0)
        case ExecIn(order=order):
            return (name, order.op_id)
        case AttemptRow(op_id=op_id, attempt=attempt):
            return (name, op_id, attempt.phase, attempt.n)
        case TallyRow(op_id=op_id, tally=tally):
            return (name, op_id, tally.stage)
        case Boot(op_id=op_id, phase=phase, boot_id=boot_id):
            return (name, op_id, phase, boot_id)
        case _:
            return (name, record.op_id)
