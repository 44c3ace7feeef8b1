"""The device's half of a session. What it listens to is decided by the production lock-step."""

from functools import cache

from fumo.codes import Kind
from fumo.dm.auth import Account, Login
from fumo.dm.message import Envelope, Header, Location, Message, Status
from fumo.dm.receive import receive
from fumo.dm.session import SessionState, Side
from fumo.errors import PeerError
from fumo.update.happening import AlertAcknowledged
from fumo.update.operation import Order
from tests.model import promises
from tests.model.configs import Config
from tests.model.device import Device, Moves
from tests.model.rooms import Rooms
from tests.model.world import NOTHING, Query, Reply, Session, World

ACCEPTED = 202


class Talk:
    """Moves of the device's session, in every world."""

    def __init__(self, rooms: Rooms, config: Config, device: Device) -> None:
        self.rooms = rooms
        self.config = config
        self.device = device

    def moves(self, world: World) -> Moves:
        """Everything the session may do next."""
        if world.memory == NOTHING:
            return
        session = world.session
        if session is None:
            if world.sessions < self.config.sessions:
                yield "opens a session", self._open(world)
        elif session.waiting:
            yield "gives the session up", world._replace(session=None)
            yield from self._hear(world, session)
        elif session.inbox:
            yield from self._take(world, session)
        else:
            yield "goes on with the session", self._say(world, session)

    def hears(self, session: Session, reply: Reply) -> bool:
        """Is this the reply to our newest message?"""
        return in_step(session.sid, session.sent, reply.sid, reply.n)

    def owed(self, world: World) -> tuple:
        """Alerts that may be told now."""
        return self.rooms.reports(world.memory)

    def judge(self, world: World, order: Order) -> tuple[int, int]:
        return self.rooms.judge(world.memory, order)

    def _open(self, world: World) -> World:
        sid = world.sessions + 1
        world = world._replace(sessions=sid)
        return self._send(world, Session(sid), self.owed(world))

    def _say(self, world: World, session: Session) -> World:
        """Answers to Execs, and alerts that came up meanwhile; else the session ends."""
        alerts = tuple(one for one in self.owed(world) if one[1] not in session.told)
        full = session.sent >= self.config.messages
        if full or not (alerts or session.answers):
            return world._replace(session=None)
        return self._send(world, session._replace(sent=session.sent + 1, waiting=True), alerts)

    def _send(self, world: World, session: Session, alerts: tuple) -> World:
        query = Query(session.sid, session.sent, session.answers, alerts)
        for _, op_id, code in alerts:
            promises.one_result(world, op_id, code)
            world = world.noting(op_id, told=code)
        told = (*session.told, *(op_id for _, op_id, _ in alerts))
        session = session._replace(answers=(), told=told)
        return world._replace(session=session, net=world.net | {query})

    def _hear(self, world: World, session: Session) -> Moves:
        for reply in world.net:
            if isinstance(reply, Reply) and self.hears(session, reply):
                acks = tuple(("ack", op_id) for op_id in reply.acks)
                execs = () if reply.exec is None else (("exec", reply.exec),)
                heard = session._replace(waiting=False, inbox=(*acks, *execs))
                yield f"hears {reply}", world._replace(session=heard)

    def _take(self, world: World, session: Session) -> Moves:
        """One item at a time, each with a commit of its own: Status before Exec."""
        (what, number), *rest = session.inbox
        left = world._replace(session=session._replace(inbox=tuple(rest)))
        if what == "ack":
            settled = self.device.save(left, self.rooms.number(AlertAcknowledged(number)))
            yield f"settles operation {number}", settled
        else:
            yield from self.execute(left, number)

    def execute(self, world: World, number: int) -> Moves:
        """Save an accepted Exec, then owe its Status."""
        code, happening = self.judge(world, order_of(self.config.kinds[number], number))
        if happening != NOTHING:
            world = self.device.save(world, happening)
        yield f"judges Exec {number}: {code}", answering(world, number, code)


def answering(world: World, number: int, code: int) -> World:
    session = world.session
    answers = (*session.answers, (number, code))
    return world._replace(session=session._replace(answers=answers))


def order_of(kind: Kind, number: int) -> Order:
    url = None if kind is Kind.UPDATE else "u"
    return Order(0, "s", "./F", kind, str(number), "1", 1, 1, url)


ACCOUNT = Account(Login("d", ""), Login("s", ""))


@cache
def in_step(sid: int, sent: int, reply_sid: int, reply_n: int) -> bool:
    """Does `fumo.dm` listen to a server's message n, which answers the device's message n?"""
    session = SessionState(Side.DEVICE, str(sid), "d", "s", sent=sent, heard=sent - 1, trusted=True)
    header = Header(str(reply_sid), reply_n, Location("d"), Location("s"))
    message = Message(header, (Status(reply_n, 0, "SyncHdr", 200, 1),), final=True)
    try:
        receive(session, ACCOUNT, Envelope(message, b"", "", True))
    except PeerError:
        return False
    return True
