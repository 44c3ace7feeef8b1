"""Whatever a device says of itself is text on our pages, and nothing else: in a real browser.

The browser leaves our Content-Security-Policy aside, so that what is not escaped would run.
"""

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page

from fumo.cli.admin import Admin
from fumo.codes import AlertCode
from fumo.dm.message import Alert, Item, Location, Meta, Replace
from fumo.dm.session import Request
from tests.server.device import Device, fumo_tree
from tests.server.process import Process
from tests.server.test_page_live import CHROMIUM, chromium

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
PAGES_MAX = 80
WATCH = "window.hits = []; window.hit = (field) => window.hits.push(field);"
TYPE = "org.openmobilealliance.dm.firmwareupdate.downloadandupdate"
SEEN = """() => document.documentElement.textContent + [...document.querySelectorAll('*')]
    .flatMap(one => [...one.attributes]).map(one => one.value).join(' ')"""
BROKEN = """() => document.querySelectorAll(
    `img, iframe, svg[onload], script:not([src]), [onerror], a[href^="javascript:"]`).length"""


def evil(field: str) -> str:
    """Breaks out of a text and of an attribute, and says which field it came by. Has no slash, so
    that it may be the name of a node."""
    run = f"hit(`{field}`)"
    return f"{field}\"'><img src=x onerror={run}><svg onload={run}>{{{{7*7}}}}&lt;"


def script(field: str) -> str:
    """The same for what may have a slash."""
    return f"{evil(field)}</textarea></script><script>hit(`{field}`)</script>"


DEVICE = script("id")
SAID = {
    "id": DEVICE,
    **{field: evil(field) for field in ("info name", "object")},
    **{
        field: script(field)
        for field in (
            *("info value", "state", "session", "type", "source", "data", "mark", "correlator"),
            *("final mark", "orphan source", "orphan correlator"),
        )
    },
}


class Evil(Device):
    """Says such things wherever a device may say something."""

    def first_words(self) -> list[Request]:
        told = (Item(source=Location("./DevInfo/Man"), data=SAID["info value"]),
                Item(source=Location(f"./DevInfo/{SAID['info name']}"), data="x"))  # fmt: skip
        return [*super().first_words(), Request("more", Replace(told))]


def alert(type_: str, source: str, data: str, mark: str, correlator: str | None) -> Alert:
    item = Item(source=Location(source), meta=Meta(format="chr", type=type_, mark=mark), data=data)
    return Alert(AlertCode.GENERIC, correlator=correlator, items=(item,))


def speaks(server: Process) -> None:
    """A device with an order: it takes it, and reports what belongs to it and what does not."""
    device = Evil(DEVICE, tree=fumo_tree(f"./{SAID['object']}"))
    device.state = SAID["state"]
    device.talk(server.post)
    device.finishes(503, "20")
    final = device.outbox.pop()
    meta = Meta(format="int", type=TYPE, mark=SAID["final mark"])
    final = replace(final, items=tuple(replace(item, meta=meta) for item in final.items))
    words = [SAID[name] for name in ("type", "source", "data", "mark", "correlator")]
    orphan = alert(TYPE, SAID["orphan source"], "410", "fatal", SAID["orphan correlator"])
    device.outbox = [final, alert(*words), orphan]
    device.talk(server.post, name=SAID["session"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("escape") / "d")
    admin = Admin(process.data)
    admin.post("/devices", {"id": DEVICE, "user": "u1", "password": "p1", "server_password": "s1"})
    package = {"id": 0, "name": "fw", "version": "1", "sha256": "ab" * 32, "length": 1}
    admin.post("/packages", package)
    order = {"package": "fw", "devices": [DEVICE], "operation": "downloadandupdate"}
    admin.post("/campaigns", order)
    speaks(process)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(WATCH)
    yield context.new_page()
    context.close()


def crawled(page: Page, start: str) -> dict[str, str]:
    """Every page that links lead to, and all its words; none of them ran anything."""
    page.goto(start)
    page.wait_for_selector("nav.places")
    todo, seen = [urljoin(start, "/")], dict[str, str]()
    while todo:
        address = todo.pop(0)
        if address in seen:
            continue
        assert len(seen) < PAGES_MAX
        page.goto(address)
        seen[address] = page.evaluate(SEEN)
        assert page.evaluate(BROKEN) == 0, address
        assert page.evaluate("window.hits") == [], address
        links = page.eval_on_selector_all("main a, nav a", "all => all.map(one => one.href)")
        todo += [each for each in links if each.startswith(urljoin(start, "/"))]
    return seen


def test_a20_no_word_of_a_device_runs_and_each_is_shown(server: Process, page: Page):
    seen = crawled(page, Admin(server.data).post_once("/links")["url"])
    parts = {urlsplit(address).path for address in seen}
    assert parts >= {"/", "/devices", "/device", "/operations", "/alerts", "/incidents", "/audit"}
    whole = "\n".join(seen.values())
    assert [field for field, words in SAID.items() if words not in whole] == []


def test_what_comes_while_one_looks_runs_neither(server: Process, page: Page):
    page.goto(Admin(server.data).post_once("/links")["url"])
    page.wait_for_selector("nav.places")
    page.goto(urljoin(server.page_link, "/alerts"))
    page.wait_for_selector(".live.on")
    before = page.locator("tbody tr").count()
    late = Evil(DEVICE, tree=fumo_tree(f"./{SAID['object']}"), sessions=70)
    late.outbox = [alert(TYPE, SAID["source"], "410", SAID["mark"], SAID["correlator"])]
    late.talk(server.post)
    page.wait_for_function(f"document.querySelectorAll('tbody tr').length > {before}")
    assert page.evaluate(BROKEN) == 0
    assert page.evaluate("window.hits") == []


def test_the_browser_would_run_what_is_not_escaped(page: Page):
    page.set_content(f"<p>{script('data')}</p>")
    page.wait_for_function("window.hits.length > 0")
    assert page.evaluate(BROKEN) > 0
