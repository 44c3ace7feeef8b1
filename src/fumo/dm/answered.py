"""What the peer's Statuses and Results tell of our commands. Pure.

Results may come in several messages after their Status (DM Protocol §7.1): a Get is answered when
the peer's package is whole. Anything else is answered by its Status at once, since it may be the
peer's last word. A Status for nothing of ours is ignored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.codes import Status as Code
from fumo.dm.kept import Kept, again, keep
from fumo.dm.message import Alert, Command, Id, Item, Message, Results, Status
from fumo.dm.session import Answered, Pending, SessionState
from fumo.errors import PeerError

GATHERED_TIMES_MAX = 4
"""Results of one package, in sizes of the largest object that we take."""


def of_header(status: Status) -> bool:
    """Does it answer our header, and no command?"""
    return status.cmd_ref == 0 and status.cmd in ("SyncHdr", "")


@dataclass
class _Told:
    """What the peer's package tells of one pending command."""

    commands: list[Status | Results] = field(default_factory=list)

    @property
    def status(self) -> Status | None:
        """The last one counts."""
        return next((c for c in reversed(self.commands) if isinstance(c, Status)), None)

    @property
    def results(self) -> Iterator[Item]:
        """Items with the Meta that the whole Results may carry for them."""
        for command in self.commands:
            if isinstance(command, Results):
                for item in command.items:
                    yield replace(item, meta=item.meta or command.meta)


def hear_answers(session: SessionState, message: Message) -> tuple[SessionState, list[Answered]]:
    """Match Statuses and Results, these and those gathered before, to what is pending."""
    told = _told((*map(again, session.gathered), *message.commands))
    goes_on = not session.peer_final or session.unfinished is not None
    done: list[Answered] = []
    left: list[Pending] = []
    held: list[Status | Results] = []
    for pending in session.pending:
        found = told.get((pending.msg_id, pending.cmd_id), _Told())
        if found.status is None or (goes_on and pending.name == "Get"):
            left.append(pending)
            held += found.commands if goes_on else []
        elif pending.chunk and found.status.code == Code.CHUNK_ACCEPTED:
            continue
        else:
            done.append(_answer(pending, found.status, tuple(found.results)))
            session = _without_rest(session) if pending.chunk else session
    gathered = _gathered(held, session.takes.obj_size_max)
    return _broken_off(replace(session, pending=tuple(left), gathered=gathered), message, done)


def _told(commands: tuple[Command, ...]) -> dict[tuple[int, Id], _Told]:
    told: dict[tuple[int, Id], _Told] = {}
    for command in commands:
        if isinstance(command, Status | Results) and not _is_of_header(command):
            told.setdefault((command.msg_ref, command.cmd_ref), _Told()).commands.append(command)
    return told


def _is_of_header(command: Status | Results) -> bool:
    return isinstance(command, Status) and of_header(command)


def _answer(pending: Pending, status: Status, results: tuple[Item, ...]) -> Answered:
    return Answered(pending.purpose, status.code, status.items, results)


def _gathered(held: list[Status | Results], size_max: int) -> tuple[Kept, ...]:
    kept = tuple(map(keep, held))
    size = sum(len(one.head) + sum(len(t or "") for t in one.texts) for one in kept)
    size += sum(len(raw or b"") for one in kept for raw in one.raws)
    if size > GATHERED_TIMES_MAX * size_max:
        raise PeerError(f"Results of {size} bytes in one package")
    return kept


def _broken_off(
    session: SessionState, message: Message, done: list[Answered]
) -> tuple[SessionState, list[Answered]]:
    """Alert 1225: the peer has thrown away what it had of a value of ours."""
    alerts = (c.code for c in message.commands if isinstance(c, Alert))
    if AlertCode.NO_END_OF_DATA not in alerts:
        return session, done
    purposes = [w.purpose for w in session.waiting if w.begun and w.purpose is not None]
    return _without_rest(session), [*done, *(Answered(p, Code.INCOMPLETE) for p in purposes)]


def _without_rest(session: SessionState) -> SessionState:
    """Nothing more is sent of a value that the peer does not want."""
    return replace(session, waiting=tuple(w for w in session.waiting if not w.begun))
