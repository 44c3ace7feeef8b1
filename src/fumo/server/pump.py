"""Decisions become durable together, and only then do the replies leave.

`turn` is a plain function over a store: what was answered before is looked up first, all others
are decided on the rows of one moment, and all they change is saved in one commit. Who loses the
compare-and-set is decided again. Promise: no reply of `turn` says anything that is not durable.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from fumo.codes import Kind
from fumo.dm.alerts import told
from fumo.dm.auth import NONCE_BYTES
from fumo.dm.message import Alert, Envelope
from fumo.server.binding import admitted
from fumo.server.carrying import CARRIED_BYTES_MAX, is_carried
from fumo.server.desk import Decision, Desk, Moment, decide, repeated
from fumo.server.fetching import fetching
from fumo.server.ports import Ask, Dice, Packages, Porter, Store
from fumo.server.rows import Case, OperationState, Supply, Work
from fumo.wire.exchange import Reply, plain

ROUNDS_MAX = 3
"""How often a message is decided before it is sent away: each time somebody else was quicker."""
BATCH_MAX = 128
"""Messages in one commit: more gains nothing, and the first would wait for the last."""

T = TypeVar("T")
log = logging.getLogger("fumo.server")


class NobodyCounts:
    """Implements `Porter`."""

    def turned_away(self, device_id: str, why: str) -> None:
        """Nothing."""


NOBODY_COUNTS = NobodyCounts()


class Pump(Struct, frozen=True):
    """What a turn needs besides its messages."""

    desk: Desk
    store: Store
    packages: Packages
    dice: Dice
    porter: Porter = NOBODY_COUNTS


def turn(pump: Pump, batch: Sequence[Envelope], at_s: float) -> list[Reply]:
    """One reply for each message; the messages are of different devices."""
    replies: dict[int, Reply] = {}
    for _ in range(ROUNDS_MAX):
        left = [index for index in range(len(batch)) if index not in replies]
        if not left:
            break
        replies |= _round(pump, {index: batch[index] for index in left}, at_s)
    busy = plain(503, "too much happens to this device at once: try again")
    return [replies.get(index, busy) for index in range(len(batch))]


def _round(pump: Pump, todo: dict[int, Envelope], at_s: float) -> dict[int, Reply]:
    """Decide all on one moment's rows and save; who lost is not in the answer."""
    cases = pump.store.load([ask(envelope) for envelope in todo.values()])
    pairs = zip(todo.items(), cases, strict=True)
    decided = {index: _alone(pump, case, envelope, at_s) for (index, envelope), case in pairs}
    saved = _save(pump, decided)
    return {index: decided[index].reply for index in decided if index in saved}


def _save(pump: Pump, decided: dict[int, Decision]) -> set[int]:
    """The whole round in one commit: the messages whose reply may leave.

    These are the records S2 to S5 of `docs/reference/operations.md`.
    """
    writes = {index: d.writes for index, d in decided.items() if d.writes is not None}
    won = pump.store.save(list(writes.values())) if writes else []
    winners = {index for index, good in zip(writes, won, strict=True) if good}
    return winners | (decided.keys() - writes.keys())


def turn_apart(pump: Pump, batch: Sequence[Envelope], at_s: float) -> list[Reply]:
    """`turn`, whatever the store does: a batch that it refuses is tried message by message."""
    try:
        return turn(pump, batch, at_s)
    except Exception:
        log.exception("a batch of %d messages", len(batch))
    if len(batch) == 1:
        # what happened to the commit is unknown: the device says the same again, and then either
        # the stored reply is there or nothing is
        return [plain(503, "the server could not store its answer: try again")]
    return [reply for one in batch for reply in turn_apart(pump, [one], at_s)]


def _alone(pump: Pump, case: Case, envelope: Envelope, at_s: float) -> Decision:
    """One decision; whatever it raises is its own answer and nobody else's."""
    try:
        case = _admitted(pump, case, envelope)
        reply = repeated(case, envelope, at_s)
        if reply is not None:
            return Decision(reply)
        moment = Moment(at_s, pump.dice.octets(NONCE_BYTES))
        return decide(pump.desk, case, envelope, _supply(pump, case), moment)
    except Exception as fault:
        log.exception("a message of %r", envelope.message.header.source.uri[:80])
        return Decision(plain(500, f"our own fault: {type(fault).__name__}"))


def _admitted(pump: Pump, case: Case, envelope: Envelope) -> Case:
    """The rows of its device; none for who lacks the certificate that the device is bound to."""
    case, why = admitted(case, envelope.certificate)
    if why is not None:
        pump.porter.turned_away(envelope.message.header.source.uri, why)
    return case


def _supply(pump: Pump, case: Case) -> Supply:
    return Supply(_urls(pump, case), _contents(pump, case))


def _contents(pump: Pump, case: Case) -> dict[int, bytes]:
    """The bytes of what DM itself carries, unless they are on their way already."""
    work = case.session.work if case.session else Work()
    carried = (
        (operation.id, case.packages[operation.package_id])
        for operation in case.operations
        if operation.state is OperationState.PLANNED
        and operation.id != work.ordering
        and is_carried(operation, case.campaigns.get(operation.campaign_id))
        and operation.package_id in case.packages
        and case.packages[operation.package_id].length <= CARRIED_BYTES_MAX
    )
    found = ((number, pump.packages.data(package)) for number, package in carried)
    return {number: data for number, data in found if data is not None}


def _urls(pump: Pump, case: Case) -> dict[int, str]:
    """Addresses for what may be ordered now: an address of its own for each operation."""
    return {
        operation.id: pump.packages.url(
            operation.id,
            case.packages[operation.package_id],
            fetching(case.device, case.campaigns.get(operation.campaign_id)),
        )
        for operation in case.operations
        if operation.state is OperationState.PLANNED
        and operation.kind is not Kind.UPDATE
        and operation.package_id in case.packages
    }


def ask(envelope: Envelope) -> Ask:
    """The rows that a message needs."""
    header = envelope.message.header
    named = [
        item.correlator
        for command in envelope.message.commands
        if isinstance(command, Alert)
        for item in told(command)
        if item.correlator
    ]
    # all of them, or a result would be answered 200 and lost: the message's own size bounds them
    return Ask(header.source.uri, header.session_id, tuple(dict.fromkeys(named)))


def gather(waiting: Iterable[tuple[str, T]]) -> tuple[list[T], list[tuple[str, T]]]:
    """The next batch out of (device, message) pairs, and what must wait: one of each device."""
    batch: list[T] = []
    later: list[tuple[str, T]] = []
    there: set[str] = set()
    for device_id, one in waiting:
        if device_id in there or len(batch) >= BATCH_MAX:
            later.append((device_id, one))
        else:
            batch.append(one)
        there.add(device_id)
    return batch, later
