"""An operation's states: the only moves allowed, as data, and what people are shown. Pure.

Invariant: `moved` never leaves the table, and a result once there never changes.
"""

from typing import Any

from msgspec.structs import replace

from fumo.codes import Kind, State, result
from fumo.errors import MisuseError
from fumo.server.rows import Operation, OperationState

_S = OperationState

MOVES: dict[OperationState, frozenset[OperationState]] = {
    # Held: its group is not open, or its campaign does not run. No decision sees it.
    _S.HELD: frozenset({_S.PLANNED, _S.CANCELLED, _S.UNKNOWN, _S.SUCCEEDED, _S.FAILED}),
    # An unsent operation is unknown, or has a result, only if this row is an older copy of the
    # truth (a restored backup): an alert with its correlator proves that it was sent.
    _S.PLANNED: frozenset(
        {
            _S.HELD,
            _S.SENT,
            _S.REFUSED,
            _S.CANCELLED,
            _S.SUPERSEDED,
            _S.EXPIRED,
            _S.UNKNOWN,
            _S.SUCCEEDED,
            _S.FAILED,
        }
    ),
    _S.SENT: frozenset(
        {_S.ACCEPTED, _S.REFUSED, _S.CANCEL_REQUESTED, _S.UNKNOWN, _S.SUCCEEDED, _S.FAILED}
    ),
    _S.ACCEPTED: frozenset({_S.CANCEL_REQUESTED, _S.UNKNOWN, _S.SUCCEEDED, _S.FAILED}),
    # FUMO has no word that calls an Exec back: the device's report decides what became of it.
    _S.CANCEL_REQUESTED: frozenset({_S.CANCELLED, _S.UNKNOWN, _S.SUCCEEDED, _S.FAILED}),
    _S.REFUSED: frozenset({_S.SUCCEEDED, _S.FAILED}),
    _S.UNKNOWN: frozenset({_S.SUCCEEDED, _S.FAILED}),
    _S.EXPIRED: frozenset({_S.SUCCEEDED, _S.FAILED}),
    _S.CANCELLED: frozenset({_S.SUCCEEDED, _S.FAILED}),
    _S.SUPERSEDED: frozenset({_S.SUCCEEDED, _S.FAILED}),
    _S.SUCCEEDED: frozenset(),
    _S.FAILED: frozenset(),
}

OPEN = frozenset({_S.SENT, _S.ACCEPTED, _S.CANCEL_REQUESTED})
"""The device may be at work: nothing else is ordered meanwhile."""

ENDED = frozenset(
    {_S.SUCCEEDED, _S.FAILED, _S.REFUSED, _S.UNKNOWN, _S.CANCELLED, _S.SUPERSEDED, _S.EXPIRED}
)
"""Nothing more is done for it, though a late alert may still close it."""

CLOSED = frozenset({_S.SUCCEEDED, _S.FAILED})
"""A result stands."""

UNSENT = frozenset({_S.HELD, _S.PLANNED})
"""Nothing was said to the device."""

GIVEN_UP = frozenset({_S.REFUSED, _S.UNKNOWN, _S.CANCELLED, _S.SUPERSEDED, _S.EXPIRED})
"""Nothing is awaited any more, and a late alert still closes it."""

RETRIED = (_S.FAILED, _S.REFUSED)
"""What an operator's retry orders anew, unless it names other ends."""

WORKING = frozenset({State.DOWNLOAD_PROGRESSING, State.UPDATE_PROGRESSING})
"""States that say the Exec was taken."""

SHOWN = {State.DOWNLOAD_PROGRESSING: "downloading", State.UPDATE_PROGRESSING: "updating"}


def awaited(operation: Operation) -> bool:
    """May an alert without a correlator speak of it? It was sent, and has no result."""
    sent = operation.sent_at_s is not None or operation.state in OPEN
    return operation.state not in CLOSED and (sent or operation.state is OperationState.REFUSED)


def asked_past_due(operation: Operation) -> bool:
    """Did the device tell its State after the deadline?"""
    return (operation.state_seen_at_s or 0.0) > operation.due_at_s


def moved(operation: Operation, to: OperationState, **fields: Any) -> Operation:
    """The operation in its next state; MisuseError for a move that the table has not."""
    if to not in MOVES[operation.state]:
        raise MisuseError(f"operation {operation.id}: {operation.state} may not become {to}")
    return replace(operation, state=to, **fields)


def closed(operation: Operation, code: int, at_s: float) -> Operation:
    """The operation with its one result."""
    meaning = result(code)
    good = meaning.good if meaning else 200 <= code < 300
    state = OperationState.SUCCEEDED if good else OperationState.FAILED
    return moved(operation, state, result=code, closed_at_s=at_s)


def shown(operation: Operation) -> str:
    """The state in a word: *downloading* and *updating* only when Get State said so."""
    if operation.state is OperationState.PLANNED and operation.notified_at_s is not None:
        return "notified"
    if operation.state is OperationState.ACCEPTED and operation.state_seen in SHOWN:
        return SHOWN[State(operation.state_seen)]
    return operation.state.value


def meaning_of(code: int) -> str:
    """A result in words."""
    known = result(code)
    return known.name if known else "Not a result of the standard"


def exec_uri(object_uri: str, kind: Kind) -> str:
    """The node whose Exec starts this kind."""
    return f"{object_uri}/{kind.value}"


def url_uri(object_uri: str, kind: Kind) -> str:
    """The node that holds the package's address."""
    return f"{object_uri}/{kind.value}/PkgURL"


def data_uri(object_uri: str) -> str:
    """The node that takes a package's bytes."""
    return f"{object_uri}/{Kind.UPDATE.value}/PkgData"


def state_uri(object_uri: str) -> str:
    """The node that holds the State."""
    return f"{object_uri}/State"
