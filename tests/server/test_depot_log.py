"""The depot's log is taken in once, line by line, however often it is looked at."""

import json
from pathlib import Path

from fumo.server.edges.depot_log import FETCHES_MAX, REPORTS_MAX, take_in
from fumo.server.edges.timeline import timeline
from fumo.server.edges.views import Views
from tests.server.device import Device
from tests.server.world import World


def line(operation: str | None, start: int = 0, status: int = 206, **more: object) -> str:
    told = {"at_ns": 1, "wall_s": 5.0, "operation": operation, "method": "GET", "target": "/x",
            "status": status, "start": start, "end": 100, "sent": 7, "peer": "p",
            **more}  # fmt: skip
    return json.dumps(told) + "\n"


def test_each_line_is_stored_once(world: World, tmp_path: Path):
    log = tmp_path / "requests.jsonl"
    assert take_in(world.store.db, log) == 0
    log.write_text(line("1") + line("2", 50))
    assert [take_in(world.store.db, log) for _ in range(3)] == [2, 0, 0]
    with log.open("a") as more:
        more.write(line("1", 60))
    world.restart()
    assert take_in(world.store.db, log) == 1
    assert world.rows('SELECT operation_id, asked, sent FROM download ORDER BY at_byte') == [
        (1, "0-100", 7), (2, "50-100", 7), (1, "60-100", 7)
    ]  # fmt: skip


def test_who_sent_the_bytes_is_told(world: World, device: Device, tmp_path: Path):
    world.orders(device)
    log = tmp_path / "requests.jsonl"
    ways = ({}, {"via": "nginx"}, {"via": "store", "status": 302}, {"via": "another"})
    log.write_text("".join(line("1", **way) for way in ways))
    take_in(world.store.db, log)
    told = [one.title for one in timeline(Views(world.store.db), 1) if one.kind == "fetch"]
    assert [one.removeprefix("Download request: GET 0-100, answered ") for one in told] == [
        "206, 7 bytes sent", "206, sent by nginx", "302, led to the store", "206, 7 bytes sent"
    ]  # fmt: skip


def test_a_line_that_is_not_whole_waits(world: World, tmp_path: Path):
    log = tmp_path / "requests.jsonl"
    log.write_text(line("1") + line("2")[:20])
    assert take_in(world.store.db, log) == 1
    log.write_text(line("1") + line("2"))
    assert take_in(world.store.db, log) == 1
    assert world.rows("SELECT operation_id FROM download") == [(1,), (2,)]


def test_a_line_that_means_nothing_is_passed_over(world: World, tmp_path: Path):
    log = tmp_path / "requests.jsonl"
    log.write_text("nonsense\n" + line(None, status=404) + line("not a number") + line("3"))
    assert take_in(world.store.db, log) == 4
    assert world.rows("SELECT operation_id FROM download WHERE operation_id IS NOT NULL") == [(3,)]


def test_of_each_operation_the_newest_requests_stay(world: World, tmp_path: Path):
    log = tmp_path / "requests.jsonl"
    log.write_text(line("2") + "".join(line("1", n) for n in range(FETCHES_MAX + 5)))
    while take_in(world.store.db, log):
        pass
    kept = world.rows(
        "SELECT operation_id, count(*), min(at_byte) FROM download GROUP BY 1 ORDER BY 1"
    )
    assert [(operation, number) for operation, number, _ in kept] == [(1, FETCHES_MAX), (2, 1)]
    assert ("5-100",) in world.rows("SELECT asked FROM download")
    assert ("4-100",) not in world.rows("SELECT asked FROM download")
    assert take_in(world.store.db, log) == 0


def test_reports_are_kept_apart_and_each_once(world: World, tmp_path: Path):
    log = tmp_path / "requests.jsonl"
    log.write_text(line("1") + line("1", report=900) + line(None, report=900))
    assert [take_in(world.store.db, log) for _ in range(2)] == [3, 0]
    assert world.rows("SELECT operation_id, at_s, code FROM transfer") == [(1, 5.0, 900)]
    assert world.rows("SELECT count(*) FROM download") == [(2,)]
    with log.open("a") as more:
        more.write(line("1", report=903))
    assert [take_in(world.store.db, log) for _ in range(2)] == [1, 0]
    assert world.rows("SELECT code FROM transfer ORDER BY at_byte") == [(900,), (903,)]


def test_of_each_operation_the_newest_reports_stay(world: World, tmp_path: Path):
    log = tmp_path / "requests.jsonl"
    log.write_text("".join(line("1", report=n) for n in range(REPORTS_MAX + 5)))
    while take_in(world.store.db, log):
        pass
    assert world.rows("SELECT min(code), count(*) FROM transfer") == [(5, REPORTS_MAX)]
