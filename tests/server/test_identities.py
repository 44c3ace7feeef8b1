"""Secrets that the server makes: of chance alone, for one device alone, told once (A9)."""

import csv
import json
import os
import stat
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fumo.cli.group import fumo
from fumo.server.binding import Binding
from fumo.server.denied import Denied
from fumo.server.identities import Enrolled, Identity, enrol
from fumo.server.office import Office
from fumo.server.secrets import made, pin
from tests.server.api import OP, Api, V
from tests.server.device import Device
from tests.server.world import Dice, World

IDS = tuple(f"IMEI:00000000000000{number}" for number in range(8))
COMMON_MAX = 5
"""Characters that two random secrets of 32 may have in common by chance: 6 are once in 10^8."""


def drawn(world: World, *ids: str) -> Enrolled:
    """By the system's own chance."""
    return enrol(Office(world.store, os.urandom), [Identity(each) for each in ids])


def all_secrets(told: Enrolled) -> list[str]:
    return [secret for one in told.made for secret in (one.secret, one.server_secret)]


def in_common(one: str, other: str) -> int:
    """The longest text that stands in both."""
    best = 0
    for begin in range(len(one)):
        while begin + best < len(one) and one[begin : begin + best + 1] in other:
            best += 1
    return best


def test_a9_two_devices_share_nothing_not_even_the_two_sides_of_one(world: World):
    secrets = all_secrets(drawn(world, *IDS))
    assert len(set(secrets)) == 2 * len(IDS)
    assert {len(secret) for secret in secrets} == {32}
    for number, one in enumerate(secrets):
        assert all(in_common(one, other) <= COMMON_MAX for other in secrets[number + 1 :])
        assert all(in_common(one, each) <= COMMON_MAX for each in IDS)


def test_a9_what_makes_them_is_never_told_which_device_it_is_for():
    """The octets are all there is: the same octets, the same secrets, whoever they are for."""
    words = [made(Dice(seed).octets) for seed in (1, 1, 2)]
    assert words[0] == words[1]
    assert words[0] != words[2]
    assert "AAAA" not in repr(words[0])


def test_a9_no_function_of_the_id_makes_them(world: World):
    """One id, one key of the server, one fleet: and other secrets each time."""
    secrets = all_secrets(drawn(world, "IMEI:1"))
    for _ in range(3):
        world.runs("DELETE FROM attribute")
        world.runs("DELETE FROM unplaced")
        world.runs("DELETE FROM device")
        secrets += all_secrets(drawn(world, "IMEI:1"))
    assert len(set(secrets)) == 8
    assert all(in_common(*pair) <= COMMON_MAX for pair in pairwise(secrets))


def test_pins_have_eight_digits_of_chance():
    pins = {pin(os.urandom) for _ in range(50)}
    assert len(pins) == 50
    assert all(len(one) == 8 and one.isdigit() for one in pins)


def test_a_device_that_was_made_comes_with_what_it_was_given(world: World):
    told = drawn(world, "IMEI:1")
    [one] = told.made
    device = Device(one.id, one.user, one.secret, one.server_secret)
    device.talk(world.post)
    assert device.session
    assert device.session.trusted
    assert drawn(world, "IMEI:1", "IMEI:1", "IMEI:2").known == ("IMEI:1",)
    assert world.store.device("IMEI:1") is not None


def test_a9_no_two_devices_are_made_for_one_key(world: World):
    twice = [Identity(each, binding=Binding("ab" * 32)) for each in ("a", "b")]
    with pytest.raises(Denied, match="no two devices"), world.store.db.transaction():
        enrol(Office(world.store, os.urandom), twice)
    assert world.rows("SELECT count(*) FROM device") == [(0,)]


# --- by the API and by commands -------------------------------------------------------------------


def told_once(api: Api, secret: str) -> bool:
    """Nothing tells it any more: no list, story, log, event or page of the API."""
    paths = ("/devices?limit=500", "/devices/made-1", "/audit?limit=500", "/events?limit=500")
    return all(secret not in json.dumps(api.owner("GET", path)[1]) for path in paths)


def test_a9_secrets_are_told_once(api: Api):
    status, told = api.role(OP, "POST", "/identities", {"devices": [{"id": "made-1"}]})
    assert status == 201
    [one] = told["made"]
    assert told_once(api, one["password"])
    assert told_once(api, one["server_password"])
    assert api.role(OP, "POST", "/identities", {"devices": [{"id": "made-1"}]}) == (
        201, {"made": [], "known": ["made-1"]},
    )  # fmt: skip
    status, again = api.role(OP, "POST", "/secrets", {"device": "made-1"})
    assert status == 201
    assert {again["password"], again["server_password"]}.isdisjoint(one.values())
    key = {"Idempotency-Key": "k"}
    assert api.role(OP, "POST", "/secrets", {"device": "made-1"}, **key)[0] == 409
    assert api.role(V, "POST", "/secrets", {"device": "made-1"})[0] == 403
    assert api.role(OP, "POST", "/secrets", {"device": "made-no"})[0] == 404


def made_by(api: Api, file: Path, result: Path) -> Any:
    words = ["devices", "make", str(file), "--result", str(result), "-o", "json"]
    return CliRunner().invoke(fumo, [*words, "--data", str(api.process.data)])


def test_a9_a_factory_list_becomes_a_file_of_its_owner_alone(api: Api, tmp_path: Path):
    file, result = tmp_path / "list.csv", tmp_path / "made.csv"
    key = "cd" * 32
    file.write_text(
        f"id,profile,key_sha256,alone\nf-1,,{key},yes\nf-2,,,no\n"
        + "".join(f"n-{number},,,\n" for number in range(450))
    )
    done = made_by(api, file, result)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"made": 452, "known": []}
    assert stat.S_IMODE(result.stat().st_mode) == 0o600
    with result.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["id"] for row in rows][:3] == ["f-1", "f-2", "n-0"]
    secrets = [row[name] for row in rows for name in ("password", "server_password")]
    assert len(set(secrets)) == 904
    assert all(secret not in done.output for secret in secrets)
    bound = api.owner("GET", "/devices/f-1")[1]["device"]["binding"]
    assert bound == {"key_sha256": key, "name": None, "alone": True}
    before = result.read_bytes()
    assert made_by(api, file, result).exit_code == 1, "a file that is there is not written into"
    assert result.read_bytes() == before
    again = made_by(api, file, tmp_path / "again.csv")
    assert len(json.loads(again.stdout)["known"]) == 452


@pytest.mark.parametrize(
    ("text", "why"),
    [("user\nx\n", "names the columns"), ("id,alone\nx-1,perhaps\n", "yes or no"),
     ("id,name,key_sha256\nx-2,n," + "ab" * 32 + "\n", "give one"), ("id\n\0\n", "")],
)  # fmt: skip
def test_a_list_that_means_nothing_makes_nothing(api: Api, tmp_path: Path, text: str, why: str):
    file = tmp_path / "list.csv"
    file.write_text(text)
    done = made_by(api, file, tmp_path / "made.csv")
    assert done.exit_code == 1
    assert why in done.stderr
    assert not (tmp_path / "made.csv").exists(), "the same words may be said again"
    assert api.owner("GET", "/devices/x-1")[0] == 404
