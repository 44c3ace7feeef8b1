"""Uploads: cut anywhere they go on, at whichever server; what is not whole never becomes a content.

Told over both databases and both stores. Servers of one world share a database and a store.
"""

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fumo.depot.main import open_store
from fumo.depot.ports import Store
from fumo.errors import FumoError
from fumo.server.edges.contents.rows import Going, condemn, going, gone
from fumo.server.edges.contents.taking import PIECE_BYTES, Taking
from fumo.server.edges.contents.uploads import KEPT_S, OPEN_MAX, Elsewhere, Upload, Uploads
from fumo.server.edges.opening import open_database
from fumo.server.office import Missing
from fumo.server.rollout import Denied

CONTENT = os.urandom(300_000)
DIGEST = sha256(CONTENT).hexdigest()
AT_S = 1_000_000.0


class Cut(Denied):
    """The line broke."""


class Power(Exception):
    """The server is gone at once."""


class Line(io.BytesIO):
    """Bytes that arrive, and break off in the end."""

    def read(self, size: int | None = -1, /) -> bytes:
        if piece := super().read(100_000):
            return piece
        raise Cut("nothing came for 30 s")


class Servers:
    """Any number of servers over one database and one store."""

    def __init__(self, where: Any, store: Store) -> None:
        self.where, self.store = where, store
        self.databases: list[Any] = []
        self.noted: list[str] = []

    def new(self, before: Callable[[str], None] = lambda _: None) -> Taking:
        """One more; `before` is told of each effect that it is about to have."""
        database = open_database(self.where)
        self.databases.append(database)
        lock = threading.Lock()

        def order(job: Callable[[], Any]) -> Any:
            before("order")
            with lock:
                return job()

        return Taking(Watched(self.store, before), Uploads(database), order, lambda: AT_S)

    def begin(self, length: int = len(CONTENT), digest: str | None = DIGEST) -> Upload:
        return self.new().uploads.begin("ann", length, digest, AT_S)

    def kept(self) -> list[str]:
        return [named.sha256 for named in self.store.names()]

    def close(self) -> None:
        for database in self.databases:
            database.close()


class Watched:
    """A store whose effects are told before they happen."""

    def __init__(self, store: Store, before: Callable[[str], None]) -> None:
        self._store, self._before = store, before

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def told(*cells: Any) -> Any:
            self._before(name)
            return method(*cells)

        return told


