"""Who gets in by the API, how often, and what guessers come to. Each on both databases."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fumo.server.access import SESSIONS_MAX
from fumo.server.edges.access.guesses import Guesses, Waits
from fumo.server.guessing import FORGOTTEN_S, Free, counted, near, wait_s
from tests.server.api import OP, PASSWORD, A, Api, V, basic, bearer, device
from tests.server.process import FREE, Process
from tests.server.world import World

NEW = "another good password"


@contextmanager
def quota(api: Api, name: str, most: int) -> Iterator[None]:
    """A quota for a while; processes read them again after three seconds, this one at once."""
    before = api.owner("GET", f"/quotas/{name}")[1]["most"]
    api.owner("PUT", f"/quotas/{name}", {"most": most})
    yield
    api.owner("PUT", f"/quotas/{name}", {"most": before})


def user(api: Api, name: str, role: str = V) -> str:
    assert api.owner("POST", "/users", {"name": name, "role": role, "password": PASSWORD})[0] == 201
    return name


def test_a15_a_token_may_have_a_smaller_role_than_its_user(api: Api):
    small = bearer(api.new_token(A, role=V))
    assert api.front("GET", "/devices", **small)[0] == 200
    assert api.front("POST", "/devices", device("no"), **small)[0] == 403
    assert api.front("GET", "/me", **small)[1]["role"] == V
    assert api.owner("POST", "/tokens", {"user": V, "role": A})[0] == 409


def test_a_user_who_is_made_smaller_makes_his_tokens_smaller(api: Api):
    own = bearer(api.new_token(user(api, "sinking", OP)))
    assert api.front("POST", "/devices", device("by-sinking"), **own)[0] == 201
    assert api.owner("PATCH", "/users/sinking", {"role": V})[0] == 200
    assert api.front("POST", "/devices", device("no"), **own)[0] == 403


def test_a_token_ends(api: Api):
    assert api.front("GET", "/me", **bearer(api.new_token(V, lasts_s=60)))[0] == 200
    ended = bearer(api.new_token(V, lasts_s=0.001))
    assert api.front("GET", "/me", **ended)[0] == 401
    assert api.owner("POST", "/tokens", {"user": V, "lasts_s": -1})[0] == 409


def test_a_password_buys_a_session_that_can_be_ended(api: Api):
    status, made = api.front("POST", "/sessions", {"name": OP, "password": PASSWORD})
    assert (status, made["role"]) == (201, OP)
    proof = bearer(made["token"])
    assert api.front("GET", "/me", **proof)[1]["token"] == made["id"]
    assert api.front("POST", "/sessions/end", **proof)[0] == 201
    assert api.front("GET", "/me", **proof)[0] == 401
    assert api.front("POST", "/sessions", {"name": OP, "password": NEW})[0] == 401


def test_the_oldest_of_many_sessions_ends(api: Api):
    own = {"name": user(api, "coming-often"), "password": PASSWORD}
    bought = [api.front("POST", "/sessions", own)[1]["token"] for _ in range(SESSIONS_MAX + 2)]
    told = [api.front("GET", "/me", **bearer(token))[0] for token in bought]
    assert told == [401] * 2 + [200] * SESSIONS_MAX


def test_nobody_is_called_as_the_owner_is(api: Api):
    for name in ("owner", "nobody", "server", "a b", ""):
        assert api.owner("POST", "/users", {"name": name, "role": V})[0] == 409


def test_another_password_ends_what_the_old_one_bought(api: Api):
    name = user(api, "changing")
    bought = api.front("POST", "/sessions", {"name": name, "password": PASSWORD})[1]["token"]
    kept = api.new_token(name)
    own = basic(name, PASSWORD)
    assert api.front("POST", "/me/password", {"old": NEW, "new": NEW}, **own)[0] == 401
    assert api.front("POST", "/me/password", {"old": PASSWORD, "new": NEW}, **own)[0] == 201
    for proof, status in ((own, 401), (bearer(bought), 401), (bearer(kept), 200)):
        assert api.front("GET", "/me", **proof)[0] == status
    assert api.front("GET", "/me", **basic(name, NEW))[0] == 200


def test_a8_many_guesses_at_once_are_no_more_than_one_after_the_other(api: Api):
    name, told = user(api, "guessed"), []

    def guess() -> None:
        link = http.client.HTTPConnection(*api.process.address, timeout=60)
        link.request("GET", "/api/v1/me", headers=basic(name, f"{PASSWORD} {len(told)}"))
        told.append(link.getresponse().status)
        link.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [401] * 5 + [429] * 7
    assert api.front("GET", "/me", **basic(name, PASSWORD))[0] == 429
    assert 0 < int(api.headers["retry-after"]) <= 60
    assert api.front("GET", "/me", **bearer(api.new_token(name)))[0] == 200
    left = api.front("GET", "/me", **basic("never-heard-of", PASSWORD))[0]
    assert left == 401, "its place is not shut yet"
    lines = api.owner("GET", "/audit")[1]["items"]
    refused = [one for one in lines if (one["action"], one["target"]) == ("login.refused", name)]
    assert len(refused) == 5
    assert PASSWORD not in json.dumps(lines)


def test_a20_no_cookie_lets_in_so_no_page_of_another_site_orders_anything(api: Api):
    link = api.owner("POST", "/links")[1]["url"]
    browser = http.client.HTTPConnection(*api.process.address, timeout=20)
    browser.request("GET", "/login/" + link.rpartition("/")[2])
    cookie = str(browser.getresponse().getheader("Set-Cookie")).partition(";")[0]
    browser.close()
    assert cookie.startswith("fumo=")
    assert api.front("GET", "/devices", Cookie=cookie)[0] == 401
    assert api.front("POST", "/devices", device("csrf"), Cookie=cookie)[0] == 401


def test_a17_a_user_who_asks_often_is_told_when_to_come_again(api: Api):
    name = user(api, "hasty")
    own = bearer(api.new_token(name))
    with quota(api, "requests-of-a-token", 20):
        told = [api.front("GET", "/me", **own)[0] for _ in range(45)]
        later_s = int(api.headers.get("retry-after", 0))
    assert 20 <= told.count(200) <= 40  # two minutes, if one begins meanwhile
    assert told[-1] == 429
    assert 0 < later_s <= 60
    assert api.front("GET", "/me", **bearer(api.new_token(V)))[0] == 200


def test_strangers_are_counted_by_their_place(api: Api):
    with quota(api, "refusals-of-an-address", 5):
        told = [api.front("GET", "/me", **bearer(f"fumo_{n}"))[0] for n in range(12)]
        assert set(told) <= {401, 429}
        assert told[-1] == 429
        assert api.role(V, "GET", "/me")[0] == 200


@pytest.mark.parametrize("whose", ["postgresql"], indirect=True)  # a file has one process
def test_a17_a_minute_is_one_for_all_processes(api: Api, tmp_path: Path):
    name = user(api, "everywhere")
    own = bearer(api.new_token(name))
    with quota(api, "requests-of-a-token", 20):
        process = Process(tmp_path / "other", FREE, FREE, *api.more)
        other = Api(process, api.more)
        told = [each.front("GET", "/me", **own)[0] for _ in range(25) for each in (api, other)]
        process.stop()
    assert told.count(200) <= 40
    assert told[-1] == 429


def test_a8_a_place_that_waits_leaves_no_more_rows(world: World):
    guesses, told = Guesses(world.store.db), []
    for number in range(60):
        try:
            guesses.begin(f"name-{number}", "192.0.2.1", world.at_s, Free())
        except Waits as wait:
            told.append(wait.wait_s)
    assert told == [60] * 40
    assert world.rows("SELECT count(*) FROM guess") == [(20 + 20 + 1,)]
    later_s = world.at_s + FORGOTTEN_S + 1
    guesses.begin("name-1", "192.0.2.2", later_s, Free())
    assert world.rows("SELECT count(*) FROM guess") == [(3,)]


def test_waits_grow_and_end():
    waits = [wait_s(failures, 5) for failures in range(1, 40)]
    assert waits[:6] == [0, 0, 0, 0, 60, 120]
    assert waits[-1] == 3600


def test_a_network_of_ipv6_is_one_place():
    assert near("2001:db8::1") == near("2001:db8::ffff:1") != near("2001:db8:0:1::1")
    assert near("::ffff:192.0.2.1") == near("192.0.2.1") == "192.0.2.1"
    assert near("") == ""


def test_what_is_counted_for_two_users_of_a_place_is_told_apart():
    one, other = counted("a", "p", Free()), counted("b", "p", Free())
    assert len(set(one) & set(other)) == 1
