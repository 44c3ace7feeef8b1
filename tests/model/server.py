"""The server's half, small and abstract: each intention planned, sent, accepted, told, counted.

It decides and commits in one move; what its own crash can lose is the session. A repeated message
gets the stored reply, which is in the net already, so that is no move.
"""

from collections.abc import Iterator

from tests.model.configs import Config
from tests.model.device import Moves
from tests.model.world import Intention, Query, Reply, Server, World

ACCEPTED = 202


class ServerSide:
    """Moves of the server, in every world."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def moves(self, world: World) -> Moves:
        """Everything the server may do next, about any message that ever was on the wire."""
        server = world.server
        if server.sid and world.server_crashes < self.config.server_crashes:
            crashed = server._replace(sid=0, heard=0)
            count = world.server_crashes + 1
            yield "server crashes", world._replace(server=crashed, server_crashes=count)
        for query in world.net:
            if isinstance(query, Query) and self._is_next(server, query):
                yield from self.answers(world, query)

    def _is_next(self, server: Server, query: Query) -> bool:
        goes_on = query.sid == server.sid and query.n == server.heard + 1
        anew = query.sid != server.sid if self.config.replays else query.sid > server.sid
        return goes_on or (query.n == 1 and anew)

    def answers(self, world: World, query: Query) -> Moves:
        """Store alerts first, then the answers to Execs, then decide what to ask."""
        told = self.with_alerts(world.server.intentions, query)
        known = _with_answers(told, query)
        for exec_ in _may_ask(known, query.sid):
            after = _asked(known, exec_, query.sid)
            reply = Reply(query.sid, query.n, tuple(op_id for _, op_id, _ in query.alerts), exec_)
            server = Server(after, query.sid, query.n)
            yield (
                f"server answers {query} with {reply}",
                world._replace(server=server, net=world.net | {reply}),
            )

    def with_alerts(self, intentions: tuple, query: Query) -> tuple:
        """The first result stands, and is counted once."""
        rows = list(intentions)
        for correlator, _, code in query.alerts:
            number = int(correlator)
            if not rows[number].result:
                rows[number] = rows[number]._replace(
                    phase="told", result=code, counted=rows[number].counted + 1
                )
        return tuple(rows)


def _with_answers(intentions: tuple, query: Query) -> tuple:
    rows = list(intentions)
    for number, code in query.answers:
        if rows[number].phase == "sent":
            phase = "accepted" if code == ACCEPTED else "refused"
            rows[number] = rows[number]._replace(phase=phase)
    return tuple(rows)


def _may_ask(intentions: tuple[Intention, ...], sid: int) -> Iterator[int | None]:
    """The next planned Exec; or the same again in a later session, when its Status never came."""
    number = next((n for n, one in enumerate(intentions) if not is_over(one)), None)
    if number is None or intentions[number].phase == "accepted":
        yield None
    elif intentions[number].phase == "planned":
        yield number
    else:
        yield None
        if intentions[number].sid != sid:
            yield number


def _asked(intentions: tuple, number: int | None, sid: int) -> tuple:
    if number is None:
        return intentions
    rows = list(intentions)
    rows[number] = rows[number]._replace(phase="sent", sid=sid)
    return tuple(rows)


def is_over(intention: Intention) -> bool:
    return intention.phase in ("told", "refused")
