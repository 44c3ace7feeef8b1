"""A server that came back from a copy: nothing is ordered twice by itself, no result is lost."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import dropwhile
from pathlib import Path
from typing import Any

import pytest

from fumo.cli.admin import Admin
from fumo.errors import FumoError
from fumo.server.edges.backup import back_up
from fumo.server.edges.opening import open_database
from fumo.server.edges.restored import GAP, restored
from tests.postgres import PROGRAMS, Cluster
from tests.server.device import Device
from tests.server.events.follower import NAMES, PACKAGE
from tests.server.process import Process
from tests.server.test_vitals import becomes

FREE = "127.0.0.1:0"


def ran(program: str, *words: str) -> None:
    subprocess.run([str(PROGRAMS[-1] / program), *words], check=True, capture_output=True)


class Site:
    """One server that is copied, lost, and brought back: by a folder, or by PostgreSQL's tools."""

    def __init__(self, folder: Path, postgres: Cluster | None) -> None:
        self.folder, self._postgres = folder, postgres
        self.url = postgres.fresh() if postgres else None
        self.data, self.copy = folder / "data", folder / "copy"
        self.server = self.begins()
        self.admin = Admin(self.data)

    def begins(self) -> Process:
        where = ("--database", self.url) if self.url else ()
        return Process(self.data, FREE, FREE, *where)

    def is_copied(self) -> None:
        if self.url is None:
            return back_up(self.data, self.copy)
        return ran("pg_dump", "-Fc", "-f", str(self.copy), self.url)

    def comes_back(self, *, keep_held: bool = False, told: bool = True) -> None:
        self.server.kill()
        self.data, back = self.folder / "again", str(self.folder / "again" / "server.db")
        if self._postgres is None:
            shutil.copytree(self.copy, self.data)
        else:
            name = f"restored_{os.getpid()}_{abs(hash(self.folder)) % 10**9}"
            self._postgres.make(name)
            self.url = back = self._postgres.url(name)
            ran("pg_restore", "--no-owner", "-d", back, str(self.copy))
        if told:
            restored(back if self.url else Path(back), 1.0, keep_held=keep_held)
        self.server = self.begins()
        self.admin = Admin(self.data)

    def knows(self, name: str) -> Device:
        self.admin.post("/devices", {"id": name, **NAMES})
        return Device(name)

    def orders(self, *devices: Device, **terms: Any) -> int:
        self.admin.post("/packages", PACKAGE)
        order = {"package": "fw", "devices": [d.id for d in devices], "operation": "download"}
        told = self.admin.post("/campaigns", order | ({"terms": terms} if terms else {}))
        return int(told["id"])

    def meets(self, device: Device) -> None:
        device.talk(self.server.post)

    def state(self, device: Device) -> str:
        told = self.admin.get("/operations", device=device.id)["items"]
        return str(told[-1]["state"]) if told else "none"

    def matches(self) -> list[str]:
        return sorted(one["alert"]["match"] for one in self.admin.get("/alerts")["items"])


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    postgres = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    site = Site(tmp_path, postgres)
    yield site
    site.server.stop()


