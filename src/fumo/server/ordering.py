"""Ordering an operation: what to ask of the device next. Pure.

Get State and Replace PkgURL leave together; Exec leaves only in a message after PkgURL's 200, or
the address of an earlier order could be executed (S03). An Exec that got no answer is not guessed
about: State is asked in another session.
"""

from msgspec.structs import replace

from fumo.codes import Kind
from fumo.dm.session import Request
from fumo.server import consent, discovery
from fumo.server.carrying import is_carried, obstacle, put_data
from fumo.server.commands import STATE, add_url, ask_state, execute, get_state, replace_url
from fumo.server.ledger import Ledger
from fumo.server.operation import OPEN, asked_past_due
from fumo.server.rollout import may_order, may_say_again
from fumo.server.rows import FumoObject, Operation, OperationState

SEARCHES_MAX = 2
"""Searches for FUMO objects in a session: one, and one more when what was known is gone."""
GONE = "its package is gone"
LOOK_EVERY_S = 5.0
"""How often, at most, a device at work is asked how far it is."""


def next_requests(ledger: Ledger) -> list[Request]:
    """What to ask in this message; nothing: the session may end."""
    if ledger.work.walk is not None:
        return _search_on(ledger)
    again = ledger.operations.get(ledger.work.again or 0)
    ledger.plan(again=None)
    if again is not None and again.state is OperationState.SENT:
        return _say_again(ledger, again)
    doubtful = _doubtful(ledger)
    if doubtful:
        return _ask(ledger, doubtful)
    operation = ready(ledger)
    return _order(ledger, operation) if operation else []


def ready(ledger: Ledger) -> Operation | None:
    """The oldest planned operation, if the device is not at work on another."""
    operations = list(ledger.in_order())
    if any(o.state in OPEN for o in operations):
        return None
    planned = (o for o in operations if o.state is OperationState.PLANNED)
    return next((o for o in planned if _may_go(ledger, o)), None)


def _may_go(ledger: Ledger, operation: Operation) -> bool:
    """Is it time, and is nobody to be waited for?"""
    campaign = ledger.campaign_of(operation)
    if ledger.at_s > operation.due_at_s:
        return False
    if campaign is not None and not may_order(campaign, operation.kind, ledger.at_s):
        return False
    return _agreed(ledger, operation) or consent.may_be_asked(operation, ledger.at_s)


def _agreed(ledger: Ledger, operation: Operation) -> bool:
    """Did the user say yes in this session, or need not be asked?"""
    wanted = consent.wanted(ledger.campaign_of(operation))
    return not wanted or ledger.work.agreed == operation.id


def supersede(ledger: Ledger) -> None:
    """An order that waits gives way to a newer one of another version, if that may leave as well.

    Only to a whole package, which needs none before it: who orders versions one after the other
    names in each package what it starts from.
    """
    due = [o for o in ledger.in_order() if o.state is OperationState.PLANNED]
    due = [o for o in due if _may_go(ledger, o)]
    for old in due:
        new = next((n for n in reversed(due) if n.id > old.id and _replaces(ledger, n, old)), None)
        if new is not None:
            reason = f"operation {new.id} brings a newer version"
            ledger.move(old, OperationState.SUPERSEDED, f"superseded: {reason}", reason=reason)


def _replaces(ledger: Ledger, new: Operation, old: Operation) -> bool:
    brought, before = ledger.packages.get(new.package_id), ledger.packages.get(old.package_id)
    if brought is None or before is None or brought.from_version is not None:
        return False
    whole = new.kind is Kind.DOWNLOAD_AND_UPDATE and old.kind is not Kind.UPDATE
    return whole and brought.name == before.name and brought.version != before.version


# --- an operation whose Exec left in another session ----------------------------------------------


def _doubtful(ledger: Ledger) -> Operation | None:
    """An operation without a result whose State is worth asking for, once a session."""
    told = (*ledger.work.asked, *ledger.work.left)
    untold = (o for o in ledger.in_order() if o.object_uri and o.id not in told)
    return next((o for o in untold if _worth_asking(ledger, o)), None)


def _worth_asking(ledger: Ledger, operation: Operation) -> bool:
    if operation.state not in OPEN:
        return operation.state is OperationState.UNKNOWN and not asked_past_due(operation)
    if operation.taken_at_s is None or ledger.at_s > operation.due_at_s:
        return True
    return ledger.at_s - (operation.state_seen_at_s or 0.0) >= LOOK_EVERY_S


def _ask(ledger: Ledger, operation: Operation) -> list[Request]:
    ledger.plan(asked=(*ledger.work.asked, operation.id))
    ledger.touched.add(operation.id)
    return [ask_state(operation)]


