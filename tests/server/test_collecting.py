"""What nobody needs goes, and nothing else, whoever adds or names the same at that moment."""

import io
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fumo.depot.main import open_store
from fumo.depot.ports import Store
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.contents.collecting import GRACE_S, Collected, Collector
from fumo.server.edges.contents.rows import Going, condemn, going, touch
from fumo.server.edges.contents.uploads import KEPT_S, Uploads
from fumo.server.edges.opening import open_database
from fumo.server.rollout import Denied
from fumo.server.rows import Package
from tests.seaweed import Seaweed
from tests.server.test_uploads import Power, Watched

DAY_AFTER = GRACE_S + 60


class World:
    """A store, a database, and a collector whose clock is ours."""

    def __init__(self, where: Any, store: Store) -> None:
        self.where = where
        self.store = store
        self.admin = AdminStore(open_database(where))
        self.later_s = 0.0

    @property
    def db(self) -> Any:
        return self.admin.db

    def now_s(self) -> float:
        return time.time() + self.later_s

    def add(self, content: bytes) -> str:
        """As a server does: durable in the store, and then its row."""
        sha256 = self.store.add(io.BytesIO(content)).sha256
        touch(self.db, sha256, self.now_s())
        return sha256

    def package(self, sha256: str, version: str = "1") -> None:
        self.admin.add_package(Package(0, "fw", version, sha256, 5))

    def collect(
        self, before: Callable[[str], None] = lambda _: None, grace_s: float = GRACE_S
    ) -> Collected:
        watched = Watched(self.store, before)
        collector = Collector(open_database(self.where), watched, self.now_s, grace_s)
        try:
            return collector.collect()
        finally:
            collector.stop()

    def there(self) -> set[str]:
        return {named.sha256 for named in self.store.names()}


@pytest.fixture
def world(where: Any, tmp_path: Path) -> Any:
    world = World(where, open_store(tmp_path / "depot"))
    yield world
    world.admin.close()


def test_what_something_refers_to_stays_and_the_rest_goes_after_a_day(world: World):
    packaged, uploaded, signed, lonely = (world.add(b"%d" % n) for n in range(4))
    world.package(packaged)
    uploads = Uploads(world.db)
    id_ = uploads.begin("ann", 1, None, world.now_s()).id
    uploads.finish(id_, uploaded, world.now_s() + DAY_AFTER)
    world.store.put_plain(
        "metadata/1.targets.json", b'{"hashes":{"sha256":"%s"}}' % signed.encode()
    )
    assert world.collect() == Collected(4, 0, 0, 0), "all of it is young"
    world.later_s = DAY_AFTER
    assert world.collect() == Collected(4, 1, 1, 0)
    assert world.there() == {packaged, uploaded, signed}
    assert lonely not in world.there()
    assert going(world.db) == []
    assert world.collect() == Collected(3, 0, 0, 0)


def test_an_add_of_the_same_content_at_any_moment_loses_nothing(world: World):
    """Before each effect of the collector in turn, somebody adds it: he has it, or is told so."""
    for moment in range(9):
        sha256 = world.add(b"same")
        world.later_s += DAY_AFTER
        left, told = [moment], []

        def added(_: str, left: list[int] = left, told: list[str] = told) -> None:
            if left[0] == 0:
                try:
                    told.append(young(world, b"same"))
                except Going:
                    told.append("again")
            left[0] -= 1

        world.collect(added)
        if told == [sha256]:
            assert sha256 in world.there(), f"lost at {moment}"
            world.package(sha256, str(moment))
            world.db.run("DELETE FROM package")
        else:
            assert told in ([], ["again"])
            assert young(world, b"same") == sha256, "a moment later it is taken"
        assert going(world.db) == []


def young(world: World, content: bytes) -> str:
    """Added now, by the collector's clock: the folder's own is a day and more behind."""
    stored = world.store.add(io.BytesIO(content))
    found = world.store.find(stored.sha256)
    assert found
    assert found.path
    os.utime(found.path, (world.now_s(), world.now_s()))
    touch(world.db, stored.sha256, world.now_s())
    return stored.sha256


