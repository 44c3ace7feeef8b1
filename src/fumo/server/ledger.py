"""What one message changes, collected while it is decided: operations, alerts, notes. No effects.

It lives for one decision and is read once, by the desk. Every move of an operation passes here,
so that none is without its note in the timeline.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from fumo.server.carrying import Carrier
from fumo.server.following import follow_at_s
from fumo.server.operation import closed, meaning_of, moved
from fumo.server.rows import (
    AlertRow,
    Campaign,
    Device,
    Incident,
    IncidentKind,
    Note,
    Operation,
    OperationState,
    Package,
    Supply,
    Work,
)


@dataclass
class Ledger:
    """The device, its operations and this session's work, as decided so far."""

    at_s: float
    device: Device
    work: Work
    operations: dict[int, Operation]
    supply: Supply = field(default_factory=Supply)
    campaigns: Mapping[int, Campaign] = field(default_factory=dict)
    packages: Mapping[int, Package] = field(default_factory=dict)
    carrier: Carrier = field(default_factory=Carrier)
    alerts: list[AlertRow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    incidents: dict[tuple[IncidentKind, int], Incident] = field(default_factory=dict)
    changed: dict[int, Operation] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    told: bool = False

    def put(self, operation: Operation) -> None:
        """An operation in a new form, its state unchanged."""
        if self.operations[operation.id] != operation:
            self.operations[operation.id] = self.changed[operation.id] = operation
        self.touched.add(operation.id)

    def move(self, operation: Operation, to: OperationState, text: str, **fields: Any) -> None:
        """An operation in its next state, with its note."""
        self._became(moved(operation, to, **fields), text)

    def close(self, operation: Operation, code: int) -> None:
        """An operation with its result: counted here, and only here."""
        text = f"result {code}: {meaning_of(code)}"
        self._became(closed(operation, code, self.at_s), text)

    def give_up(self, operation: Operation, reason: str) -> None:
        """An operation that the device did not take; others may follow in the session."""
        self.plan(ordering=None, state_known=False, state=None, url_set=False, adds=False)
        wanted = operation.state is OperationState.CANCEL_REQUESTED
        to = OperationState.CANCELLED if wanted else OperationState.REFUSED
        self.move(operation, to, f"{to}: {reason}", reason=reason)

    def forget_objects(self) -> None:
        """What was known of the device's tree is not true any more."""
        self.device = replace(self.device, objects=())
        self.plan(ordering=None, state_known=False, state=None, url_set=False, adds=False)

    def note(self, operation: Operation, text: str, *, incident: bool = False) -> None:
        """Something worth telling that moved nothing."""
        self.touched.add(operation.id)
        self.notes.append(Note(operation.id, self.at_s, text, incident=incident))

    def alarm(self, kind: IncidentKind, text: str, operation_id: int = 0) -> None:
        """What people must look at; the same again in one message counts up."""
        before = self.incidents.get((kind, operation_id))
        number = before.number + 1 if before else 1
        one = Incident(self.device.id, kind, operation_id, text, self.at_s, number)
        self.incidents[kind, operation_id] = one

    def plan(self, **fields: Any) -> None:
        """Change the session's work."""
        self.work = replace(self.work, **fields)

    def campaign_of(self, operation: Operation) -> Campaign | None:
        """On whose terms it was ordered."""
        return self.campaigns.get(operation.campaign_id)

    def in_order(self) -> Iterable[Operation]:
        """All known operations, the oldest first."""
        return [self.operations[key] for key in sorted(self.operations)]

    def _became(self, operation: Operation, text: str) -> None:
        campaign = self.campaigns.get(operation.campaign_id)
        if campaign is not None and operation.next_id is None:
            when = follow_at_s(campaign, operation, self.at_s)
            operation = replace(operation, follow_at_s=when)
        self.operations[operation.id] = self.changed[operation.id] = operation
        self.touched.add(operation.id)
        self.notes.append(Note(operation.id, self.at_s, text, operation.state))
