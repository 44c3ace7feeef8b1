"""A campaign from its form to its end, by people with different roles: without a script."""

import re
from collections.abc import Iterator

import pytest

from fumo.cli.admin import Admin
from tests.server.browser import Browser
from tests.server.device import Device
from tests.server.process import FREE, Process

PASSWORD = "correct horse battery"
FORM = {"package": "fw@1", "operation": "downloadandupdate", "by": "filter", "begin": "now"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, whose: tuple[str, ...]) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("campaigns") / "d", FREE, FREE, *whose)
    admin = Admin(process.data)
    for name, role in (("ann", "operator"), ("ben", "operator"), ("vic", "viewer")):
        admin.post("/users", {"name": name, "role": role, "password": PASSWORD})
    for number in range(4):
        names = {"user": "u1", "password": "p1", "server_password": "s1"}
        admin.post("/devices", {"id": f"IMEI:{number}", **names})
    admin.post("/devices/marks", {"devices": ["IMEI:0", "IMEI:1"], "add": ["lab"]})
    package = {"id": 0, "name": "fw", "version": "1", "sha256": "ab" * 32, "length": 1}
    admin.post("/packages", package)
    yield process
    process.stop()


def signed_in(server: Process, name: str) -> Browser:
    browser = Browser(server)
    assert browser.signs_in(name, PASSWORD) == 200
    return browser


def test_a_form_shows_whom_it_means_and_keeps_what_was_typed(server: Process):
    ann = signed_in(server, "ann")
    assert ann.get("/new-campaign") == 200
    assert '<option value="fw@1"' in ann.page
    looked = {**FORM, "filter": "tag == lab", "rate": "7", "approval": "yes"}
    assert ann.send("/new-campaign/look", **looked) == 200
    assert "<b>2</b> devices would be ordered" in ann.page
    assert "IMEI:0</a>, <a" in ann.page
    assert 'name="rate" type="text" value="7"' in ann.page
    assert ann.send("/new-campaign/look", **{**FORM, "filter": "tag =="}) == 400
    assert "column" in ann.page
    assert ann.send("/new-campaign/make", **{**FORM, "filter": "tag == lab", "rate": "x"}) == 400
    assert "the rate is a whole number" in ann.page
    assert ann.send("/new-campaign/make", **{**FORM, "filter": "tag == none"}) >= 400
    assert Admin(server.data).get("/campaigns")["items"] == []


def test_a_campaign_is_made_approved_by_another_run_and_stopped(server: Process):
    ann, ben, vic = (signed_in(server, name) for name in ("ann", "ben", "vic"))
    ann.get("/new-campaign")
    wanted = {**FORM, "filter": "tag == lab", "approval": "yes", "shares": "50",
              "error_percent": "50", "name": "spring", "windows": "daily 00:00-24:00",
              "bytes_per_s": "50000"}  # fmt: skip
    assert ann.send("/new-campaign/make", **wanted) == 303
    at = ann.where
    assert ann.get(at) == 200
    assert "waits for approval" in ann.page
    assert "daily 00:00-24:00 (UTC)" in ann.page
    assert "when 50 % of a group failed" in ann.page
    assert "50,000 bytes a second together" in ann.page
    assert ann.send(f"{at}/orders", word="approve") == 409
    assert "somebody else must approve it" in ann.page
    vic.get(at)
    assert "/orders" not in vic.page
    assert vic.send(f"{at}/orders", word="approve") == 403
    ben.get(at)
    assert ben.send(f"{at}/orders", word="approve") == 303
    ben.get(at)
    assert "by ben" in ben.page
    if "is-approved" in ben.page:  # the sweep has not come to it yet
        assert ben.send(f"{at}/orders", word="start") == 303
    device = Device("IMEI:0")
    device.talk(server.post)
    ben.get(at)
    assert "group 1 of 2" in ben.page
    assert ben.send(f"{at}/orders", word="stop") == 303
    ben.get(at)
    assert "is-stopped" in ben.page
    assert "stop by ben" in ben.page


def test_a_denied_campaign_says_why(server: Process):
    ann, ben = signed_in(server, "ann"), signed_in(server, "ben")
    ann.get("/new-campaign")
    wanted = {**FORM, "by": "name", "devices": "IMEI:2\nIMEI:3", "approval": "yes"}
    assert ann.send("/new-campaign/make", **wanted) == 303
    at = ann.where
    ben.get(at)
    assert re.search(r'name="reason"[^>]*required', ben.page)
    assert ben.send(f"{at}/orders", word="deny") == 409
    ben.get(at)
    assert ben.send(f"{at}/orders", word="deny", reason="not before Monday") == 303
    ann.get(at)
    assert "deny by ben: not before Monday" in ann.page
    assert "/orders" not in ann.page


def test_a_viewer_makes_no_campaign(server: Process):
    vic = signed_in(server, "vic")
    vic.get("/")
    assert "/new-campaign" not in vic.page
    assert vic.send("/new-campaign/make", **{**FORM, "filter": 'id ~ "*"'}) == 403
    assert "this asks for operator" in vic.page
