"""What the pages list, choose and change: over real sockets, without a script."""

import re
import time
from collections.abc import Iterator

import pytest

from fumo.cli.admin import Admin
from tests.server.browser import Browser
from tests.server.device import Device
from tests.server.process import FREE, Process

PASSWORD = "correct horse battery"
DEVICES = 53


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, whose: tuple[str, ...]) -> Iterator[Process]:
    """More devices than a page holds; the first one failed, one never came."""
    process = Process(tmp_path_factory.mktemp("lists") / "d", FREE, FREE, *whose)
    admin = Admin(process.data)
    admin.post("/users", {"name": "viewer", "role": "viewer", "password": PASSWORD})
    for number in range(DEVICES):
        names = {"user": "u1", "password": "p1", "server_password": "s1"}
        admin.post("/devices", {"id": f"IMEI:{number:02}", **names})
    package = {"id": 0, "name": "fw", "version": "1", "sha256": "ab" * 32, "length": 1}
    admin.post("/packages", package)
    order = {"package": "fw", "operation": "downloadandupdate", "name": "spring"}
    admin.post("/campaigns", {**order, "devices": ["IMEI:00", "IMEI:01"]})
    device = Device("IMEI:00")
    device.talk(process.post)
    device.finishes(503, "20")
    device.talk(process.post)
    device.finishes(410, "20", "of another server")
    device.talk(process.post)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def owner(server: Process) -> Browser:
    return Browser(server).follows_link()


@pytest.fixture(scope="module")
def viewer(server: Process) -> Browser:
    browser = Browser(server)
    assert browser.signs_in("viewer", PASSWORD) == 200
    return browser


def listed(browser: Browser) -> list[str]:
    return re.findall(r">(IMEI:\d\d)</a>", browser.page)


def test_a_long_list_goes_on_and_holds_each_once(viewer: Browser):
    assert viewer.get("/devices") == 200
    first = listed(viewer)
    [further] = re.findall(r'href="([^"]+)" rel="next"', viewer.page)
    assert viewer.get(further) == 200
    assert first + listed(viewer) == [f"IMEI:{number:02}" for number in range(DEVICES)]
    assert 'rel="next"' not in viewer.page


def test_a_filter_chooses_and_one_that_cannot_be_read_says_where(viewer: Browser):
    assert viewer.get('/devices?q=id+~+"*07"') == 200
    assert listed(viewer) == ["IMEI:07"]
    assert viewer.get("/devices?q=id+==") == 400
    assert "column" in viewer.page
    assert viewer.get("/operations?q=state+==+failed") == 200
    assert listed(viewer) == ["IMEI:00"]
    assert viewer.get("/devices?cursor=nonsense") in (400, 409)


def test_campaigns_are_found_by_a_filter(viewer: Browser):
    assert viewer.get("/campaigns?q=name+==+spring") == 200
    assert '<a href="/campaigns/1">spring</a>' in viewer.page
    assert viewer.get("/campaigns?q=name+==+autumn") == 200
    assert "No campaign fits" in viewer.page


def test_a_campaign_leads_to_those_of_its_devices_that_failed(viewer: Browser):
    assert viewer.get("/campaigns/1") == 200
    found = re.findall(r'href="(/operations\?q=[^"]+)"', viewer.page)
    of_state = [at for at in found if "failed" in at]
    of_code = [at for at in found if "503" in at]
    assert of_state
    assert of_code
    for at in (*of_state, *of_code):
        assert viewer.get(at) == 200
        assert listed(viewer) == ["IMEI:00"]


def test_a_device_says_why_it_is_not_updated(viewer: Browser):
    assert viewer.get("/device?id=IMEI:00") == 200
    assert "only a new order makes it try again" in viewer.page
    assert viewer.get("/device?id=IMEI:01") == 200
    assert "never come to this server" in viewer.page
    assert viewer.get("/device?id=none") == 404
    assert viewer.get("/device?id=%00") == 404


def test_tags_and_attributes_are_set_by_who_may(server: Process, owner: Browser, viewer: Browser):
    viewer.get("/device?id=IMEI:05")
    assert 'name="add"' not in viewer.page
    assert (
        viewer.post("/device/marks", {"id": "IMEI:05", "add": "lab", "form": viewer.token}) == 403
    )
    owner.get("/device?id=IMEI:05")
    for fields in ({"add": "lab"}, {"add": "old"}, {"name": "site", "value": "north"}):
        assert owner.send("/device/marks", id="IMEI:05", **fields) == 303
        owner.get(owner.where)
    assert owner.send("/device/marks", id="IMEI:05", remove="old") == 303
    [told] = Admin(server.data).get("/devices", q="tag == lab")["items"]
    assert (told["id"], told["tags"], told["attributes"]) == ("IMEI:05", ["lab"], {"site": "north"})
    owner.get("/device?id=IMEI:05")
    assert owner.send("/device/marks", id="IMEI:05", name="model", value="x") == 409
    assert "cannot be set" in owner.page


def test_alerts_that_belong_to_nobody_are_shown_and_looked_at(owner: Browser):
    assert owner.get("/alerts") == 200
    assert "of another server" in owner.page
    assert "is-orphan" in owner.page
    assert owner.get("/alerts?match=orphan") == 200
    assert "of another server" in owner.page
    assert "is-final" not in owner.page
    assert owner.get("/alerts?match=late") == 200
    assert "None of this kind" in owner.page
    assert owner.get("/alerts?match=nonsense") == 400
    assert owner.get("/incidents") == 200
    [number] = re.findall(r'name="id" value="(\d+)"', owner.page)
    assert owner.send("/incidents/seen", id=number) == 303
    owner.get("/incidents")
    assert "Nothing to look at" in owner.page
    owner.get("/incidents?seen=true")
    assert "seen by owner" in owner.page


