"""A ticket buys one cookie; a cookie is good for a while, and only with our signature."""

from fumo.server.edges.tickets import TICKETS_MAX, Tickets


def test_a_ticket_is_used_once():
    tickets = Tickets(b"key")
    ticket = tickets.new()
    cookie = tickets.use(ticket)
    assert tickets.admits(cookie)
    assert tickets.use(ticket) is None
    assert tickets.use("made up") is None


def test_a_cookie_outlives_a_restart_but_not_another_key():
    cookie = Tickets(b"key").use((tickets := Tickets(b"key")).new())
    assert cookie is None, "a ticket belongs to the server that gave it"
    cookie = tickets.use(tickets.new())
    assert Tickets(b"key").admits(cookie)
    assert not Tickets(b"other").admits(cookie)


def test_forged_and_old_cookies_are_refused():
    tickets = Tickets(b"key")
    cookie = tickets.use(tickets.new()) or ""
    until, _, mac = cookie.partition(".")
    bad = [None, "", ".", "x", mac, f"{int(until) + 1}.{mac}", f"{until}.", f"{until}.{mac}0",
           f"１.{mac}", tickets._signed(1)]  # fmt: skip
    assert not any(tickets.admits(one) for one in bad)


def test_unused_tickets_do_not_pile_up():
    tickets = Tickets(b"key")
    given = [tickets.new() for _ in range(TICKETS_MAX + 1)]
    assert tickets.use(given[0]) is None
    assert tickets.use(given[1])
