"""Each command once by each way in: it is done, or refused in one line, and never a fault."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from fumo.cli.admin import Admin
from fumo.cli.group import fumo
from tests.server.process import FREE, Process
from tests.server.test_commands import SECRETS, asking

CALLS = {
    "audit": "",
    "campaign approve": "99",
    "campaign create": "--package no --device no --operation update",
    "campaign deny": "99 --reason no",
    "campaign next-group": "99",
    "campaign pause": "99",
    "campaign resume": "99",
    "campaign retry": "99 --on 404",
    "campaign start": "99",
    "campaign status": "",
    "campaign stop": "99",
    "campaign submit": "99",
    "depot collect": "",
    "devices bind": "there --name there*",
    "devices add": " ".join(("one", *SECRETS)),
    "devices bootstrap": "there --url https://dm.example/dm --out there.txt",
    "devices contacts": "there",
    "devices import": "devices.csv",
    "devices list": "--filter tag==lab",
    "devices make": "ids.csv --result made.csv",
    "devices mark": "there --tag lab",
    "devices preview": "tag==lab --package there",
    "devices secrets": "there",
    "devices show": "there",
    "events follow": "--after 0 --count 1",
    "events list": "--kind package.added",
    "incidents list": "--all",
    "incidents seen": "99",
    "notify": "there --to 127.0.0.1:9",
    "operations alerts": "",
    "operations cancel": "99",
    "operations list": "--campaign 99 --device there --filter state==failed",
    "operations show": "99",
    "package add": "devices.csv --raw --name one --version 1",
    "package deltas": "99 --base 98",
    "package list": "",
    "package metadata": "",
    "quotas list": "",
    "quotas set": "users 1000",
    "session end": "",
    "session show": "",
    "tokens add": "ann --lasts 1h",
    "tokens list": "",
    "tokens revoke": "99",
    "users add": "bob --role viewer",
    "users change": "ann --role admin",
    "users list": "",
    "users remove": "bob",
    "webhooks add": "https://fumo.invalid/",
    "webhooks list": "",
    "webhooks pause": "99",
    "webhooks remove": "99",
    "webhooks resume": "99",
    "webhooks rotate": "99",
}
FILES = (".csv", ".txt")
WITH_A_PASSWORD = {"session begin", "session password"}
"""Asked for at the terminal: test_commands types it."""


@pytest.fixture(scope="module")
def server(whose: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server with a user, a device and a package, on each database."""
    process = Process(tmp_path_factory.mktemp("every") / "d", FREE, FREE, *whose)
    admin = Admin(process.data)
    admin.post("/users", {"name": "ann", "role": "admin"})
    secrets = {"user": "u", "password": "p", "server_password": "s"}
    admin.post("/devices", {"id": "there", **secrets})
    about = {"id": 0, "name": "there", "version": "1", "sha256": "ab" * 32, "length": 1}
    admin.post("/packages", about)
    more = ["quotas", "set", "tokens-of-a-user", "1000", "--data", str(process.data)]
    assert CliRunner().invoke(fumo, more).exit_code == 0  # one for each command
    yield process
    process.stop()


@pytest.fixture(params=["socket", "url"])
def way(request: pytest.FixtureRequest, server: Process) -> list[str]:
    if request.param == "socket":
        return ["--data", str(server.data)]
    token = Admin(server.data).post_once("/tokens", {"user": "ann"})["token"]
    return ["--server", f"http://{server.listen}", "--token", token]


def test_every_command_is_in_the_table():
    assert set(CALLS) == set(asking()) - WITH_A_PASSWORD


@pytest.mark.parametrize("words", CALLS)
def test_a_command_is_done_or_refused_in_one_line(words: str, way: list[str], tmp_path: Path):
    file = tmp_path / "devices.csv"
    file.write_text("id,user,password,server_password\na,u,p,s\n")
    (tmp_path / "ids.csv").write_text("id\nb\n")
    said = [str(tmp_path / word) if word.endswith(FILES) else word for word in CALLS[words].split()]
    line = [*words.split(), *said, *way, "-o", "json"]
    done = CliRunner().invoke(fumo, line)
    assert done.exit_code in (0, 1), done.output
    if done.exit_code:
        assert (done.stdout, done.stderr.count("\n")) == ("", 1)
        assert done.stderr.startswith("fumo: ")
    else:
        json.loads(done.stdout)
        assert done.stderr == ""