def test_one_operation_is_cancelled(owner: Browser, viewer: Browser):
    owner.get('/operations?q=device+==+"IMEI:01"')
    [at] = re.findall(r'href="(/operations/\d+)"', owner.page)
    assert viewer.get(at) == 200
    assert "/cancel" not in viewer.page
    owner.get(at)
    assert owner.send(f"{at}/cancel", word="cancel") == 303
    owner.get(at)
    assert "is-cancelled" in owner.page
    assert f"{at}/cancel" not in owner.page


def test_a_viewer_sees_no_address_of_a_package(owner: Browser, viewer: Browser):
    for browser in (owner, viewer):
        browser.get('/operations?q=device+==+"IMEI:00"')
        [at] = re.findall(r'href="(/operations/\d+)"', browser.page)
        browser.get(at)
    depot = owner.server.depot_url
    assert depot in owner.page
    assert depot not in viewer.page


def test_users_are_added_and_removed_by_admins_alone(
    server: Process, owner: Browser, viewer: Browser
):
    assert viewer.get("/users") == 403
    assert viewer.get("/audit") == 403
    assert "/users" not in viewer.page.partition("<main")[0]
    owner.get("/users")
    fields = {"name": "ann", "role": "operator", "password": PASSWORD}
    assert owner.send("/users/add", **fields) == 303
    ann = Browser(server)
    assert ann.signs_in("ann", PASSWORD) == 200
    owner.get("/users")
    assert owner.send("/users/add", **{**fields, "password": "short"}) == 409
    assert "a password has" in owner.page
    owner.get("/users")
    assert owner.send("/users/remove", name="ann") == 303
    assert ann.get("/") == 403
    owner.get("/audit")
    assert "users.remove" in owner.page


def test_a_token_is_shown_once(server: Process, owner: Browser):
    owner.get("/users")
    assert owner.send("/tokens/add", user="viewer", label="probe") == 200
    [token] = re.findall(r"fumo_[\w-]+", owner.page)
    assert Admin(server.dm_url.removesuffix("/dm"), token).get("/devices", limit=1)["items"]
    owner.get("/users")
    assert token not in owner.page
    [number] = re.findall(r'name="id" value="(\d+)"', owner.page)
    assert owner.send("/tokens/revoke", id=number) == 303
    owner.get("/users")
    assert "probe" not in owner.page


def test_a_webhook_is_added_steered_and_removed(owner: Browser, viewer: Browser):
    assert viewer.get("/webhooks") == 403
    owner.get("/webhooks")
    assert owner.send("/webhooks/add", url="https://203.0.113.7/in", kinds="") == 200
    [secret] = re.findall(r"<pre[^>]*>(\S+)</pre>", owner.page)
    owner.get("/webhooks")
    assert secret not in owner.page
    [number] = re.findall(r'name="id" value="(\d+)"', owner.page)
    assert owner.send("/webhooks/orders", id=number, word="pause") == 303
    owner.get("/webhooks")
    assert "is-paused" in owner.page
    assert owner.send("/webhooks/orders", id=number, word="rotate") == 200
    assert secret not in owner.page
    owner.get("/webhooks")
    assert owner.send("/webhooks/orders", id=number, word="remove") == 303
    owner.get("/webhooks")
    assert "203.0.113.7" not in owner.page


def test_a_role_and_a_password_are_changed(server: Process, owner: Browser):
    owner.get("/users")
    owner.send("/users/add", name="cleo", role="viewer", password=PASSWORD)
    cleo = Browser(server)
    cleo.signs_in("cleo", PASSWORD)
    owner.get("/users")
    assert owner.send("/users/change", name="cleo", role="admin") == 303
    assert cleo.get("/audit") == 200, "a role counts at once"
    cleo.get("/account")
    assert cleo.send("/account/password", old=PASSWORD + "x", new="another " + PASSWORD) in (
        401,
        403,
    )
    cleo.get("/account")
    assert cleo.send("/account/password", old=PASSWORD, new="another " + PASSWORD) == 303
    assert cleo.get("/") == 403
    assert cleo.signs_in("cleo", PASSWORD) == 401
    assert cleo.signs_in("cleo", "another " + PASSWORD) == 200


def test_what_was_said_with_a_device_is_read_by_operators(owner: Browser, viewer: Browser):
    owner.get("/device?id=IMEI:00")
    [at] = re.findall(r'href="(/device/messages[^"]+)"', owner.page)
    assert owner.get(at) == 200
    assert "Exec" in owner.page
    assert "Server: message" in owner.page
    viewer.get("/device?id=IMEI:00")
    assert "/device/messages" not in viewer.page
    assert viewer.get(at) == 403
    assert owner.get("/device/messages?id=nobody") == 404
    assert owner.get(at + "&cursor=nonsense") == 400


def test_a_device_is_woken_by_a_button_and_its_page_tells_of_each_attempt(
    server: Process, owner: Browser
):
    marks = {"devices": ["IMEI:00"], "set": {"wake": "udp:127.0.0.1:9"}}
    Admin(server.data).post("/devices/marks", marks)
    assert owner.get("/device?id=IMEI:00") == 200
    assert "It was not woken yet" in owner.page
    assert owner.send("/device/wake", id="IMEI:00") == 303
    for _ in range(100):
        owner.get("/device?id=IMEI:00")
        if "notification 1 of 8" in owner.page:
            break
        time.sleep(0.1)
    assert "notification 1 of 8" in owner.page
