"""What the peer's Statuses and Results tell of our commands. Pure.

Results may come in several messages after their Status (DM Protocol §7.1): a Get is answered when
the peer's package is whole. Anything else is answered by its Status at once, since it may be the
peer's last word. A Status for nothing of ours is ignored.
"""

from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.codes import Status as Code
from fumo.dm.bounds import NODES_MAX
from fumo.dm.kept import again, keep
from fumo.dm.message import Alert, Command, Id, Message, Results, Status
from fumo.dm.session import Answered, Gathered, Pending, SessionState
from fumo.errors import PeerError

GATHERED_TIMES_MAX = 4
"""Results of one package, in sizes of the largest object that we take."""
GATHERED_MAX = NODES_MAX
"""Items that wait for the rest of a package: as many as one message could hold."""


def of_header(status: Status) -> bool:
    """Does it answer our header, and no command?"""
    return status.cmd_ref == 0 and status.cmd in ("SyncHdr", "")


def hear_answers(session: SessionState, message: Message) -> tuple[SessionState, list[Answered]]:
    """Match Statuses and Results, these and those gathered before, to what is pending."""
    told = _told(message.commands)
    goes_on = not session.peer_final or session.unfinished is not None
    done: list[Answered] = []
    left: list[Pending] = []
    held: list[Gathered] = []
    for pending in session.pending:
        ref = pending.msg_id, pending.cmd_id
        before = [one for one in session.gathered if one.ref == ref]
        now = told.get(ref, [])
        answer = None
        if not (goes_on and pending.name == "Get"):  # what was put away is opened once, at the end
            answer = _answer(pending, [*(again(one.kept) for one in before), *now])
        if answer is None:
            left.append(pending)
            held += [*before, *(Gathered(*ref, keep(one)) for one in now)] if goes_on else []
        elif not (pending.chunk and answer.code == Code.CHUNK_ACCEPTED):
            done.append(answer)
            session = _without_rest(session) if pending.chunk else session
    _bounded(held, session.takes.obj_size_max)
    after = replace(session, pending=tuple(left), gathered=tuple(held))
    return _broken_off(after, message, done)


def _told(commands: tuple[Command, ...]) -> dict[tuple[int, Id], list[Status | Results]]:
    told: dict[tuple[int, Id], list[Status | Results]] = {}
    for command in commands:
        if isinstance(command, Status | Results) and not _is_of_header(command):
            told.setdefault((command.msg_ref, command.cmd_ref), []).append(command)
    return told


def _is_of_header(command: Status | Results) -> bool:
    return isinstance(command, Status) and of_header(command)


def _answer(pending: Pending, told: list[Command]) -> Answered | None:
    """What the last Status says, with all Results; None while there is no Status."""
    status = next((one for one in reversed(told) if isinstance(one, Status)), None)
    if status is None:
        return None
    # The whole Results may carry a Meta for its Items.
    results = (
        replace(item, meta=item.meta or one.meta)
        for one in told
        if isinstance(one, Results)
        for item in one.items
    )
    return Answered(pending.purpose, status.code, status.items, tuple(results))


def _bounded(held: list[Gathered], size_max: int) -> None:
    kept = [one.kept for one in held]
    number = sum(1 + len(one.texts) for one in kept)
    size = sum(len(one.head) + sum(len(t or "") for t in one.texts) for one in kept)
    size += sum(len(raw or b"") for one in kept for raw in one.raws)
    if number > GATHERED_MAX or size > GATHERED_TIMES_MAX * size_max:
        raise PeerError(f"{number} Items of {size} bytes in one package that goes on")


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