def test_a_package_that_names_it_at_any_moment_has_it_or_is_refused(world: World):
    ends = []
    for moment in range(6):
        sha256 = young(world, b"same")
        world.later_s += DAY_AFTER
        ends.append(named_before(world, moment, sha256))
        if ends[-1] == "named":
            assert sha256 in world.there(), f"lost at {moment}"
        world.db.run("DELETE FROM package")
    assert ends == ["named", "named", "named", "refused", "not reached", "not reached"]


def named_before(world: World, moment: int, sha256: str) -> str:
    """What becomes of a package that names it before this effect of the collector."""
    told, left = ["not reached"], [moment]

    def named(_: str) -> None:
        if left[0] == 0:
            try:
                world.package(sha256)
                told.append("named")
            except Going:
                told.append("refused")
        left[0] -= 1

    world.collect(named)
    return told[-1]


def test_of_a_package_and_its_end_at_the_same_moment_the_first_one_counts(world: World):
    """Two connections: the second decision waits for the first, and sees what came of it."""
    sha256 = world.add(b"same")
    ends: list[bool] = []
    other = open_database(world.where)

    def condemned() -> None:
        later_s = world.now_s() + DAY_AFTER
        ends.append(condemn(other, sha256, later_s, later_s + 1))

    thread = threading.Thread(target=condemned)
    with world.db.transaction():
        world.package(sha256)
        thread.start()
        thread.join(0.3)
        assert ends == [], "it waits"
    thread.join()
    other.close()
    assert ends == [False]
    assert going(world.db) == []


@pytest.mark.parametrize("moment", range(4))
def test_f1_a_collector_killed_at_any_moment_holds_up_nobody_for_long(world: World, moment: int):
    sha256 = world.add(b"lonely")
    world.later_s = DAY_AFTER
    left = [moment]

    def killed(_: str) -> None:
        if left[0] == 0:
            raise Power
        left[0] -= 1

    with pytest.raises(Power):
        world.collect(killed)
    assert world.collect().looked in (0, 1)
    assert sha256 not in world.there()
    assert going(world.db) == []
    assert young(world, b"lonely") == sha256


def test_one_collects_at_a_time_and_a_dead_one_is_not_waited_for_for_ever(world: World):
    said: list[str] = []

    def meanwhile(effect: str) -> None:
        if effect == "names":
            with pytest.raises(Denied, match="another server is collecting") as told:
                world.collect()
            said.append(str(told.value))

    world.collect(meanwhile)
    assert len(said) == 1
    world.db.run("UPDATE kept SET reached = ?1 WHERE name = 'collect'", int(world.now_s()) + 600)
    with pytest.raises(Denied):
        world.collect()
    world.later_s = 601
    world.collect()


def test_uploads_that_nobody_moves_and_pieces_of_none_are_forgotten(world: World):
    uploads = Uploads(world.db)
    old = uploads.begin("ann", 10, None, world.now_s()).id
    world.store.put_part(old, 1, b"piece")
    world.store.put_part("ee" * 16, 1, b"of nothing")
    world.later_s = KEPT_S / 2
    young_one = uploads.begin("ann", 10, None, world.now_s()).id
    world.store.put_part(young_one, 1, b"piece")
    world.later_s = DAY_AFTER
    assert world.collect().uploads == 1
    assert list(world.store.uploads()) == [young_one]


def test_in_an_s3_too_what_comes_again_as_it_goes_stays(s3: Seaweed, tmp_path: Path):
    """By the clock of the S3, which tells whole seconds."""
    world = World(tmp_path / "fumo.db", open_store(s3.bucket(), s3.settings))
    needed, again, lonely = (world.add(b"%d" % number) for number in range(3))
    world.package(needed)
    time.sleep(3.1)

    def added(effect: str) -> None:
        if effect == "remove" and going(world.db) == [again]:
            world.store.add(io.BytesIO(b"1"))
            with pytest.raises(Going):
                touch(world.db, again, world.now_s())

    assert world.collect(added, grace_s=2.0) == Collected(3, 1, 1, 0)
    assert world.there() == {needed, again}
    assert lonely not in world.there()
    touch(world.db, again, world.now_s())
    world.admin.close()
