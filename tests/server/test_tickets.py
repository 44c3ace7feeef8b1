"""A ticket lets in once, at any server of the database, and unused ones do not pile up."""

from fumo.server.edges.tickets import TICKETS_MAX, Tickets
from fumo.server.edges.visits import Visits, new_cookie
from tests.server.world import World


def tickets(world: World) -> Tickets:
    """Those of one server of the database."""
    return Tickets(world.store.db, world.store.db)


def test_a_ticket_is_used_once_at_whichever_server(world: World):
    given, other = tickets(world), tickets(world)
    ticket = given.new()
    assert other.known(ticket)
    assert other.use(ticket)
    assert not given.use(ticket)
    assert not given.known(ticket)
    assert not other.use("made up")


def test_unused_tickets_do_not_pile_up_and_push_out_no_visit(world: World):
    visits, cookie = Visits(world.store.db, world.store.db), new_cookie()
    visits.begin(cookie, None, "::1", 1_000.0)
    server = tickets(world)
    given = [server.new() for _ in range(TICKETS_MAX + 1)]
    assert not server.use(given[0])
    assert server.use(given[1])
    assert visits.actor(cookie, "::1", 1_001.0) is not None


def test_a_ticket_is_no_cookie(world: World):
    ticket = tickets(world).new()
    visits = Visits(world.store.db, world.store.db)
    for cookie in (ticket, f"link:{ticket}"):
        assert visits.actor(cookie, "::1", 0.0) is None
