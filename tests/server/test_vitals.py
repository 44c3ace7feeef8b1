"""What watchers of a server are told: is it alive, is it ready, what has it done."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.postgres import Cluster
from tests.server.device import Device
from tests.server.process import Process
from tests.server.test_served import run

PATIENCE_S = 20.0


def got(server: Process, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection(*server.address, timeout=10)) as line:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def becomes(true: Callable[[], bool]) -> bool:
    end_s = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.05)
    return True


def values(server: Process) -> dict[str, float]:
    """Every sample by its name and labels."""
    status, text = got(server, "/metrics")
    assert status == 200
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return {s.name + "".join(f"/{v}" for v in s.labels.values()): s.value for s in samples}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    running = Process(tmp_path / "d", "127.0.0.1:0", "127.0.0.1:0", "--metrics")
    yield running
    running.stop()


def test_a_server_that_serves_is_alive_and_ready(server: Process):
    assert got(server, "/healthz")[0] == 200
    assert got(server, "/readyz")[0] == 200


def test_messages_batches_and_operations_are_counted(server: Process, tmp_path: Path):
    words = ("--user", "u1", "--password", "p1", "--server-password", "s1")
    run(server, "devices", "add", "IMEI:1", *words)
    file = tmp_path / "fw.bin"
    file.write_bytes(b"firmware")
    run(server, "package", "add", str(file), "--name", "fw", "--version", "2", "--raw")
    order = ("--package", "fw", "--device", "IMEI:1", "--operation", "downloadandupdate")
    run(server, "campaign", "create", *order)
    device = Device()
    count = device.talk(server.post)
    told = values(server)
    assert told["fumo_messages_total/200"] == count
    assert told["fumo_batch_messages_sum"] == count
    assert told["fumo_turn_seconds_count"] == told["fumo_batch_messages_count"] <= count
    assert told["fumo_operations/accepted"] == 1
    assert "fumo_operations/planned" not in told or told["fumo_operations/planned"] == 0
    assert told["fumo_events_total"] > 6
    assert (told["fumo_webhooks/active"], told["fumo_webhooks/dead"]) == (0, 0)
    assert told["fumo_webhook_behind"] == 0
    assert "IMEI" not in got(server, "/metrics")[1]


def test_nobody_reads_the_counters_unless_the_operator_lets_them(tmp_path: Path):
    server = Process(tmp_path / "d")
    try:
        status, text = got(server, "/metrics")
        assert status == 404
        assert "fumo_messages" not in text
    finally:
        server.stop()


def test_without_its_database_a_server_is_alive_but_not_ready(postgres: Cluster, tmp_path: Path):
    where = ("--database", postgres.fresh())
    server = Process(tmp_path / "d", "127.0.0.1:0", "127.0.0.1:0", *where)
    try:
        assert got(server, "/readyz")[0] == 200
        postgres.stop()
        try:
            assert becomes(lambda: got(server, "/readyz")[0] == 503)
            assert "does not answer" in got(server, "/readyz")[1]
            assert got(server, "/healthz")[0] == 200
        finally:
            postgres.start()
        assert becomes(lambda: got(server, "/readyz")[0] == 200)
    finally:
        server.stop()