@pytest.mark.clause("S08")
def test_f27_what_may_have_been_ordered_since_the_copy_is_not_ordered_again(site: Site):
    done, reports, late, new = (site.knows(name) for name in ("done", "reports", "late", "new"))
    campaign = site.orders(done, reports, late)
    site.meets(late)
    assert site.state(late) == "accepted"
    site.is_copied()
    site.orders(new)
    for device in (done, reports, new):
        site.meets(device)
        device.finishes(200, "50")
    site.meets(done)
    assert site.state(done) == "succeeded"

    site.comes_back()
    assert (site.state(done), site.state(reports), site.state(late)) == (
        "unknown", "unknown", "accepted",
    )  # fmt: skip
    ordered = len(done.execs)
    for device in (done, reports, new, late):
        site.meets(device)
    late.finishes(200, "50")
    site.meets(late)
    assert len(done.execs) == ordered
    assert (site.state(done), site.state(reports), site.state(late), site.state(new)) == (
        "unknown", "succeeded", "succeeded", "none",
    )  # fmt: skip
    assert site.matches() == ["final", "late", "orphan"]
    told = site.admin.get(f"/campaigns/{campaign}")
    assert (told["state"], told["states"]) == ("paused", {"unknown": 1, "succeeded": 2})
    assert {one["kind"] for one in site.admin.get("/incidents")["items"]} == {"forgotten", "orphan"}

    site.admin.post(f"/campaigns/{campaign}/orders/resume")
    site.meets(done)
    assert len(done.execs) == ordered
    site.admin.post(f"/campaigns/{campaign}/retry", {"ends": ["unknown"]})
    site.meets(done)
    assert len(done.execs) == ordered + 1
    assert done.execs[-1].correlator != done.execs[-2].correlator


def test_what_was_held_stays_so_by_an_operators_word(site: Site):
    first, second = site.knows("first"), site.knows("second")
    site.orders(first, second, shares=[50])
    site.is_copied()
    site.comes_back(keep_held=True)
    assert (site.state(first), site.state(second)) == ("unknown", "held")


def test_whoever_followed_misses_no_event_of_the_new_time(site: Site):
    device = site.knows("d")
    site.orders(device)
    site.is_copied()
    site.meets(device)
    seen = site.admin.get("/events")["next"]
    site.comes_back()

    def news() -> list[dict[str, Any]]:
        """Events of before the copy that had no number yet come first."""
        told = site.admin.get("/events", after=seen)["items"]
        return list(dropwhile(lambda event: event["kind"] != "database.restored", told))

    assert becomes(lambda: len(news()) > 2)
    told = news()
    assert [event["kind"] for event in told[:2]] == ["database.restored", "campaign.paused"]
    assert told[0]["number"] > GAP
    numbers = [event["number"] for event in told]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_copy_that_is_made_under_load_is_whole(site: Site):
    devices = [site.knows(f"d{n}") for n in range(6)]
    site.orders(*devices)
    stopped = threading.Event()

    def load() -> None:
        while not stopped.is_set():
            for device in devices[:2]:
                site.meets(device)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        site.is_copied()
    finally:
        stopped.set()
        thread.join()
    site.comes_back(told=False)
    told = [site.state(device) for device in devices]
    assert set(told[2:]) == {"planned"}
    assert set(told[:2]) <= {"planned", "sent", "accepted"}
    fresh = Device(devices[5].id)
    site.meets(fresh)
    assert site.state(fresh) == "accepted"


def refused(job: Callable[[], object]) -> str:
    with pytest.raises(FumoError) as fault:
        job()
    return str(fault.value)


def test_a_copy_is_a_new_folder_for_its_owner_with_keys_and_without_an_identity(tmp_path: Path):
    assert "holds no server.db" in refused(lambda: back_up(tmp_path, tmp_path / "x"))
    server = Process(tmp_path / "d")
    try:
        back_up(tmp_path / "d", tmp_path / "copy")
        assert "is there already" in refused(lambda: back_up(tmp_path / "d", tmp_path / "copy"))
    finally:
        server.stop()
    names = sorted(path.name for path in (tmp_path / "copy").iterdir())
    assert names == ["depot.key", "server.db", "server.key"]
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    assert (tmp_path / "copy" / "server.db").stat().st_mode & 0o077 == 0


def test_a_damaged_database_gives_no_copy(tmp_path: Path):
    folder = tmp_path / "d"
    folder.mkdir()
    with closing(open_database(folder / "server.db")) as database:
        database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    with (folder / "server.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 5)
    assert refused(lambda: back_up(folder, tmp_path / "c"))
    assert not (tmp_path / "c" / "server.db").exists()
