"""A browser that was let in is worth what its user is worth now. On each database."""

from fumo.server.access import Role
from fumo.server.edges.access.store import AccessStore
from fumo.server.edges.visits import GOOD_S, Visits, form_token, new_cookie
from tests.server.world import World

NOW_S = 1_000_000.0


def begun(world: World, account: str | None) -> tuple[Visits, str]:
    visits, cookie = Visits(world.store.db, world.store.db), new_cookie()
    visits.begin(cookie, account, "::1", NOW_S)
    return visits, cookie


def test_a_visit_is_its_users_until_it_ends(world: World):
    AccessStore(world.store.db).add_user("ann", Role.OPERATOR, None, NOW_S - 1)
    visits, cookie = begun(world, "ann")
    actor = visits.actor(cookie, "::1", NOW_S)
    assert actor is not None
    assert (actor.name, actor.role, actor.place) == ("ann", Role.OPERATOR, "::1")
    assert visits.actor("made up", "::1", NOW_S) is None
    visits.end(cookie)
    assert visits.actor(cookie, "::1", NOW_S) is None


def test_a_visit_is_good_for_a_while_and_then_forgotten(world: World):
    visits, cookie = begun(world, None)
    assert visits.actor(cookie, "::1", NOW_S + GOOD_S - 1) is not None
    assert visits.actor(cookie, "::1", NOW_S + GOOD_S) is None
    visits.begin(new_cookie(), None, "::1", NOW_S + GOOD_S + 1)
    assert world.rows("SELECT count(*) FROM visit") == [(1,)]


def test_a_removed_user_is_nobody_even_if_the_name_comes_back(world: World):
    access = AccessStore(world.store.db)
    access.add_user("ann", Role.ADMIN, None, NOW_S - 1)
    visits, cookie = begun(world, "ann")
    access.remove_user("ann")
    assert visits.actor(cookie, "::1", NOW_S) is None
    access.add_user("ann", Role.ADMIN, None, NOW_S + 1)
    assert visits.actor(cookie, "::1", NOW_S + 2) is None


def test_nothing_in_the_database_opens_a_page(world: World):
    _, cookie = begun(world, None)
    [(kept, *_)] = world.rows("SELECT * FROM visit")
    assert cookie not in str(kept)
    assert Visits(world.store.db, world.store.db).actor(str(kept), "::1", NOW_S) is None
    assert form_token(cookie) != kept


def test_who_was_let_in_is_in_the_audit_log(world: World):
    AccessStore(world.store.db).add_user("ann", Role.VIEWER, None, NOW_S - 1)
    begun(world, None)
    begun(world, "ann")
    assert world.rows("SELECT who, place, action, target FROM audit ORDER BY id") == [
        ("owner", "::1", "visits.begin", "link"),
        ("ann", "::1", "visits.begin", "password"),
    ]
