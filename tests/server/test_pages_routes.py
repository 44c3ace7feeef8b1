"""Every address of the pages by every role, and every form without its token: over real sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.cli.admin import Admin
from fumo.server.edges.news import News
from fumo.server.edges.opening import open_database
from fumo.server.edges.pages.app import OPEN_TO_ALL, pages_app
from fumo.server.edges.rest.desk import Desk
from fumo.server.edges.tickets import Tickets
from fumo.server.edges.views import Views
from fumo.server.edges.visits import Visits
from tests.server.browser import Browser
from tests.server.process import FREE, Process

PASSWORD = "correct horse battery"
ANYBODY, VIEWER, OPERATOR, ADMIN = range(4)
ROLES = ("anybody", "viewer", "operator", "admin")
PAGES = {
    "/": VIEWER, "/account": VIEWER, "/alerts": VIEWER, "/audit": ADMIN,
    "/campaigns": VIEWER, "/campaigns/{campaign_id:int}": VIEWER,
    "/device": VIEWER, "/device/messages": OPERATOR,
    "/devices": VIEWER, "/events": VIEWER, "/incidents": VIEWER, "/login": ANYBODY,
    "/login/{ticket:str}": ANYBODY, "/new-campaign": VIEWER, "/operations": VIEWER,
    "/operations/{operation_id:int}": VIEWER, "/packages": VIEWER,
    "/packages/{package_id:int}": VIEWER, "/static/{name:str}": ANYBODY,
    "/users": ADMIN, "/webhooks": ADMIN,
}  # fmt: skip
FORMS = {
    "/account/password": VIEWER, "/campaigns/{campaign_id:int}/orders": OPERATOR,
    "/device/marks": OPERATOR, "/device/wake": OPERATOR,
    "/incidents/seen": OPERATOR, "/login": ANYBODY, "/logout": VIEWER,
    "/new-campaign/look": VIEWER, "/new-campaign/make": OPERATOR,
    "/operations/{operation_id:int}/cancel": OPERATOR, "/tokens/add": ADMIN,
    "/tokens/revoke": ADMIN, "/users/add": ADMIN, "/users/change": ADMIN, "/users/remove": ADMIN,
    "/webhooks/add": ADMIN, "/webhooks/orders": ADMIN,
}  # fmt: skip
FILLED = {"id": "1", "word": "pause", "name": "nobody-at-all", "role": "viewer", "add": "lab",
          "user": "nobody", "url": "https://203.0.113.7", "by": "filter", "filter": "tag == none",
          "package": "fw@1", "operation": "download", "old": "x", "new": "y"}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, whose: tuple[str, ...]) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("routes") / "d", FREE, FREE, *whose)
    admin = Admin(process.data)
    for role in ROLES[1:]:
        admin.post("/users", {"name": role, "role": role, "password": PASSWORD})
    names = {"user": "u1", "password": "p1", "server_password": "s1"}
    admin.post("/devices", {"id": "1", **names})
    package = {"id": 0, "name": "fw", "version": "1", "sha256": "ab" * 32, "length": 1}
    admin.post("/packages", package)
    admin.post("/campaigns", {"package": "fw", "devices": ["1"], "operation": "download"})
    yield process
    process.stop()


@pytest.fixture(scope="module")
def people(server: Process) -> dict[str, Browser]:
    browsers = {role: Browser(server) for role in ROLES}
    for role in ROLES[1:]:
        assert browsers[role].signs_in(role, PASSWORD) == 200
    return browsers


def concrete(path: str) -> str:
    number = (
        path.replace("{package_id:int}", "1")
        .replace("{campaign_id:int}", "1")
        .replace("{operation_id:int}", "1")
    )
    named = number.replace("{name:str}", "fumo.css").replace("{ticket:str}", "none")
    return named + "?id=1" if path.startswith("/device") else named


def test_the_tables_name_every_address(tmp_path: Path):
    database = open_database(tmp_path / "x.db")
    views = Views(database)
    desk = Desk(None, None, views, str, None, None)  # type: ignore[arg-type]
    app = pages_app(
        desk, News(), Tickets(database, database), Visits(database, database), None, tls=False
    )
    gets, posts = set(), set()
    for route in app.routes:
        gets |= {route.path} if "GET" in route.methods else set()
        posts |= {route.path} if "POST" in route.methods else set()
    views.close()
    assert (gets, posts) == (set(PAGES), set(FORMS))


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/events"])
def test_each_page_is_seen_by_who_may(people: dict[str, Browser], path: str):
    for rank, role in enumerate(ROLES):
        status = people[role].get(concrete(path))
        if path == "/login/{ticket:str}":
            assert status == 403
        else:
            assert (status == 200) is (rank >= PAGES[path]), role
            assert status in (200, 403), role


def test_a20_no_form_is_heard_without_its_token(people: dict[str, Browser]):
    for path in FORMS:
        for role in ROLES:
            assert people[role].post(concrete(path), FILLED) == 403, (path, role)
            assert people[role].post(concrete(path), {**FILLED, "form": "0" * 64}) == 403


@pytest.mark.parametrize("path", [path for path in FORMS if path not in ("/login", "/logout")])
def test_each_form_is_heard_from_who_may(people: dict[str, Browser], path: str):
    for rank, role in enumerate(ROLES[1:], 1):
        browser = people[role]
        browser.get("/account")
        status = browser.post(concrete(path), {**FILLED, "form": browser.token})
        may = rank >= FORMS[path]
        wrong = path == "/account/password"  # whose own password is wrong gets 401 or 403
        assert (status == 403) is not may or wrong, (role, status)
        assert status < 500, (role, browser.page)


def test_what_is_open_to_all_is_what_the_table_says():
    opens = {path for path, rank in {**PAGES, **FORMS}.items() if rank == ANYBODY}
    assert all(path.startswith(OPEN_TO_ALL) for path in opens)
