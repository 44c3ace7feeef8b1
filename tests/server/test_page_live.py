"""The page in a real browser: it changes by itself, fits a phone, and opened entries stay open."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from fumo.cli.admin import Admin
from tests.server.device import Device
from tests.server.process import Process

CHROMIUM = shutil.which("chromium")
QUIET = "--disable-background-networking --disable-component-update --disable-sync --no-first-run"
PASSWORD = "correct horse battery"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", *QUIET.split()]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


def chromium() -> Iterator[Browser]:
    """A browser that nobody sees."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    """A device with an order that it has not heard of."""
    process = Process(tmp_path / "d")
    admin = Admin(process.data)
    names = {"user": "u1", "password": "p1", "server_password": "s1"}
    admin.post("/devices", {"id": "IMEI:1", **names})
    package = {"id": 0, "name": "fw", "version": "1", "sha256": "ab" * 32, "length": 1}
    admin.post("/packages", package)
    order = {"package": "fw", "devices": ["IMEI:1"], "operation": "downloadandupdate"}
    admin.post("/campaigns", order)
    yield process
    process.stop()


@pytest.fixture
def page(browser: Browser, server: Process) -> Iterator[Page]:
    """The first page; whatever a script or the policy complains of fails the test."""
    context = browser.new_context(viewport={"width": 375, "height": 700})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: "status of 403" in said.text or complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.page_link)
    yield page
    context.close()
    assert complaints == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_progress_is_seen_without_reloading(server: Process, page: Page):
    expect(page.locator(".live")).to_have_class("live on")
    expect(page.locator("#devices .chip")).to_have_text("planned")
    page.evaluate("window.never = 'reloaded'")
    device = Device()
    device.talk(server.post)
    expect(page.locator("#devices .chip")).to_have_text("accepted")
    device.finishes(200, "90")
    device.talk(server.post)
    expect(page.locator("#devices .chip")).to_have_text("succeeded")
    expect(page.locator(".big")).to_have_text("100%")
    assert page.evaluate("window.never") == "reloaded"
    assert fits(page)


def test_what_was_opened_stays_open_while_the_story_goes_on(server: Process, page: Page):
    device = Device()
    device.talk(server.post)
    page.get_by_role("link", name="IMEI:1").click()
    message = page.locator("details", has_text="Exec").first
    message.locator("summary").click()
    expect(message.locator("pre")).to_contain_text("Correlator")
    assert fits(page)
    device.finishes(410, "70")
    device.talk(server.post)
    expect(page.locator("#timeline")).to_contain_text("Firmware update failed")
    expect(message.locator("pre")).to_be_visible()
    page.get_by_role("link", name="fw 1").click()
    expect(page.locator(".failures")).to_contain_text("410")
    assert fits(page)


def signs_in(page: Page, name: str) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("nav.places")).to_be_visible()


def test_a_page_that_is_not_for_this_role_rests(server: Process, page: Page):
    Admin(server.data).post("/users", {"name": "vic", "role": "viewer", "password": PASSWORD})
    signs_in(page, "vic")
    page.goto(urljoin(server.page_link, "/audit"))
    expect(page.locator("main")).to_contain_text("this asks for admin")
    expect(page.locator(".live")).to_have_class("live on")
    page.evaluate("window.never = 'reloaded'")
    Device().talk(server.post)
    page.wait_for_timeout(1500)
    assert page.evaluate("window.never") == "reloaded"


def test_who_is_removed_sees_the_form_to_sign_in_without_asking(server: Process, page: Page):
    admin = Admin(server.data)
    admin.post("/users", {"name": "vic", "role": "viewer", "password": PASSWORD})
    signs_in(page, "vic")
    expect(page.locator(".live")).to_have_class("live on")
    admin.post("/users/vic/remove")
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.locator("nav.places")).to_have_count(0)


def test_without_a_script_everything_can_be_done(browser: Browser, server: Process):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.page_link)
    page.get_by_role("link", name="fw 1").first.click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("h1 .chip")).to_have_text("paused")
    page.get_by_text("Stop…").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("h1 .chip")).to_have_text("stopped")
    page.get_by_role("link", name="Devices").click()
    page.get_by_label("Filter").fill("id == IMEI:1")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="IMEI:1").click()
    page.get_by_label("Tag").fill("lab")
    page.get_by_role("button", name="Add tag").click()
    expect(page.locator("main")).to_contain_text("lab")
    context.close()