def _say_again(ledger: Ledger, operation: Operation) -> list[Request]:
    """F7: the same Exec, with the same correlator; at this moment it is still only *sent*.

    It may be what the device hears first, so it leaves on the terms of a first one.
    """
    campaign = ledger.campaign_of(operation)
    if campaign is not None and not may_say_again(campaign, operation.kind, ledger.at_s):
        ledger.note(operation, "its Exec is not said again: its campaign does not allow it now")
        return next_requests(ledger)
    again = replace(operation, sendings=operation.sendings + 1, sent_at_s=ledger.at_s)
    ledger.put(again)
    ledger.note(again, "the same Exec again: nothing says that it was taken")
    ledger.plan(left=(*ledger.work.left, operation.id))
    return [execute(again)]


# --- an operation to be ordered -------------------------------------------------------------------


def _order(ledger: Ledger, operation: Operation) -> list[Request]:
    if ledger.work.ordering == operation.id:
        return _execute(ledger, operation) if _prepared(ledger, operation) else []
    if not ledger.device.objects:
        return _search(ledger, operation)
    chosen = discovery.choose(ledger.device.objects, operation.kind)
    if chosen is None:
        return _none_fits(ledger, operation)
    if not _agreed(ledger, operation):
        return _ask_user(ledger, operation)
    return _prepare(ledger, operation, chosen)


def _ask_user(ledger: Ledger, operation: Operation) -> list[Request]:
    asked = replace(operation, user_asked_at_s=ledger.at_s)
    ledger.put(asked)
    ledger.note(asked, "the user is asked")
    return [consent.question(asked, ledger.packages.get(asked.package_id))]


def _prepared(ledger: Ledger, operation: Operation) -> bool:
    """S03: the package stands there, by the device's own word. An Update may be of what is held."""
    held = operation.kind is Kind.UPDATE and not _carried(ledger, operation)
    return ledger.work.state_known if held else ledger.work.url_set


def _carried(ledger: Ledger, operation: Operation) -> bool:
    return is_carried(operation, ledger.campaign_of(operation))


def _prepare(ledger: Ledger, operation: Operation, chosen: FumoObject) -> list[Request]:
    requests = [get_state(STATE, chosen.uri)]
    url = None
    if _carried(ledger, operation):
        data = ledger.supply.contents.get(operation.id)
        why_not = GONE if data is None else obstacle(len(data), ledger.carrier)
        if data is None or why_not is not None:
            return _give_up(ledger, operation, why_not or GONE)
        # State is read behind it: what it was before the Exec, not before the data
        requests.insert(0, put_data(chosen.uri, data))
    elif operation.kind is not Kind.UPDATE:
        url = ledger.supply.urls.get(operation.id)
        if url is None:
            return _give_up(ledger, operation, GONE)
        write = add_url if ledger.work.adds else replace_url
        requests.append(write(chosen.uri, operation, url))
    ledger.put(replace(operation, object_uri=chosen.uri, url=url))
    ledger.plan(ordering=operation.id, state_known=False, state=None, url_set=False)
    return requests


def _execute(ledger: Ledger, operation: Operation) -> list[Request]:
    """S2: *sent* is saved with the bytes of this very message."""
    ledger.move(
        operation,
        OperationState.SENT,
        f"Exec of {operation.kind}",
        sent_at_s=ledger.at_s,
        due_at_s=ledger.at_s + operation.deadline_s,
        state_before=ledger.work.state,
        state_seen=ledger.work.state,
        state_seen_at_s=ledger.at_s,
        sendings=1,
    )
    ledger.plan(ordering=None, adds=False, left=(*ledger.work.left, operation.id))
    return [execute(operation)]


def _give_up(ledger: Ledger, operation: Operation, reason: str) -> list[Request]:
    ledger.give_up(operation, reason)
    return next_requests(ledger)


# --- the search for its object --------------------------------------------------------------------


def _search(ledger: Ledger, operation: Operation) -> list[Request]:
    if ledger.work.searches >= SEARCHES_MAX:
        return _give_up(ledger, operation, "the device has no FUMO object")
    walk, requests = discovery.begin()
    ledger.plan(walk=walk, searches=ledger.work.searches + 1)
    ledger.touched.add(operation.id)
    return requests


def _search_on(ledger: Ledger) -> list[Request]:
    assert ledger.work.walk is not None
    walk, requests = discovery.questions(ledger.work.walk)
    if requests:
        ledger.plan(walk=walk)
        return requests
    ledger.device = replace(ledger.device, objects=walk.found)
    searches = ledger.work.searches if walk.found else SEARCHES_MAX
    ledger.plan(walk=None, searches=searches)
    return next_requests(ledger)


def _none_fits(ledger: Ledger, operation: Operation) -> list[Request]:
    """What is known may be old news: look once, then give the operation up."""
    if ledger.work.searches == 0:
        ledger.forget_objects()
        return _search(ledger, operation)
    return _give_up(ledger, operation, f"no FUMO object offers {operation.kind}")
