"""The point of no return, and the life after it: telling the result, then cleaning up. Pure.

`seal` is the only way out of an open operation. It takes the attempts away, so nothing that
comes later can try again (FUMO 6.2); the alert it makes is told unchanged however often.
"""

from msgspec.structs import replace

from fumo.codes import ALERT_TYPES, Kind, result
from fumo.errors import MisuseError
from fumo.update.happening import AlertAcknowledged, AlertRefused, CleanedUp
from fumo.update.operation import (
    Alert,
    Open,
    Order,
    Phase,
    Policy,
    Sealed,
    Settled,
    Target,
)
from fumo.update.target import holds_newer_data, holds_own, phase_of, put

SUCCESS = 200
UNDEFINED = 409
UPDATE_FAILED = 410


def alert_for(order: Order, code: int) -> Alert:
    """The Generic Alert that tells a result: Source is the object, the Correlator the Exec's."""
    meaning = result(code)
    if meaning is None:
        raise MisuseError(f"{code} is no result code of FUMO 6.2")
    return Alert(
        type=ALERT_TYPES[order.kind],
        source=order.object_uri,
        result=code,
        mark=meaning.mark,
        correlator=order.correlator,
    )


def seal(target: Target, operation: Open, code: int) -> Target:
    """End an operation for good (record D7); a half-fetched package is worth nothing then."""
    order = operation.order
    fetched = holds_own(target, order.op_id)
    reached = Phase.APPLY if fetched else phase_of(operation)
    sealed = Sealed(order=order, alert=alert_for(order, code), reached=reached)
    return replace(put(target, sealed), checkpoint=None, tallies=())


def acknowledged(
    target: Target, operation: Sealed, happening: AlertAcknowledged, policy: Policy
) -> Target:
    """The server has the result (record D8)."""
    return _settle(target, operation)


def refused(target: Target, operation: Sealed, happening: AlertRefused, policy: Policy) -> Target:
    """The server will not have this alert: tell it a few times more, then let it be."""
    refusals = operation.refusals + 1
    if refusals >= policy.refusals_max:
        return _settle(target, operation)
    return put(target, replace(operation, refusals=refusals))


def told_again(
    target: Target,
    operation: Settled | None,
    happening: AlertAcknowledged | AlertRefused,
    policy: Policy,
) -> Target:
    """A late answer about a settled (or forgotten) operation changes nothing."""
    return target


def cleaned_up(target: Target, operation: Settled, happening: CleanedUp, policy: Policy) -> Target:
    """State passes from 70 to 80 or from 90 to 100."""
    if not operation.clean_up_owed:
        raise MisuseError(f"operation {operation.order.op_id} had nothing to clean up")
    return replace(put(target, replace(operation, clean_up_owed=False)), held=None)


def _settle(target: Target, operation: Sealed) -> Target:
    order = operation.order
    settled = Settled(
        order=order,
        alert=operation.alert,
        clean_up_owed=_leaves_a_package(target, order),
        reached=operation.reached,
    )
    return put(target, settled)


def _leaves_a_package(target: Target, order: Order) -> bool:
    """A Download keeps what it holds, and nobody deletes what came, or is used, since."""
    newest = order.op_id == target.last_op_id
    used_it = order.kind is not Kind.DOWNLOAD and not holds_newer_data(target)
    return newest and used_it and target.held is not None
