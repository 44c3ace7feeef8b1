"""What our next message wants to say, in its order, before anybody asks what fits. Pure.

Statuses come in the order of the commands that they answer, Results after their Status. What waited
for room goes before anything newer but the answer to the 1222 that asked for it.
"""

from collections.abc import Iterator, Sequence
from math import inf

from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.codes import Status as Code
from fumo.dm.bounds import DIGITS_MAX
from fumo.dm.chunks import Broken, carried
from fumo.dm.kept import again, items_of, keep
from fumo.dm.message import Alert, Command, Item, Location, Results, Status
from fumo.dm.packing import Unsent, carried_as
from fumo.dm.session import Answer, Ref, Request, SessionState, Side, Verdicts, Waiting
from fumo.errors import PeerError

AFTER_NUMBERS = 10**DIGITS_MAX


def queue(
    session: SessionState, answers: Sequence[Answer], requests: Sequence[Request]
) -> tuple[list[Unsent], tuple[Waiting, ...]]:
    """What to say now, and what waits whatever the room: a server's commands while its turn to
    command has not come.
    """
    free = may_command(session)
    waiting = [w for w in session.waiting if free or w.purpose is None]
    held = tuple(w for w in session.waiting if not (free or w.purpose is None))
    said = [*_refused(session), *_in_order(session, answers)]
    early = [one for one in said if waiting and _answers_an_alert(one)]
    late = [one for one in said if not (waiting and _answers_an_alert(one))]
    asked = [Unsent(_sendable(session, request), request.purpose) for request in requests]
    return [*early, *map(_unsent, waiting), *late, *_broken(session), *asked], held


def may_command(session: SessionState) -> bool:
    """A device's package goes on as it likes; a server commands in a turn of its own only."""
    return not session.ended and (session.side is Side.DEVICE or session.peer_final)


def asks_next(session: SessionState) -> bool:
    """Do we ask for the rest of the peer's package, or of its value (1222)?"""
    return not session.ended and (not session.peer_final or session.unfinished is not None)


def wait(left: Sequence[Unsent]) -> tuple[Waiting, ...]:
    """As a session keeps it."""
    return tuple(Waiting(keep(one.command), one.purpose, one.begun, one.waited) for one in left)


def _unsent(waiting: Waiting) -> Unsent:
    command = again(waiting.command)
    return Unsent(command, waiting.purpose, waiting.begun, waited=waiting.waited)


def _owed(session: SessionState) -> Verdicts:
    return session.owed or Verdicts(0, 0)


def _refused(session: SessionState) -> Iterator[Unsent]:
    """A message that proved nothing: its code on each of its commands (DM Protocol §8.3)."""
    for ref in _owed(session).refused:
        yield Unsent(_status(ref, _owed(session).code))


def _status(ref: Ref, code: int) -> Status:
    return Status(ref.msg_id, ref.cmd_id, ref.name, code)


def _in_order(session: SessionState, answers: Sequence[Answer]) -> Iterator[Unsent]:
    """The caller's answers, and those of the session itself among them."""
    dues = _owed(session).dues
    ours = [Answer(Ref(due.msg_id, due.cmd_id, due.name), due.code) for due in dues]
    given = [_within(session, answer) for answer in answers]
    if ours:
        given = sorted([*given, *ours], key=_number_of)
    for answer in given:
        yield from map(Unsent, _commands(answer))


def _number_of(answer: Answer) -> tuple[int, int]:
    """In the order of numbers; what is named with a word comes last, as it is."""
    number = answer.ref.cmd_id
    return answer.ref.msg_id, number if isinstance(number, int) else AFTER_NUMBERS


def _within(session: SessionState, answer: Answer) -> Answer:
    """Results that the peer could not take as one value: 413 instead (DM Protocol §7.2)."""
    results = Results(0, 0, answer.results)
    if _largest(session, results) <= _limit(session):
        return answer
    return replace(answer, code=Code.TOO_LARGE, results=())


def _sendable(session: SessionState, request: Request) -> Command:
    """Whoever asks for something looks at `peer_max_obj_size` first."""
    size = _largest(session, request.command)
    if size > _limit(session):
        raise PeerError(f"a value of {size} bytes to a peer that takes {_limit(session)}")
    return request.command


def _limit(session: SessionState) -> float:
    return inf if session.peer_max_obj_size is None else session.peer_max_obj_size


def _largest(session: SessionState, command: Command) -> int:
    """The size of a command's largest value, as it travels."""
    if session.peer_max_obj_size is None:
        return 0
    items = items_of(carried_as(command, session.media_type))
    return max((len(carried(item.data)) for item in items), default=0)


def _commands(answer: Answer) -> Iterator[Command]:
    """The Status, then the Results of the same command (DM Protocol §8.3)."""
    status = _status(answer.ref, answer.code)
    yield replace(status, target_refs=answer.target_refs, items=answer.items)
    if answer.results:
        yield Results(answer.ref.msg_id, answer.ref.cmd_id, answer.results)


def _answers_an_alert(one: Unsent) -> bool:
    return isinstance(one.command, Status) and one.command.cmd == "Alert"


def _broken(session: SessionState) -> Iterator[Unsent]:
    """1225: a value of the peer ended without its end."""
    broken = _owed(session).broken
    if broken is not None:
        yield Unsent(Alert(AlertCode.NO_END_OF_DATA, items=(_place(broken),)))


def _place(broken: Broken) -> Item:
    where = Location(broken.uri)
    return Item(source=where) if broken.of_source else Item(target=where)
