"""What a server sees of a target: the State node, and what it may not write now. Pure.

State is never stored. It is read off what is held and the newest operation, so it cannot
disagree with them. Intermediate values pass unseen where one commit covers several edges of the
standard: a new order passes 80 or 100, and 10; an Update whose package turns out unfit while it
is judged goes from 50 to 70 through 60. (The judgement is made before the intent, since the
intent names what was judged; until then nothing has touched the firmware, and State says 50.)
After the alert only clean-up moves it, until the next order or PkgData.
"""

from fumo.codes import Kind, State, result
from fumo.update.operation import (
    Accepted,
    Applying,
    Attempting,
    Operation,
    Phase,
    Sealed,
    Settled,
    Target,
)
from fumo.update.tally import Stage
from fumo.update.target import holds_newer_data, holds_own, open_operation


def state(target: Target) -> State:
    """The value of the State node (FUMO §5)."""
    if not target.operations or _is_superseded(target):
        return State.READY_TO_UPDATE if target.held else State.IDLE
    return _state_of(target, target.operations[-1])


def locked(target: Target) -> bool:
    """May PkgURL, PkgData and the object not be replaced or deleted (403)?"""
    return open_operation(target) is not None


def _is_superseded(target: Target) -> bool:
    """Was a package put there after the newest operation, whether or not it is there still?"""
    emptied = target.emptied_after == target.last_op_id
    return open_operation(target) is None and (holds_newer_data(target) or emptied)


def _state_of(target: Target, operation: Operation) -> State:
    order = operation.order
    match operation:
        case Accepted() if order.kind is Kind.UPDATE:
            return State.READY_TO_UPDATE
        case Accepted():
            return State.DOWNLOAD_PROGRESSING
        case Attempting() if holds_own(target, order.op_id):
            return HELD[_waited_to_install(target)]
        case Attempting():
            return State.DOWNLOAD_PROGRESSING
        case Applying():
            return State.UPDATE_PROGRESSING
        case Sealed() | Settled():
            return _final(target, operation)


def _waited_to_install(target: Target) -> bool:
    """From its first wait on: there is no edge back from 50 to 40."""
    return any(tally.stage is Stage.INSTALL for tally in target.tallies)


HELD = {False: State.DOWNLOAD_COMPLETE, True: State.READY_TO_UPDATE}


def _final(target: Target, operation: Sealed | Settled) -> State:
    meaning = result(operation.alert.result)
    good, have_data = meaning is not None and meaning.good, target.held is not None
    if operation.order.kind is Kind.DOWNLOAD or operation.reached is Phase.DOWNLOAD:
        return AFTER_DOWNLOAD[good, have_data]
    return AFTER_UPDATE[good, have_data]


AFTER_DOWNLOAD = {
    (True, True): State.READY_TO_UPDATE,
    (True, False): State.IDLE,  # PkgData was emptied since
    (False, True): State.DOWNLOAD_FAILED,
    (False, False): State.DOWNLOAD_FAILED,
}
AFTER_UPDATE = {
    (True, True): State.UPDATE_SUCCESSFUL_HAVE_DATA,
    (True, False): State.UPDATE_SUCCESSFUL_NO_DATA,
    (False, True): State.UPDATE_FAILED_HAVE_DATA,
    (False, False): State.UPDATE_FAILED_NO_DATA,
}