@pytest.fixture(params=["sqlite, folder", "postgresql, folder", "sqlite, s3"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Servers]:
    database, kind = request.param.split(", ")
    where: Path | str = tmp_path / "fumo.db"
    if database == "postgresql":
        where = request.getfixturevalue("postgres").fresh()
    store = open_store(tmp_path / "depot")
    if kind == "s3":
        running = request.getfixturevalue("s3")
        store = open_store(running.bucket(), running.settings)
    servers = Servers(where, store)
    yield servers
    servers.close()


def test_a_cut_upload_goes_on_at_another_server_from_where_it_was(servers: Servers):
    id_ = servers.begin().id
    with pytest.raises(Cut):
        servers.new().take(id_, 0, Line(CONTENT[:120_001]))
    other = servers.new()
    assert other.uploads.of(id_).offset == 120_001
    assert other.take(id_, 120_001, io.BytesIO(CONTENT[120_001:])).offset == len(CONTENT)
    done = servers.new().finish(id_, servers.noted.append)
    assert (done.sha256, done.finished) == (DIGEST, True)
    assert b"".join(servers.store.read(DIGEST)) == CONTENT
    assert servers.kept() == [DIGEST]
    assert list(servers.store.uploads()) == [], "the pieces are gone"


def test_the_same_user_and_content_go_on_without_a_name(servers: Servers):
    first = servers.begin()
    servers.new().take(first.id, 0, io.BytesIO(CONTENT[:1000]))
    again = servers.begin()
    assert (again.id, again.offset) == (first.id, 1000)
    other = servers.new().uploads.begin("eve", len(CONTENT), DIGEST, AT_S)
    assert other.id != first.id
    assert servers.begin(digest=None).id not in (first.id, other.id)


@pytest.mark.parametrize("offset", [0, 999, 1001, 300_000])
def test_bytes_for_another_place_are_not_taken(servers: Servers, offset: int):
    id_ = servers.begin().id
    server = servers.new()
    server.take(id_, 0, io.BytesIO(CONTENT[:1000]))
    with pytest.raises(Elsewhere, match="go on from there") as told:
        server.take(id_, offset, io.BytesIO(b"anything"))
    assert told.value.headers == {"Upload-Offset": "1000"}
    assert server.uploads.of(id_).offset == 1000


def test_of_two_that_send_the_same_at_once_one_counts_and_nothing_is_mixed(servers: Servers):
    """The second had read its bytes already, when the first one's began to count."""
    id_ = servers.begin().id
    first = servers.new()

    def overtaken(effect: str) -> None:
        if effect == "put_part":
            first.take(id_, 0, io.BytesIO(CONTENT[:5000]))

    slow = servers.new(overtaken)
    with pytest.raises(Elsewhere) as told:
        slow.take(id_, 0, io.BytesIO(b"x" * 7000))
    assert told.value.headers == {"Upload-Offset": "5000"}
    first.take(id_, 5000, io.BytesIO(CONTENT[5000:]))
    assert first.finish(id_, servers.noted.append).sha256 == DIGEST


def test_what_is_not_what_was_said_is_no_content(servers: Servers):
    id_ = servers.begin().id
    server = servers.new()
    server.take(id_, 0, io.BytesIO(CONTENT[:-1] + b"!"))
    with pytest.raises(Denied, match=f"and not {DIGEST}: begin it anew"):
        server.finish(id_, servers.noted.append)
    assert DIGEST not in servers.kept()
    assert servers.noted == []
    with pytest.raises(Missing):
        server.uploads.of(id_)


def test_neither_less_nor_more_than_was_said_is_finished(servers: Servers):
    id_ = servers.begin().id
    server = servers.new()
    server.take(id_, 0, io.BytesIO(CONTENT[:-1]))
    with pytest.raises(Elsewhere):
        server.finish(id_, servers.noted.append)
    with pytest.raises(Denied, match="more came than the 300000 bytes"):
        server.take(id_, 299_999, io.BytesIO(CONTENT[-1:] + b"!"))
    assert server.uploads.of(id_).offset == 299_999
    server.take(id_, 299_999, io.BytesIO(CONTENT[-1:]))
    assert server.finish(id_, servers.noted.append).sha256 == DIGEST


def test_finishing_twice_is_finishing_once(servers: Servers):
    id_ = servers.begin().id
    server = servers.new()
    server.take(id_, 0, io.BytesIO(CONTENT))
    assert server.finish(id_, servers.noted.append) == server.finish(id_, servers.noted.append)
    assert servers.noted == [DIGEST]


def test_another_finishes_it_while_we_do(servers: Servers):
    id_ = servers.begin().id
    fast = servers.new()
    fast.take(id_, 0, io.BytesIO(CONTENT))
    done: list[Upload] = []

    def overtaken(effect: str) -> None:
        if effect == "read_part" and not done:
            done.append(fast.finish(id_, servers.noted.append))

    assert servers.new(overtaken).finish(id_, servers.noted.append) == done[0]
    assert servers.noted == [DIGEST]


def test_a_large_one_is_kept_in_pieces(servers: Servers):
    content = os.urandom(2 * PIECE_BYTES + 9)
    id_ = servers.begin(len(content), None).id
    server = servers.new()
    server.take(id_, 0, io.BytesIO(content))
    assert [part.length for part in servers.store.parts(id_)] == [PIECE_BYTES, PIECE_BYTES, 9]
    assert server.finish(id_, servers.noted.append).sha256 == sha256(content).hexdigest()


@pytest.mark.parametrize("effect", range(11))
def test_f1_a_server_killed_before_any_effect_of_an_upload_loses_nothing(
    servers: Servers, effect: int
):
    """Killed before its first effect, its second, and so on, to the end: asked again, it is done.

    Whenever the rows say that it is finished, its content is whole in the store.
    """
    id_ = servers.begin().id
    left = [effect]

    def before(_: str) -> None:
        if left[0] == 0:
            raise Power
        left[0] -= 1

    def whole(server: Taking) -> Upload:
        offset = server.uploads.of(id_).offset
        if offset < len(CONTENT):
            server.take(id_, offset, io.BytesIO(CONTENT[offset:]))
        return server.finish(id_, servers.noted.append)

    with pytest.raises(Power):
        whole(servers.new(before))
    after = servers.new()
    if after.uploads.of(id_).finished:
        assert b"".join(servers.store.read(DIGEST)) == CONTENT
    assert whole(after).sha256 == DIGEST
    assert b"".join(servers.store.read(DIGEST)) == CONTENT
    assert servers.noted == [DIGEST]


def test_the_kills_above_reach_the_end(servers: Servers):
    """So many effects an upload has: one more kill would find nothing to kill."""
    seen: list[str] = []
    id_ = servers.begin().id
    server = servers.new(seen.append)
    server.take(id_, 0, io.BytesIO(CONTENT))
    server.finish(id_, servers.noted.append)
    taking = ["order", "order", "put_part", "order"]
    assert seen == [*taking, "order", "order", "add", "read_part", "order", "drop", "find"]


def test_pieces_that_are_lost_begin_it_anew(servers: Servers):
    id_ = servers.begin().id
    server = servers.new()
    server.take(id_, 0, io.BytesIO(CONTENT))
    servers.store.drop(id_)
    with pytest.raises(Denied, match="begin it anew"):
        server.finish(id_, servers.noted.append)
    assert servers.kept() == []
    assert servers.begin().offset == 0


def test_a_content_that_is_just_being_removed_is_asked_for_again(servers: Servers):
    id_ = servers.begin().id
    server = servers.new()
    server.take(id_, 0, io.BytesIO(CONTENT))
    db = server.uploads.db
    assert condemn(db, DIGEST, 0.0, AT_S) is False, "an upload that is on its way needs it"
    db.run("UPDATE upload SET sha256 = NULL")
    assert condemn(db, DIGEST, 0.0, AT_S) is True
    assert going(db) == [DIGEST]
    with pytest.raises(Denied, match="send it again in a few seconds"):
        server.finish(id_, servers.noted.append)
    assert servers.noted == []
    gone(db, DIGEST)
    assert server.finish(id_, servers.noted.append).sha256 == DIGEST


def test_one_user_has_so_many_at_once(servers: Servers):
    uploads = servers.new().uploads
    for _ in range(OPEN_MAX):
        uploads.begin("ann", 5, None, AT_S)
    with pytest.raises(Denied, match="uploads of ann are unfinished"):
        uploads.begin("ann", 5, None, AT_S)
    uploads.begin("eve", 5, None, AT_S)


def test_what_nobody_moves_for_a_day_is_old(servers: Servers):
    id_ = servers.begin().id
    uploads = servers.new().uploads
    assert uploads.old(AT_S + KEPT_S) == []
    assert uploads.old(AT_S + KEPT_S + 1) == [id_]
    with pytest.raises(FumoError, match="too old, so begin it anew"):
        uploads.of("00" * 16)


def test_f1_what_a_collector_removes_as_its_upload_ends_is_sent_again(servers: Servers):
    """It has looked how old it is, and removes what came since; the row is written after that."""
    servers.store.add(io.BytesIO(CONTENT))
    assert condemn(servers.new().uploads.db, DIGEST, AT_S - 9, AT_S)
    effects: list[str] = []

    def removed(effect: str) -> None:
        if effect == "order" and effects[-1:] == ["read_part"]:
            servers.store.remove(DIGEST, time.time() + 60)
            gone(servers.new().uploads.db, DIGEST)
        effects.append(effect)

    id_ = servers.begin().id
    servers.new().take(id_, 0, io.BytesIO(CONTENT))
    for before in (removed, lambda _: None):
        with pytest.raises(Going):
            servers.new(before).finish(id_, servers.noted.append)
    assert servers.kept() == []
    again = servers.begin()
    assert (again.id != id_, again.offset) == (True, 0)
    servers.new().take(again.id, 0, io.BytesIO(CONTENT))
    assert servers.new().finish(again.id, servers.noted.append).sha256 == DIGEST
    assert servers.kept() == [DIGEST]
