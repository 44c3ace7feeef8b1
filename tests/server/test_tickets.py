"""A ticket lets in once, and unused ones do not pile up."""

from fumo.server.edges.tickets import TICKETS_MAX, Tickets


def test_a_ticket_is_used_once():
    tickets = Tickets()
    ticket = tickets.new()
    assert tickets.use(ticket)
    assert not tickets.use(ticket)
    assert not tickets.use("made up")


def test_a_ticket_belongs_to_the_server_that_gave_it():
    assert not Tickets().use(Tickets().new())


def test_unused_tickets_do_not_pile_up():
    tickets = Tickets()
    given = [tickets.new() for _ in range(TICKETS_MAX + 1)]
    assert not tickets.use(given[0])
    assert tickets.use(given[1])
