"""Two servers, one PostgreSQL, the shipped nginx before them: the demo's campaign, over TLS.

One of the servers is stopped while devices are in the middle of it, and nothing is lost.
"""

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.cli.admin import Admin
from fumo.fleet.cast import actors
from fumo.fleet.devices import Devices
from fumo.fleet.images import Image, old_and_new, package_for
from fumo.fleet.operator import Operator
from fumo.fleet.patience import Patience
from fumo.fleet.processes import Processes
from tests.deploy.front import NEEDED
from tests.deploy.site import GRACE_S, Site, asked, status

COUNT = 10
PATIENCE_S = 90.0
PACKAGE = "firmware"

pytestmark = NEEDED


@pytest.fixture(scope="module")
def images() -> tuple[Image, Image]:
    return old_and_new()


def test_a_link_lets_in_at_whichever_server_it_comes_to(site: Site):
    for server in (*site.servers, *site.servers):
        link = Admin(server.data).post_once("/links")["url"]
        assert link.startswith(f"{site.url}/login/")
        path = link.removeprefix(site.url)
        assert [asked(site, path)[0] for _ in range(2)] == [200, 403]


def test_what_a_package_was_added_through_is_nobodys_matter(
    site: Site, images: tuple[Image, Image]
):
    file = site.folder / "firmware.fumo"
    file.write_bytes(package_for(*images))
    told = site.command(
        "package", "add", str(file), "--name", PACKAGE, "--version", images[1].version
    )
    assert PACKAGE in told
    for server in site.servers:
        [package] = Admin(server.data).rows("/packages", 10)
        assert package["name"] == PACKAGE


def test_the_campaign_goes_on_while_a_server_is_stopped(site: Site, images: tuple[Image, Image]):
    cast = tuple(replace(actor, alone=False) for actor in actors(COUNT))
    old, new = images
    first, second = site.servers
    ends = ExitStack()
    patience = Patience(PATIENCE_S)
    with ends:
        crowds = []
        for name, part in (("early", cast[: COUNT // 2]), ("late", cast[COUNT // 2 :])):
            processes = Processes(site.folder / f"{name}-logs")
            ends.callback(processes.end_all)
            roots = str(site.authority.root)
            crowd = Devices(_made(site.folder / name), part, processes, roots)
            crowd.install(old)
            crowds.append(crowd)
        for actor in cast:
            Operator(first.data).add_device(actor)
        campaign = Operator(first.data).order(PACKAGE, [actor.name for actor in cast])
        other = Operator(second.data)

        def done() -> int:
            return sum(row.state == "succeeded" for row in other.rows(campaign))

        crowds[0].start(f"{site.url}/dm")
        patience.until("a device has told its result", lambda: done() > 0)
        first.process.send_signal(signal.SIGTERM)
        patience.until("the first is not ready", lambda: status(first, "/readyz") == 503)
        assert status(first, "/healthz") == 200
        assert asked(site, "/readyz")[0] == 200
        crowds[1].start(f"{site.url}/dm")
        patience.until("all have told their results", lambda: done() == COUNT)
    assert first.process.wait(GRACE_S + 10) == 0
    rows = other.rows(campaign)
    assert {row.device for row in rows} == {actor.name for actor in cast}
    assert [(row.state, row.result, row.counted) for row in rows] == [("succeeded", 200, 1)] * COUNT
    for crowd, part in zip(crowds, (cast[: COUNT // 2], cast[COUNT // 2 :]), strict=True):
        assert {crowd.chosen(actor).sha256 for actor in part} == {new.sha256}


def test_the_front_says_what_it_did_and_nothing_that_opens_a_door(site: Site):
    lines = site.lines()
    messages = [line for line in lines if line["path"] == "/dm"]
    assert {line["status"] for line in messages} == {200}
    assert {place.strip() for line in messages for place in line["by"].split(",")} == {
        server.listen for server in site.servers
    }
    packages = [line for line in lines if line["path"].startswith("/packages/")]
    assert {line["status"] for line in packages} <= {200, 206}
    assert {line["path"] for line in packages} == {f"/packages/{n + 1}/..." for n in range(COUNT)}
    assert {line["tls"] for line in lines} == {"TLSv1.3"}
    text = site.front.log.read_text()
    assert "s=" not in text
    assert {line["path"] for line in lines if "login" in line["path"]} == {"/login/..."}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
