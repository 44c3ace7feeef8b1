"""How things stand around a real machine: files, programs, the disk and the clock."""

import time
from pathlib import Path

import pytest

from fumo.device.edges import surroundings
from fumo.device.edges.power_supply import Power
from fumo.device.edges.surroundings import Surroundings, by_route, free_bytes, week_min
from fumo.device.edges.words import FRESH_S, CommandWord, FileWord
from fumo.update.conditions import Network
from fumo.update.windows import WEEK_MIN

HEAD = "Iface\tDestination\tGateway\tFlags\n"
OUT = "eth0\t00000000\t0101A8C0\t0003\n"
LAN = "eth0\t0001A8C0\t00000000\t0001\n"
SIX = "0" * 32 + " 00 " + "0" * 32 + " 00 " + "f" * 32 + " ffffffff 00000001 00000001 00200200 "


def routes(folder: Path, four: str, six: str | None = None) -> Path:
    (folder / "route").write_text(HEAD + four)
    if six is not None:
        (folder / "ipv6_route").write_text(six)
    return folder


@pytest.mark.parametrize(
    ("four", "six", "network"),
    [
        (OUT + LAN, None, Network.METERED),
        (LAN, None, Network.OFFLINE),
        ("", SIX + "      lo\n", Network.OFFLINE),
        ("", SIX + "    eth0\n", Network.METERED),
    ],
)
def test_a_way_out_may_cost_something_and_no_way_out_is_offline(tmp_path, four, six, network):
    assert by_route(routes(tmp_path, four, six)) is network


def test_where_routes_cannot_be_read_nobody_knows(tmp_path):
    assert by_route(tmp_path) is None


def test_the_makers_words_count(tmp_path):
    network, in_use = tmp_path / "network", tmp_path / "call"
    around = Surroundings(tmp_path, FileWord(network), FileWord(in_use), lambda: Power(40, False))
    seen = around.look()
    assert (seen.network, seen.in_use) == (None, None)
    network.write_text("Unmetered (home)\n")
    in_use.write_text("busy")
    seen = around.look()
    assert (seen.network, seen.in_use, seen.battery) == (Network.UNMETERED, True, 40)
    network.write_text("perhaps")
    in_use.write_text("0\n")
    seen = around.look()
    assert (seen.network, seen.in_use) == (None, False)


def test_without_words_a_device_is_never_in_use(tmp_path):
    seen = Surroundings(tmp_path).look()
    assert seen.in_use is False
    assert seen.network in (None, Network.OFFLINE, Network.METERED)


def test_room_is_counted_where_the_packages_will_be(tmp_path):
    there = free_bytes(tmp_path)
    assert there is not None
    assert there > 0
    assert free_bytes(tmp_path / "not" / "made" / "yet") is not None


def test_the_minute_of_the_week_is_local(monkeypatch):
    monkeypatch.setenv("TZ", "UTC-3")
    time.tzset()
    try:
        monday_0h_utc = 1_767_571_200  # 2026-01-05
        assert week_min(monday_0h_utc) == 3 * 60
        assert week_min(monday_0h_utc - 3 * 3600 - 60) == WEEK_MIN - 1
    finally:
        monkeypatch.undo()
        time.tzset()


def test_f19_a_clock_that_was_never_set_tells_no_time(tmp_path):
    around = Surroundings(tmp_path, now_s=lambda: 0.0)
    assert around.look().week_min is None
    after_2038 = Surroundings(tmp_path, now_s=lambda: 2.0**31 + 1e6)
    assert after_2038.look().week_min is not None


def test_a_program_says_a_word(tmp_path):
    script = tmp_path / "kind"
    script.write_text("#!/bin/sh\necho Metered by $1\n")
    script.chmod(0o700)
    assert CommandWord([str(script), "x"])() == "metered"


@pytest.mark.parametrize("line", [["/bin/false"], ["/no/such/program"], ["/bin/true"]])
def test_a_program_that_fails_says_nothing(line):
    assert CommandWord(line)() == ""


def test_a_program_that_hangs_is_ended():
    assert CommandWord(["/bin/sleep", "30"], wait_s=0.1)() == ""


def test_a_program_is_not_run_for_each_look(tmp_path):
    now_s = [0.0]
    script = tmp_path / "count"
    script.write_text(f"#!/bin/sh\necho x >> {tmp_path}/runs\necho metered\n")
    script.chmod(0o700)
    word = CommandWord([str(script)], lambda: now_s[0])
    assert [word() for _ in range(3)] == ["metered"] * 3
    now_s[0] = FRESH_S
    assert word() == "metered"
    assert (tmp_path / "runs").read_text() == "x\nx\n"


def test_every_word_for_a_network_is_known():
    assert set(surroundings.NETWORKS.values()) == set(Network)


def test_a_program_that_tells_a_word_is_handed_no_secret(monkeypatch):
    monkeypatch.setenv("FUMO_DEVICE_SERVER_PASSWORD", "s3cret")
    line = ["/bin/sh", "-c", "echo ${FUMO_DEVICE_SERVER_PASSWORD:-nothing}"]
    assert CommandWord(line)() == "nothing"
