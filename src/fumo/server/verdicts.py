"""What the answers to our commands mean for operations. Pure.

Nothing here guesses: State moves an operation only where the rules say what it proves,
and the result comes by the alert alone.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from fumo.codes import State, Status
from fumo.dm.session import Answered
from fumo.profiles.profile import profile_of
from fumo.server import consent, discovery
from fumo.server.carrying import DATA
from fumo.server.commands import ASK, EXEC, STATE, URL, number_of, said, state_in
from fumo.server.consent import ASKED, Word
from fumo.server.ledger import Ledger
from fumo.server.operation import OPEN, WORKING
from fumo.server.rows import Operation, OperationState

DEADLINES_MAX = 3
"""How often a device at work is given one more deadline."""
SENDINGS_MAX = 8
"""How often the same Exec may leave before only the deadline can tell."""
SENDINGS_IN_DOUBT_MAX = 2
"""As often, where the State before tells little: how an earlier operation ended, or nothing. It may
stand there again because this one was carried out, and its alert counted by a server that has
since been restored from a backup."""
ENDS = frozenset(
    {
        State.DOWNLOAD_FAILED,
        State.UPDATE_FAILED_HAVE_DATA,
        State.UPDATE_FAILED_NO_DATA,
        State.UPDATE_SUCCESSFUL_HAVE_DATA,
        State.UPDATE_SUCCESSFUL_NO_DATA,
    }
)
"""States in which an operation ended."""
CLEANED: dict[int, int] = {
    State.UPDATE_FAILED_HAVE_DATA: State.UPDATE_FAILED_NO_DATA,
    State.UPDATE_SUCCESSFUL_HAVE_DATA: State.UPDATE_SUCCESSFUL_NO_DATA,
}
"""What an end becomes by itself, when the device removes its package (FUMO 5.1.7)."""


def hear(ledger: Ledger, answered: Iterable[Answered]) -> None:
    """Take in the answers of one message."""
    events = list(answered)
    if ledger.work.walk is not None:
        ledger.plan(walk=discovery.go_on(ledger.work.walk, events))
    for event in events:
        if event.purpose == STATE:
            ledger.plan(state_known=True, state=state_in(event))
        elif event.purpose in (URL, DATA):
            _package_answered(ledger, event)
        elif event.purpose.startswith(ASKED):
            _user_answered(ledger, number_of(event.purpose, ASKED), event)
        elif event.purpose.startswith(EXEC):
            _exec_answered(ledger, number_of(event.purpose, EXEC), event)
        elif event.purpose.startswith(ASK):
            _state_told(ledger, number_of(event.purpose, ASK), state_in(event))


def refused(ledger: Ledger, purposes: Iterable[str]) -> None:
    """The device refused our credentials, and so all that the message asked: ask it again.

    An Exec in it was not carried out, by the device's own word, so the same one leaves again.
    """
    work = ledger.work
    searches = max(0, work.searches - 1) if work.walk else work.searches
    ledger.plan(ordering=None, state_known=False, state=None, url_set=False, asked=())
    ledger.plan(walk=None, searches=searches)
    for purpose in purposes:
        if purpose.startswith(ASKED):
            _not_asked(ledger, number_of(purpose, ASKED))
        if purpose.startswith(EXEC):
            operation = ledger.operations.get(number_of(purpose, EXEC))
            if operation and operation.state is OperationState.SENT:
                ledger.plan(again=operation.id)
            elif operation and _may_be_called_back(operation):
                ledger.give_up(operation, "the device refused the message with its Exec")


def _not_asked(ledger: Ledger, number: int) -> None:
    operation = ledger.operations.get(number)
    if operation is not None:
        ledger.put(replace(operation, user_asked_at_s=None))


def _user_answered(ledger: Ledger, number: int, event: Answered) -> None:
    operation = ledger.operations.get(number)
    if operation is None or operation.state is not OperationState.PLANNED:
        return
    word = consent.meaning(event.code)
    if word is Word.YES:
        ledger.plan(agreed=operation.id)
        ledger.note(operation, "the user said yes")
    elif word is Word.LATER:
        ledger.note(operation, f"the user gave no answer ({said(event)}): asked again later")
    else:
        no = "the user said no" if word is Word.NO else "its user cannot be asked"
        ledger.give_up(operation, f"{no} ({said(event)})")


def _package_answered(ledger: Ledger, event: Answered) -> None:
    operation = ledger.operations.get(ledger.work.ordering or 0)
    if operation is None or operation.state is not OperationState.PLANNED:
        return
    name = "PkgURL" if event.purpose == URL else "PkgData"
    if event.code == Status.OK:
        ledger.plan(url_set=True)
        ledger.note(operation, f"{name} set")
    elif event.code == Status.NOT_FOUND and event.purpose == URL and _is_to_be_added(ledger):
        ledger.note(operation, "PkgURL not found: adding it")
        ledger.plan(ordering=None, adds=True)
    elif event.code == Status.NOT_FOUND and not ledger.work.relooked:
        ledger.note(operation, f"{name} not found: looking for the object again")
        ledger.forget_objects()
        ledger.plan(relooked=True)
    else:
        ledger.give_up(operation, f"{name} was answered {said(event)}")


def _is_to_be_added(ledger: Ledger) -> bool:
    """Is this a device whose PkgURL a server adds, and was that not tried yet?"""
    return profile_of(ledger.device.profile).adds_url and not ledger.work.adds


def _exec_answered(ledger: Ledger, number: int, event: Answered) -> None:
    operation = ledger.operations.get(number)
    if operation is None or not _in_doubt(operation):
        return
    if event.code in (Status.OK, Status.ACCEPTED):
        _taken(ledger, operation, f"Exec was answered {event.code}")
    elif operation.sendings == 1 or _refuses(event.code):
        ledger.give_up(operation, f"Exec was answered {said(event)}")
    else:
        # perhaps "busy with the first one", or not now: this proves nothing, State will tell
        ledger.note(operation, f"the same Exec again was answered {said(event)}")


def _refuses(code: int) -> bool:
    """An answer to a repeated Exec that left since State was untouched: it will not be taken."""
    return 400 <= code < 500 and code != Status.FORBIDDEN


def _state_told(ledger: Ledger, number: int, state: int | None) -> None:
    operation = ledger.operations.get(number)
    if operation is None or operation.state not in (*OPEN, OperationState.UNKNOWN):
        return
    seen = replace(operation, state_seen=state, state_seen_at_s=ledger.at_s)
    ledger.put(seen)
    if seen.state is OperationState.UNKNOWN:  # it is shown, and proves nothing
        ledger.note(seen, f"the device came again, State {_words(state)}")
    elif ledger.at_s > seen.due_at_s:
        _past_due(ledger, seen, state)
    elif _in_doubt(seen) and state in WORKING:
        _taken(ledger, seen, f"State {state}: the Exec was taken")
    elif _may_be_called_back(seen) and _as_before(seen, state) and not _says_little(seen):
        ledger.give_up(seen, f"State {state} as before its Exec, which never arrived")
    elif _untouched(seen, state):
        ledger.plan(again=seen.id)


def _in_doubt(operation: Operation) -> bool:
    """Its Exec left, and nothing says whether it was taken."""
    sent = operation.state is OperationState.SENT
    return sent or _may_be_called_back(operation)


def _may_be_called_back(operation: Operation) -> bool:
    """An operator wants it undone, and perhaps it was never begun."""
    wanted = operation.state is OperationState.CANCEL_REQUESTED
    return wanted and operation.taken_at_s is None


def _taken(ledger: Ledger, operation: Operation, text: str) -> None:
    """The device has it; what an operator wants undone stays so, until the device reports."""
    if operation.state is OperationState.SENT:
        ledger.move(operation, OperationState.ACCEPTED, text, taken_at_s=ledger.at_s)
    else:
        ledger.put(replace(operation, taken_at_s=ledger.at_s))
        ledger.note(operation, f"{text}: too late to cancel it, its result still comes")


def _untouched(operation: Operation, state: int | None) -> bool:
    """F7: nothing has changed since before the Exec, so it cannot have been taken."""
    most = SENDINGS_IN_DOUBT_MAX if _says_little(operation) else SENDINGS_MAX
    sent = operation.state is OperationState.SENT and operation.sendings < most
    return sent and _as_before(operation, state)


def _says_little(operation: Operation) -> bool:
    """The State before was how an earlier operation ended, or nothing."""
    return operation.state_before is None or operation.state_before in ENDS


def _as_before(operation: Operation, state: int | None) -> bool:
    before = operation.state_before
    return state == before or (before is not None and state == CLEANED.get(before))


def _past_due(ledger: Ledger, operation: Operation, state: int | None) -> None:
    if state in WORKING and operation.asked < DEADLINES_MAX:
        due_at_s = ledger.at_s + operation.deadline_s
        more = replace(operation, asked=operation.asked + 1, due_at_s=due_at_s)
        ledger.put(more)
        ledger.note(more, f"past its deadline, State {state}: one more deadline")
    else:
        reason = f"past its deadline, State {_words(state)}"
        ledger.move(operation, OperationState.UNKNOWN, reason, reason=reason)


def _words(state: int | None) -> str:
    return "unreadable" if state is None else str(state)
