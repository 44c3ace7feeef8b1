"""Who sees which page, and whose forms are listened to: over real sockets."""

from collections.abc import Iterator

import pytest

from fumo.cli.admin import Admin
from tests.server.browser import Browser
from tests.server.process import Process

ROLES = ("viewer", "operator", "admin")
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A user of each role, and a campaign that was not begun."""
    process = Process(tmp_path_factory.mktemp("pages") / "d")
    admin = Admin(process.data)
    for role in ROLES:
        admin.post("/users", {"name": role, "role": role, "password": PASSWORD})
    names = {"user": "u1", "password": "p1", "server_password": "s1"}
    admin.post("/devices", {"id": "IMEI:1", **names})
    admin.post(
        "/packages", {"id": 0, "name": "fw", "version": "1", "sha256": "ab" * 32, "length": 1}
    )
    order = {"package": "fw", "devices": ["IMEI:1"], "operation": "downloadandupdate"}
    admin.post("/campaigns", {**order, "terms": {"starts": False}})
    yield process
    process.stop()


def signed_in(server: Process, role: str) -> Browser:
    browser = Browser(server)
    assert browser.signs_in(role, PASSWORD) == 200
    return browser


def test_a_password_lets_in_and_a_wrong_one_does_not(server: Process):
    browser = Browser(server)
    assert browser.get("/campaigns/1") == 403
    assert "Sign in" in browser.page
    assert browser.send("/login", name="viewer", password=PASSWORD + "x", to="/") == 401
    assert "no such user" in browser.page
    assert browser.send("/login", name="nobody", password=PASSWORD, to="/") == 401
    assert browser.get("/") == 403
    assert browser.signs_in("viewer", PASSWORD, "/campaigns/1") == 200
    assert "url=/campaigns/1" in browser.page
    assert browser.get("/campaigns/1") == 200


@pytest.mark.parametrize("to", ["//evil.example", "/\\evil.example", "https://evil.example", "x"])
def test_signing_in_leads_to_no_other_site(server: Process, to: str):
    browser = Browser(server)
    assert browser.signs_in("viewer", PASSWORD, to) == 200
    assert 'url=/"' in browser.page
    assert "evil" not in browser.page


def test_the_cookie_is_for_us_alone(server: Process):
    browser = Browser(server)
    browser.signs_in("viewer", PASSWORD)
    given = [line.lower() for line in browser.headers.get_all("Set-Cookie", [])]
    assert given
    assert all("httponly" in line and "samesite=strict" in line for line in given)


def test_leaving_ends_the_visit_also_for_who_kept_the_cookie(server: Process):
    browser = signed_in(server, "viewer")
    kept = dict(browser.cookies)
    browser.get("/")
    assert browser.send("/logout") == 303
    assert browser.get("/") == 403
    browser.cookies = kept
    assert browser.get("/") == 403


def test_a20_a_form_of_another_site_does_nothing(server: Process):
    browser = signed_in(server, "operator")
    browser.get("/campaigns/1")
    token = browser.token
    assert browser.post("/campaigns/1/orders", {"word": "stop"}) == 403
    assert browser.post("/campaigns/1/orders", {"word": "stop", "form": "x" * 64}) == 403
    told = {"word": "stop", "form": token}
    assert browser.post("/campaigns/1/orders", told, **{"Sec-Fetch-Site": "cross-site"}) == 403
    other = signed_in(server, "operator")
    assert other.post("/campaigns/1/orders", told) == 403, "a token of another browser"
    assert browser.post("/logout", {}) == 403
    assert browser.get("/campaigns/1") == 200
    assert "draft" in browser.page


def test_a15_the_role_decides_which_controls_show_and_work(server: Process):
    viewer, operator = signed_in(server, "viewer"), signed_in(server, "operator")
    viewer.get("/campaigns/1")
    assert 'value="start"' not in viewer.page
    assert viewer.send("/campaigns/1/orders", word="start") == 403
    assert "this asks for operator" in viewer.page
    operator.get("/campaigns/1")
    assert 'value="start"' in operator.page
    assert operator.send("/campaigns/1/orders", word="start") == 303
    assert operator.where == "/campaigns/1"
    operator.get("/campaigns/1")
    assert 'value="pause"' in operator.page
    assert operator.send("/campaigns/1/orders", word="resume") == 409
    assert "resume needs it paused" in operator.page
    assert operator.send("/campaigns/1/orders", word="no such") == 400
    lines = Admin(server.data).get("/audit?limit=50")["items"]
    assert {(one["who"], one["action"]) for one in lines} >= {("operator", "campaigns.start")}


def test_who_was_removed_is_out_at_once(server: Process):
    admin = Admin(server.data)
    admin.post("/users", {"name": "gone", "role": "admin", "password": PASSWORD})
    browser = signed_in(server, "gone")
    assert browser.get("/") == 200
    admin.post("/users/gone/remove", {})
    assert browser.get("/") == 403


def test_the_link_lets_in_its_owner(server: Process):
    browser = Browser(server).follows_link()
    assert browser.get("/campaigns/1") == 200
    assert 'title="admin"' in browser.page
    assert browser.get("/login/again") == 403
    assert "used already" in browser.page


def test_a_link_in_a_mail_leads_on_without_signing_in_again(server: Process):
    browser = signed_in(server, "viewer")
    kept, browser.cookies = browser.cookies, {}
    assert browser.get("/devices?q=x", **{"Sec-Fetch-Site": "cross-site"}) == 200
    assert 'content="0;url=/devices?q=x"' in browser.page
    assert browser.cookies == {}
    browser.cookies = kept
    assert browser.get("/devices?q=tag+==+x", **{"Sec-Fetch-Site": "same-origin"}) == 200
    assert Browser(server).get("/devices", **{"Sec-Fetch-Site": "same-origin"}) == 403
