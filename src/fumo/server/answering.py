"""What the server answers to a device's commands: alerts stored first, DevInfo kept (S04). Pure.

Promise: every Item of every Generic Alert is in the ledger before its Status is made, so that the
commit which carries the Status carries the alert (S4).
"""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from fumo.codes import AlertCode, Status
from fumo.dm.alerts import Told, told
from fumo.dm.message import Alert, Command, Replace
from fumo.dm.message import Item as MessageItem
from fumo.dm.session import Answer, Asked
from fumo.server.following import is_first_step
from fumo.server.ledger import Ledger
from fumo.server.matching import Found, is_known, is_request, kind_of, match
from fumo.server.matching import address as full
from fumo.server.operation import UNSENT
from fumo.server.requests import Starts
from fumo.server.rows import AlertRow, IncidentKind, Match, Operation, OperationState

INFO_MAX = 32
"""Leaves of DevInfo kept: the standard has five, and an Ext."""
TEXT_MAX = 512
"""Characters kept of anything a device tells in words."""

FINAL_MIN = 200
"""Codes below are progress."""

AGREED = frozenset(
    {
        AlertCode.SERVER_INITIATED,
        AlertCode.CLIENT_INITIATED,
        AlertCode.NEXT_MESSAGE,
        AlertCode.SESSION_ABORT,
        AlertCode.CLIENT_EVENT,
        AlertCode.NO_END_OF_DATA,
    }
)


def hear_alerts(ledger: Ledger, session_id: str, asked: Iterable[Asked]) -> None:
    """Store and match all Generic Alerts, before anything else is decided."""
    for event in asked:
        if isinstance(event.command, Alert) and event.command.code == AlertCode.GENERIC:
            for one in told(event.command):
                found = match(one, ledger.in_order(), ledger.device.profile)
                _count(ledger, found, one.number)
                if found.match is Match.ORPHAN:
                    _orphaned(ledger, one)
                ledger.alerts.append(
                    AlertRow(
                        device_id=ledger.device.id,
                        at_s=ledger.at_s,
                        session_id=session_id,
                        msg_id=event.ref.msg_id,
                        type=one.type[:TEXT_MAX],
                        source=one.source[:TEXT_MAX],
                        data=one.data[:TEXT_MAX],
                        mark=one.mark[:TEXT_MAX],
                        correlator=one.correlator,
                        operation_id=found.operation.id if found.operation else None,
                        match=found.match,
                    )
                )


def _count(ledger: Ledger, found: Found, code: int | None) -> None:
    """An operation is closed by its first final alert, and by no other."""
    operation = found.operation
    if operation is None:
        return
    ledger.touched.add(operation.id)
    if found.match in (Match.FINAL, Match.LATE):
        assert code is not None
        if operation.sent_at_s is None:
            text = f"result {code} of what was never sent: was the database restored?"
            _alarm(ledger, IncidentKind.FORGOTTEN, operation, text)
        ledger.close(operation, code)
        _no_try_after_success(ledger, ledger.operations[operation.id])
    elif found.match is Match.CONFLICT:
        text = f"a second result {code}, where {operation.result} stands"
        _alarm(ledger, IncidentKind.CONFLICT, operation, text)
    elif found.match is Match.PROGRESS:
        ledger.note(operation, f"progress told: {code}")


def _no_try_after_success(ledger: Ledger, operation: Operation) -> None:
    """What was ordered anew, and succeeded after all, need not be said again."""
    again = ledger.operations.get(operation.next_id or 0)
    campaign = ledger.campaign_of(operation)
    if (
        again is None
        or again.state not in UNSENT
        or operation.state is not OperationState.SUCCEEDED
    ):
        return
    if campaign is None or is_first_step(campaign, operation):
        return  # the second step follows the new try only
    reason = f"operation {operation.id} succeeded after all"
    ledger.move(again, OperationState.CANCELLED, f"cancelled: {reason}", reason=reason)


def _alarm(ledger: Ledger, kind: IncidentKind, operation: Operation, text: str) -> None:
    ledger.note(operation, text, incident=True)
    ledger.alarm(kind, text, operation.id)


def _orphaned(ledger: Ledger, one: Told) -> None:
    """A result that belongs to nobody: of another server, of before a restore, or nonsense."""
    if kind_of(one.type) is None or one.number is None or one.number < FINAL_MIN:
        return
    named = f"correlator {one.correlator[:TEXT_MAX]}" if one.correlator else "no correlator"
    text = f"result {one.number} of {one.source[:TEXT_MAX] or 'no object'}, {named}: no operation"
    ledger.alarm(IncidentKind.ORPHAN, f"{text} of this device's is known by it")


def hear_info(ledger: Ledger, asked: Iterable[Asked]) -> None:
    """Keep what a Replace of DevInfo tells."""
    info = dict(ledger.device.info)
    for event in asked:
        if isinstance(event.command, Replace):
            for item in event.command.items:
                name = _info_name(item)
                known = name[:TEXT_MAX] in info or len(info) < INFO_MAX
                if name and isinstance(item.data, str) and known:
                    info[name[:TEXT_MAX]] = item.data[:TEXT_MAX]
    ledger.told = info != ledger.device.info
    ledger.device = replace(ledger.device, info=info)


def _info_name(item: MessageItem) -> str:
    uri = full(item.source.uri) if item.source else ""
    return uri.removeprefix("./DevInfo/") if uri.startswith("./DevInfo/") else ""


def answers(asked: Iterable[Asked], starts: Starts) -> list[Answer]:
    """A Status for each command; `starts` tells for which requests an update follows now."""
    return [Answer(event.ref, _code(event.command, starts)) for event in asked]


def _code(command: Command, starts: Starts) -> Status:
    judge = _JUDGES.get(type(command))
    return judge(command, starts) if judge else Status.NOT_SUPPORTED


def _alert(command: Command, starts: Starts) -> Status:
    assert isinstance(command, Alert)
    if command.code == AlertCode.GENERIC:
        return _generic(command, starts)
    return Status.OK if command.code in AGREED else Status.NOT_SUPPORTED


def _generic(alert: Alert, starts: Starts) -> Status:
    """FUMO §7: a request is answered 200 when an update of it follows now, else 202."""
    items = list(told(alert))
    if items and not any(is_known(item) for item in items):
        return Status.UNSUPPORTED_FORMAT
    requests = [item for item in items if is_request(item.type)]
    return Status.OK if all(starts(item.source) for item in requests) else Status.ACCEPTED


_JUDGES: dict[type, Callable[[Command, Starts], Status]] = {
    Alert: _alert,
    Replace: lambda _, __: Status.OK,
}
